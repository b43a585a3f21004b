"""Calls through a line's phone, and what was noted after them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from teams.models.team import TeamManager

from .fact import Fact


class Call(Fact):
    class Direction(models.TextChoices):
        INCOMING = "incoming", _("incoming")
        OUTGOING = "outgoing", _("outgoing")
        MISSED = "missed", _("missed")
        UNKNOWN = "unknown", _("unknown")  # the gateway's title named none of the three

    direction = models.CharField(max_length=8, choices=Direction.choices)
    number = models.CharField(max_length=200, blank=True)
    # Seconds; None where the gateway's writing makes no sense (the raw one is kept).
    duration_s = models.PositiveIntegerField(null=True)
    raw_duration = models.CharField(max_length=64, blank=True)

    objects: ClassVar[TeamManager["Call"]] = TeamManager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        indexes = [
            models.Index(fields=["contact", "-happened_at", "-id"], name="call_timeline"),
            # Hidden callers, in the folder Unknown sender.
            models.Index(
                fields=["team", "-happened_at", "-id"], condition=Q(contact=None), name="call_hidden"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.number}"


class Qualification(Fact):
    """What the holder noted about a call. Later ones stand beside earlier ones; the latest is shown first."""

    class Source(models.TextChoices):
        MOBILE = "mobile", _("from the mobile")
        INTERFACE = "interface", _("from the web")
        UNKNOWN = "unknown", _("unknown")

    # Matched by number and time; None when no call fits.
    call = models.ForeignKey(Call, models.SET_NULL, null=True, related_name="qualifications")
    source = models.CharField(max_length=9, choices=Source.choices)
    text = models.TextField(blank=True)
    number = models.CharField(max_length=200, blank=True)

    objects: ClassVar[TeamManager["Qualification"]] = TeamManager()

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        indexes = [models.Index(fields=["contact", "-happened_at", "-id"], name="qualification_timeline")]

    def __str__(self) -> str:
        return self.text
