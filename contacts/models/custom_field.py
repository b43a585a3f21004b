"""What a team knows of its people beyond the fields that everybody has."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from teams.models import Team
from teams.models.team import TeamManager


class CustomField(models.Model):
    class Kind(models.TextChoices):
        TEXT = "text", pgettext_lazy("kind of field", "Text")
        NUMBER = "number", pgettext_lazy("kind of field", "Number")
        DATE = "date", _("Date")
        YES_NO = "yes_no", _("Yes or no")
        CHOICE = "choice", _("One of a list")

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    # Never changes: what values, segments, imports and the API know the field by.
    key = models.CharField(_("key"), max_length=40, validators=[RegexValidator(r"\A[a-z][a-z0-9_]*\Z")])
    label = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.TEXT)
    # Of a choice: what may be chosen, in this order.
    choices = ArrayField(models.CharField(max_length=80), verbose_name=_("choices"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[TeamManager["CustomField"]] = TeamManager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(fields=["team", "key"], name="custom_field_key"),
            # Two columns of one name could not be told apart in a file.
            models.UniqueConstraint(
                "team",
                Lower("label"),
                name="custom_field_label",
                violation_error_message=_("There is a field of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.label
