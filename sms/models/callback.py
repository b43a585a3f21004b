"""What the gateway called us with, as it came, and which facts are known already."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager

from .line import Line


class Callback(models.Model):
    class State(models.TextChoices):
        RECEIVED = "received", _("Received")  # stored, not looked at yet
        APPLIED = "applied", _("Applied")  # its facts exist, or existed already
        PARKED = "parked", _("Parked")  # names a message that isn't known yet
        QUARANTINED = "quarantined", _("Quarantined")  # can't be understood; kept, replayable

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    line = models.ForeignKey(Line, models.CASCADE, related_name="callbacks", verbose_name=_("line"))
    # The exact bytes after "?".
    query = models.BinaryField()
    state = models.CharField(_("state"), max_length=11, choices=State.choices, default=State.RECEIVED)
    # Why it is quarantined, or that it was a duplicate.
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    # The message id that it waits for.
    parked_for = models.CharField(_("parked for"), max_length=64, blank=True)
    # The part of a callback with several parts that fared otherwise than the rest.
    part_of = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="parts", verbose_name=_("part of")
    )
    # Whose it is (sms/callbacks/about.py): 0 where only the bytes tell, NULL as long as nobody looked.
    about = models.BigIntegerField(null=True, editable=False)
    received_at = models.DateTimeField(_("received at"))
    applied_at = models.DateTimeField(_("applied at"), null=True)

    objects: ClassVar[TeamManager["Callback"]] = TeamManager()

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        indexes = [
            # The drain, in order of arrival.
            models.Index(fields=["id"], condition=Q(state="received"), name="callback_received"),
            # A message appears: which callbacks wait for it?
            models.Index(fields=["line", "parked_for"], condition=Q(state="parked"), name="callback_parked"),
            # The admin's and the API's lists.
            models.Index(fields=["team", "state", "-id"], name="callback_team_state"),
            # One person's, when they are erased or want to see what is kept of them.
            models.Index(fields=["team", "about"], name="callback_about"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class KnownEvent(models.Model):
    """A fact is made once: the gate is this table's unique index."""

    line = models.ForeignKey(Line, models.CASCADE)
    # SHA-256 of the canonical payload (kind and sorted keys).
    digest = models.BinaryField(max_length=32)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "digest"], name="known_event_unique")]

    def __str__(self) -> str:
        return bytes(self.digest).hex()
