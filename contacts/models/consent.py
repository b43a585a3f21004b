"""What a person allowed and refused, each change with where it came from."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager

from .contact import Contact


class ConsentChange(models.Model):
    class Kind(models.TextChoices):
        OPT_OUT = "opt_out", _("opted out")
        OPT_IN = "opt_in", _("opted in again")

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="consent_changes", verbose_name=_("contact")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    # Where it came from: "sms", "rep".
    source = models.CharField(_("source"), max_length=16)
    # The words themselves: the text that said STOP.
    wording = models.TextField(_("wording"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    happened_at = models.DateTimeField(_("happened at"))
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)

    objects: ClassVar[TeamManager["ConsentChange"]] = TeamManager()

    class Meta:
        verbose_name = _("consent change")
        verbose_name_plural = _("consent changes")
        indexes = [
            # An arm of the timeline.
            models.Index(fields=["contact", "-happened_at", "-id"], name="consent_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.kind}"
