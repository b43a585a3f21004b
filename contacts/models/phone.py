"""The numbers of a person. Two people who are merged stay merged when the second number writes."""

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Reverse
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager

from .contact import Contact

# A sender id comes from outside: longer ones are cut, so that the unique index takes them.
NUMBER_LENGTH = 200


class ContactPhone(models.Model):
    # Stands here too, for the unique constraint (whose index serves it) and for one-table look-ups.
    team = models.ForeignKey(Team, models.CASCADE, db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="phones")
    # E.164 ("+33639984217"), or a sender id that is none ("INFO", "36180", an e-mail), as it came.
    number = models.CharField(_("number"), max_length=NUMBER_LENGTH)
    # False for a sender id that is no E.164 number: it can be read, never texted.
    textable = models.BooleanField(_("textable"), default=True)
    is_primary = models.BooleanField(_("primary"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[TeamManager["ContactPhone"]] = TeamManager()

    class Meta:
        verbose_name = _("number")
        verbose_name_plural = _("numbers")
        constraints = [
            # A number belongs to one person of a team: what makes two imports or two callbacks meet.
            models.UniqueConstraint(fields=["team", "number"], name="phone_team_number"),
            # The number that is texted unless another is chosen.
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(is_primary=True), name="phone_one_primary"
            ),
        ]
        indexes = [
            # Search by the last digits.
            models.Index("team", OpClass(Reverse("number"), name="text_pattern_ops"), name="phone_ending"),
        ]

    def __str__(self) -> str:
        return self.number
