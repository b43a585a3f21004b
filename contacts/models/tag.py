"""Words that a team puts on people."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager

from .unaccent import Unaccent


class Tag(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    name = models.CharField(_("name"), max_length=60)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[TeamManager["Tag"]] = TeamManager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [
            # "Rénovation" and "renovation" are one tag, whoever types it.
            models.UniqueConstraint(
                "team",
                Unaccent(Lower("name")),
                name="tag_team_name",
                violation_error_message=_("There is a tag of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ContactTag(models.Model):
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="+")
    # The import that put it there, which can be taken back.
    imported_by = models.ForeignKey("contacts.Import", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "tag"], name="contact_tag")]
        # Who has this tag.
        indexes = [models.Index(fields=["tag", "contact"], name="tag_contact")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.tag_id}"
