"""A line: one SIM in one person's phone, reached through the gateway."""

import hashlib
import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from teams.encryption import EncryptedTextField
from teams.models import Team
from teams.models.team import TeamManager, default_time_zone


def hash_of(token: str) -> str:
    """What is stored of a callback token: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


class Line(models.Model):
    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        # Its messages stay queued; nothing fails. Lifted by "Test and resume" or by the API.
        HELD = "held", _("Held")

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    name = models.CharField(_("name"), max_length=80)
    # The SIM's own number, E.164; empty while unknown.
    number = models.CharField(_("number"), max_length=20, blank=True)
    # One SIM, one named holder.
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("holder"),
        related_name="lines",
    )

    # How the gateway is reached (wire: Endpoints). The key is never shown, logged or part of an error page.
    login = models.CharField(_("login"), max_length=254)
    access_key = EncryptedTextField(_("access key"))
    base_url = models.CharField(_("base URL"), max_length=200, default="https://www.ardary-sms.com")
    send_path = models.CharField(_("path for sending"), max_length=100, default="/api/sendSms")
    contact_path = models.CharField(_("path for the address book"), max_length=100, default="/api/contact")
    marker = models.CharField(_("place of the tracked link"), max_length=30, default="[Lien_Tracking]")
    # The gateway answers but sends nothing ("mode": "test").
    test_mode = models.BooleanField(_("test mode"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=64, default=default_time_zone)
    # Messages a minute; 0 = as fast as the gateway takes them. One every 20 s is a pace a human could keep.
    pace = models.PositiveIntegerField(_("messages a minute"), default=3)
    # When campaigns may leave through it, of sms/sending/windows.py; None: at any hour that their kind allows.
    window = models.JSONField(_("hours"), null=True, blank=True)
    # What the SIM's plan bears, 0 = no limit: texts a day of everybody, and people texted a calendar month. Campaigns
    # keep to it; what a person writes counts, and leaves.
    day_budget = models.PositiveIntegerField(_("texts a day"), default=0)
    month_budget = models.PositiveIntegerField(_("people a month"), default=0)
    # Texts that left on `sent_on`, the phone's day; kept while there is a budget a day.
    sent_on = models.DateField(null=True, editable=False)
    sent_today = models.PositiveIntegerField(default=0, editable=False)
    # Whom the line's holder talks with is pushed to the phone's address book, so that a call shows a name.
    push_contacts = models.BooleanField(_("fill the phone's address book"), default=False)
    # When an admin accepted that this SIM sends by program, and who.
    automation_accepted_at = models.DateTimeField(
        _("automation accepted at"), null=True, blank=True, editable=False
    )
    automation_accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("automation accepted by"),
    )

    # The callback URL's secret: looked up by its hash, shown to admins from the encrypted copy.
    callback_token_hash = models.CharField(max_length=64, unique=True, editable=False)
    callback_token = EncryptedTextField(editable=False)

    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    # Why it is held: a code of sms.gateway.results.HeldReason, or "by_hand".
    held_reason = models.CharField(_("held reason"), max_length=40, blank=True, editable=False)
    # The gateway's own words, cut, shown as text only.
    held_detail = models.CharField(_("held detail"), max_length=300, blank=True, editable=False)
    held_at = models.DateTimeField(_("held at"), null=True, editable=False)

    # Back-off: nothing is claimed before; set after a refused connection or a 429.
    not_before = models.DateTimeField(_("not before"), null=True, editable=False)
    # Requests in a row that provably reached nobody; five open the circuit.
    failures = models.PositiveIntegerField(_("failures"), default=0, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)
    # Halved when the gateway refuses a whole request, doubled by each that passes.
    batch_limit = models.PositiveIntegerField(default=0, editable=False)
    # When the next message may leave, by the pace.
    pace_at = models.DateTimeField(null=True, editable=False)

    # The lease: one sender at a time, by the database's clock.
    sender = models.CharField(max_length=80, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    last_callback_at = models.DateTimeField(_("last callback at"), null=True, editable=False)
    last_submitted_at = models.DateTimeField(_("last submitted at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[TeamManager["Line"]] = TeamManager()

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="line_team_name")]

    def __str__(self) -> str:
        return self.name

    def new_callback_token(self) -> None:
        """Gives the line a new secret of 192 random bits, of [A-Za-z0-9_-] only (wire: Callbacks)."""
        self.callback_token = secrets.token_urlsafe(24)
        self.callback_token_hash = hash_of(self.callback_token)

    @property
    def callback_path(self) -> str:
        return f"/cb/{self.callback_token}"

    @property
    def is_sandbox(self) -> bool:
        return bool(settings.SANDBOX_URL) and self.base_url.rstrip("/") == settings.SANDBOX_URL


class LineRecipient(models.Model):
    """Somebody who was texted through a line in a month; kept while the line has a budget of people."""

    line = models.ForeignKey(Line, models.CASCADE, related_name="+", db_index=False)
    # The first day of the month, where the phone is.
    month = models.DateField()
    number = models.CharField(max_length=200)

    class Meta:
        constraints = [
            # A person counts once a month, however often they are texted; its index counts them.
            models.UniqueConstraint(fields=["line", "month", "number"], name="line_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.month:%Y-%m}"


class GatewayHost(models.Model):
    """A host that lines may reach beside those of the settings: each one an admin connected on purpose."""

    host = models.CharField(_("host"), max_length=253, unique=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)

    class Meta:
        verbose_name = _("gateway host")
        verbose_name_plural = _("gateway hosts")

    def __str__(self) -> str:
        return self.host
