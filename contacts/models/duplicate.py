"""People who may be one person, and those who were made one."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager

from .contact import Contact


class DuplicatePair(models.Model):
    """A proposal, or the word of a colleague that these are two."""

    class Why(models.TextChoices):
        NUMBER = "number", _("same number, written otherwise")
        EMAIL = "email", _("same e-mail")
        NAME = "name", _("near name, same company")

    team = models.ForeignKey(Team, models.CASCADE)
    # The lower id first, so that a pair stands once.
    first = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    second = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    why = models.CharField(_("why"), max_length=6, choices=Why.choices)
    # 0 to 1; the surest are shown first.
    likeness = models.FloatField(default=1.0)
    found_at = models.DateTimeField(auto_now_add=True)
    # Who said that these are two people; they are not proposed again.
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    dismissed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TeamManager["DuplicatePair"]] = TeamManager()

    class Meta:
        verbose_name = _("duplicate")
        verbose_name_plural = _("duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_order"),
        ]
        indexes = [
            # The proposals, surest first.
            models.Index(
                fields=["team", "-likeness", "-id"],
                condition=Q(dismissed_at=None),
                name="duplicate_proposed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id} {self.why}"


class Merge(models.Model):
    """Two people who became one: what the other was, so that a merge can be understood later."""

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    kept = models.ForeignKey(Contact, models.CASCADE, related_name="merges", verbose_name=_("kept"))
    # Addresses of the person who is gone lead to the one kept.
    gone_id = models.BigIntegerField(_("merged"), unique=True)
    # {"fields": {…}, "phones": […], "tags": […], "lists": […], "consent": …}: the one who is gone.
    gone = models.JSONField(_("what they were"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    happened_at = models.DateTimeField(_("merged at"))

    objects: ClassVar[TeamManager["Merge"]] = TeamManager()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        # An arm of the timeline.
        indexes = [models.Index(fields=["kept", "-happened_at", "-id"], name="merge_timeline")]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"
