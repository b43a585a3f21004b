"""Campaigns: one text to many people, each of whom has a Message row that says what became of them."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Contact
from teams.models import Team
from teams.models.team import TeamManager

from .line import Line


class Campaign(models.Model):
    class Kind(models.TextChoices):
        COMMERCIAL = "commercial", _("Commercial")  # needs a ground, hours, the sender's name and how to stop
        SERVICE = "service", _("Service")  # about something under way: a delivery, a quote that was asked for
        APPOINTMENT = "appointment", _("Appointment")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("campaign", "Draft")
        SCHEDULED = (
            "scheduled",
            pgettext_lazy("campaign", "Scheduled"),
        )  # its people are fixed, nothing leaves before `starts_at`
        RUNNING = "running", pgettext_lazy("campaign", "Running")
        PAUSED = "paused", pgettext_lazy("campaign", "Paused")  # by a person, or by itself: `paused_reason`
        FINISHED = "finished", pgettext_lazy("campaign", "Finished")  # nobody is left to send to
        CANCELLED = "cancelled", pgettext_lazy("campaign", "Cancelled")

    team = models.ForeignKey(Team, models.CASCADE, verbose_name=_("team"))
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("purpose"), max_length=11, choices=Kind.choices, default=Kind.COMMERCIAL)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)

    # {"include": [{"segment": 1}, {"list": 2}, {"tag": 3}, {"campaign": 4, "result": "clicked"}, {"contacts": [5]}],
    # "exclude": […]}: sms/campaigns/audience.py.
    audience = models.JSONField(_("audience"), default=dict)
    # Whoever was texted in so many days is left out; None: nobody for that.
    rest_days = models.PositiveSmallIntegerField(
        _("rest in days"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    # With merge fields ({{ contact.first_name }}); {link} marks the place of the tracked link.
    text = models.TextField(_("text"), blank=True)
    url = models.CharField(_("tracked link"), max_length=2000, blank=True)
    # Keys of the fields that the text needs of everybody ("first_name", "custom.town"), kept with the text.
    required_fields = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    # None: as soon as it is confirmed.
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    # What did not leave by then is skipped, never sent the next morning.
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    # The hours it keeps, of sms/sending/windows.py; None: those that its kind and its lines have.
    window = models.JSONField(_("hours"), null=True, blank=True)
    # Messages a minute over all of its lines; 0: as its lines allow.
    pace = models.PositiveIntegerField(_("messages a minute"), default=0)
    lines = models.ManyToManyField(
        Line, through="CampaignLine", related_name="campaigns", verbose_name=_("lines")
    )
    # An answer, a call or an opt-out within so many days after the message is the campaign's.
    credit_days = models.PositiveSmallIntegerField(
        _("days of credit"), default=7, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    # The campaign that this one was made after.
    copy_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", verbose_name=_("copy of")
    )

    # Who confirmed it, when, and how many people were to be in it.
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )
    started_at = models.DateTimeField(_("started at"), null=True)
    expected = models.PositiveIntegerField(_("people expected"), default=0)
    # Rows are made in the order of people's ids, a chunk a transaction; planning goes on behind this one.
    planned_to = models.BigIntegerField(default=0, editable=False)
    # One worker plans it, and says so again with each chunk; once this is over another may.
    planner_until = models.DateTimeField(null=True, editable=False)
    # Every row is made.
    planned_at = models.DateTimeField(_("planned at"), null=True)
    # Time zones of its people, as planning found them.
    zones = ArrayField(models.CharField(max_length=64), default=list, blank=True, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("paused by")
    )
    # "" by a person; "failures", "uncertain": sms/campaigns/states.py.
    paused_reason = models.CharField(_("paused reason"), max_length=40, blank=True)
    # Failures before the last resume don't count against it once more.
    resumed_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    # {"states": {"delivered": 951, "skipped:no_consent": 96, …}, "credits": {"clicked": 312, …}, …} as
    # sms/campaigns/counts.py found them at `counted_at`: a page never counts the rows of a campaign.
    counts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[TeamManager["Campaign"]] = TeamManager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        indexes = [
            # The list, newest first.
            models.Index(fields=["team", "-id"], name="campaign_newest"),
            # What the sweep looks after.
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["scheduled", "running", "paused"]),
                name="campaign_alive",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignLine(models.Model):
    """One of the lines that a campaign leaves from."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    line = models.ForeignKey(Line, models.CASCADE, related_name="+")
    # Nothing of this campaign is claimed on this line before: its pace, its hours or the SIM's budget say so. Never far
    # ahead: what a person changes meanwhile counts within minutes.
    not_before = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "line"], name="campaign_line")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.line_id}"


class CampaignCredit(models.Model):
    """What a recipient did because of the campaign's message, as far as time tells: the first of each kind."""

    class Kind(models.TextChoices):
        CLICKED = "clicked", _("Clicked")  # no robot's click
        REPLIED = "replied", _("Replied")
        CALLED = "called", _("Called back")  # they called, or we reached them
        QUALIFIED = "qualified", _("Qualified")
        OPTED_OUT = "opted_out", _("Opted out")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="credits", db_index=False)
    message = models.ForeignKey("sms.Message", models.CASCADE, related_name="credits")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    # When it happened, and how long after the message.
    at = models.DateTimeField()
    after_s = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "kind"], name="credit_message_kind")]
        indexes = [
            # The people behind a number of the report, by keyset; its counts.
            models.Index(fields=["campaign", "kind", "message"], name="credit_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.kind}"
