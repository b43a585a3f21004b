"""Numbers that must not be texted though nobody has them any more: keyed hashes, which outlive erasure."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager


class Suppression(models.Model):
    class Reason(models.TextChoices):
        OPTED_OUT = "opted_out", _("opted out")
        ERASED = "erased", _("erased")

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    # HMAC-SHA-256 of the E.164 number, or of the raw sender id: contacts/privacy/suppression.py.
    digest = models.BinaryField(max_length=32)
    reason = models.CharField(_("reason"), max_length=9, choices=Reason.choices)
    since = models.DateTimeField(_("since"))

    objects: ClassVar[TeamManager["Suppression"]] = TeamManager()

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppression list")
        constraints = [models.UniqueConstraint(fields=["team", "digest"], name="suppression_digest")]

    def __str__(self) -> str:
        return f"{self.reason} {self.since:%Y-%m-%d}"
