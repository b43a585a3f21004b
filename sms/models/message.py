"""Texts, both ways, and the clicks on their links. The queue is this table."""

import secrets
import string
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from teams.models import Team
from teams.models.team import TeamManager

from .attempt import SendAttempt
from .campaign import Campaign
from .fact import Fact

_ID_ALPHABET = string.ascii_letters + string.digits


def new_id_sms_api() -> str:
    """Our own id of a message: 15 characters of [A-Za-z0-9], as in the gateway's samples (89 bits)."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(15))


class Message(Fact):
    class Direction(models.TextChoices):
        IN = "in", _("received")
        OUT = "out", _("sent")

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")  # theirs
        PLANNED = "planned", _("Planned")  # a campaign's, not yet claimed; its text is written at the claim
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being handed over")  # claimed; a killed sender's become uncertain
        SUBMITTED = "submitted", _("Handed to the phone")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        UNCERTAIN = "uncertain", _("Uncertain")  # the request may have been accepted
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Not sent")
        CANCELLED = "cancelled", _("Cancelled")

    # No sender has it yet: it can be cancelled, and a STOP skips it.
    WAITING = (State.QUEUED, State.PLANNED)

    class Lane(models.IntegerChoices):
        CONVERSATION = 0, _("conversation")  # a person wrote it: never waits behind a program
        API = 1, _("API")
        CAMPAIGN = 2, _("campaign")  # behind everything else

    class Priority(models.IntegerChoices):
        LOW = 0, _("low")
        NORMAL = 1, _("normal")
        HIGH = 2, _("high")

    # Each state of a row is written to every index: what is null in most rows is indexed where it is not, and an index
    # that begins with the team serves the team as well.
    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"), db_index=False)
    # Of an outgoing one, `happened_at` is when it was written, then when it left.
    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices)
    # E.164 of the person, or the raw sender id; "" when there was none.
    number = models.CharField(_("number"), max_length=200, blank=True)
    text = models.TextField(_("text"))
    # The tracked link of this message; its place is marked {link} in the text.
    url = models.CharField(_("tracked link"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    # Why: opted_out, not_textable, the gateway's words …
    state_reason = models.CharField(_("state reason"), max_length=300, blank=True)

    # Ours, given before the request leaves, so that a lost answer can still be matched. "" for incoming.
    id_sms_api = models.CharField(_("id_sms_api"), max_length=64, blank=True)
    # The gateway's, where it replaced ours.
    gateway_id = models.CharField(_("gateway id"), max_length=64, blank=True)
    lane = models.PositiveSmallIntegerField(_("lane"), choices=Lane.choices, default=Lane.CONVERSATION)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    # The campaign that it is part of; its row stays whatever becomes of it.
    campaign = models.ForeignKey(
        Campaign,
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="messages",
        verbose_name=_("campaign"),
    )
    # Of a campaign's: the time zone whose hours it keeps (sms/sending/places.py).
    zone = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    # Segments as counted by us; the gateway's own figure replaces it when it answers.
    segments = models.PositiveSmallIntegerField(_("segments"), default=1)
    # Not before: "send later".
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    # Answers someone who wrote after their STOP: the reason, recorded.
    override_reason = models.CharField(_("override reason"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    # The sender that holds it in `sending`; checked when the answer is written down.
    claimed_by = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    attempt = models.ForeignKey(
        SendAttempt,
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="messages",
        verbose_name=_("attempt"),
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    # The uncertain message that this one repeats, on a person's decision.
    resend_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("resend of")
    )
    # When a person chose "Leave" for an uncertain message.
    left_at = models.DateTimeField(_("left at"), null=True)

    objects: ClassVar[TeamManager["Message"]] = TeamManager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            # A status is looked up within the line that the callback's token names.
            models.UniqueConstraint(
                fields=["line", "id_sms_api"], condition=~Q(id_sms_api=""), name="message_line_id_sms_api"
            ),
            # However often planning begins anew, a number gets a campaign once. By number, since two people of one
            # campaign may become one.
            models.UniqueConstraint(
                fields=["campaign", "number"],
                condition=Q(campaign__isnull=False) & ~Q(number=""),
                name="message_campaign_number",
            ),
            models.UniqueConstraint(
                fields=["resend_of"], condition=Q(resend_of__isnull=False), name="message_resent_once"
            ),
        ]
        indexes = [
            # An arm of the timeline, by keyset.
            models.Index(fields=["contact", "-happened_at", "-id"], name="message_timeline"),
            # The claim: by lane, then due time.
            models.Index(
                fields=["line", "lane", "due_at", "id"], condition=Q(state="queued"), name="message_queue"
            ),
            # A campaign's next ones on a line, hours by hours.
            models.Index(
                fields=["line", "campaign", "zone", "id"],
                condition=Q(state="planned"),
                name="message_planned",
            ),
            # The people behind a number of a campaign's report, and its counts.
            models.Index(
                fields=["campaign", "state", "id"],
                condition=Q(campaign__isnull=False),
                name="message_campaign_state",
            ),
            # Whom a campaign left out, reason by reason.
            models.Index(
                fields=["campaign", "state_reason", "id"],
                condition=Q(campaign__isnull=False, state="skipped"),
                name="message_campaign_reason",
            ),
            # What a killed sender left behind.
            models.Index(fields=["line"], condition=Q(state="sending"), name="message_in_flight"),
            # A status under the gateway's own id.
            models.Index(
                fields=["line", "gateway_id"], condition=~Q(gateway_id=""), name="message_gateway_id"
            ),
            # The API's list by state, and what needs a person.
            models.Index(fields=["team", "state", "-id"], name="message_team_state"),
            # The API's list of all.
            models.Index(fields=["team", "-id"], name="message_team_newest"),
            # The folder Unknown sender.
            models.Index(
                fields=["team", "-happened_at", "-id"],
                condition=Q(contact=None),
                name="message_without_sender",
            ),
            # Failed or uncertain, and nobody decided yet. A campaign's are decided in its report: they would bury those
            # that somebody wrote.
            models.Index(
                fields=["contact", "-id"],
                condition=Q(state__in=["failed", "uncertain"], left_at=None, campaign=None),
                name="message_trouble",
            ),
            # Segments: who was texted, who wrote in the last days. Rows come by time, so that the days of a segment
            # are a few ranges of the table; it costs writing next to nothing.
            BrinIndex(fields=["happened_at"], name="message_when", pages_per_range=64, autosummarize=True),
            # Segments: who ever wrote, and who is silent, without a look at the table.
            models.Index(
                fields=["contact", "-happened_at"], condition=Q(direction="in"), name="message_from_them"
            ),
            # A request's messages, and a colleague's, for when one of them is deleted.
            models.Index(fields=["attempt"], condition=Q(attempt__isnull=False), name="message_attempt"),
            models.Index(fields=["created_by"], condition=Q(created_by__isnull=False), name="message_author"),
            # What waits for a person who says STOP.
            models.Index(
                fields=["contact"],
                condition=Q(state__in=["queued", "planned"]),
                name="message_waiting_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.number} {self.state}"


class Click(Fact):
    """Someone, or a preview robot, opened the tracked link of a message."""

    # None: the gateway named no message.
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="clicks")
    id_sms_api = models.CharField(max_length=64, blank=True)
    # As it came, the original or the short one: shown as text, never as an address to follow.
    link = models.TextField(blank=True)
    # Within seconds of the delivery, or several at once: kept, and left out of rates.
    doubtful = models.BooleanField(default=False)

    objects: ClassVar[TeamManager["Click"]] = TeamManager()

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        indexes = [
            models.Index(fields=["contact", "-happened_at", "-id"], name="click_timeline"),
            # Several at once on one message.
            models.Index(fields=["message", "happened_at"], name="click_message"),
            # Robots' clicks behind a campaign's report: few among very many.
            models.Index(fields=["message"], condition=Q(doubtful=True), name="click_doubtful"),
        ]

    def __str__(self) -> str:
        return self.link
