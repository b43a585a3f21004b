"""What the inbox shows of a person, kept beside the facts so that a page is one index scan."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from teams.access import Member
from teams.models import Team
from teams.models.team import TeamManager

from .line import Line


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def for_team(self, team: Team) -> "ConversationQuerySet":
        return self.filter(team=team)

    def visible_to(self, member: Member) -> "ConversationQuerySet":
        """The team's, or for those who see only their own: assigned to them, to nobody, or on their line."""
        found = self.for_team(member.team)
        if not member.sees_only_own:
            return found
        return found.filter(Q(assignee=member.user) | Q(assignee=None) | Q(line__holder=member.user))


class Conversation(models.Model):
    """One a contact. Events are keyed by contact, so making one is never a condition for an event."""

    contact = models.OneToOneField(Contact, models.CASCADE, primary_key=True, related_name="conversation")
    team = models.ForeignKey(Team, models.CASCADE)
    # The line of the last inbound event, else of the last outbound one: where an answer goes.
    line = models.ForeignKey(Line, models.PROTECT, null=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # Inbound events that nobody opened yet.
    unread = models.PositiveIntegerField(default=0)
    # Since the first unanswered message or missed call; None = nobody waits.
    waiting_since = models.DateTimeField(null=True)
    # Messages that need a person: failed or uncertain, newest state.
    trouble = models.CharField(
        max_length=10, blank=True, choices=[("failed", "failed"), ("uncertain", "uncertain")]
    )
    last_at = models.DateTimeField()
    # The kind of the last event, for the row's icon: in, out, click, missed, call, qualification, note.
    last_kind = models.CharField(max_length=16)
    # The row's second line: the text, or what the template says for its kind.
    preview = models.CharField(max_length=160, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            # The inbox, newest first, by keyset.
            models.Index(fields=["team", "-last_at", "-contact"], name="conversation_inbox"),
            # Who waits.
            models.Index(
                fields=["team", "-last_at", "-contact"],
                condition=Q(waiting_since__isnull=False),
                name="conversation_waiting",
            ),
            # What failed or is uncertain.
            models.Index(
                fields=["team", "-last_at", "-contact"], condition=~Q(trouble=""), name="conversation_trouble"
            ),
            # Mine and unassigned.
            models.Index(fields=["team", "assignee", "-last_at", "-contact"], name="conversation_assignee"),
        ]

    def __str__(self) -> str:
        return str(self.contact)


class Note(models.Model):
    """A colleague's words about a person, for the team only."""

    team = models.ForeignKey(Team, models.CASCADE)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.TextField(_("note"))
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TeamManager["Note"]] = TeamManager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = [models.Index(fields=["contact", "-happened_at", "-id"], name="note_timeline")]

    def __str__(self) -> str:
        return self.text[:60]
