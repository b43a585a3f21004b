"""Writes the demo's campaigns: planned and rendered as any campaign is, with what became of each text."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from contacts.models import Contact, ContactList, Segment, Tag
from crm.demo.campaigns import DRAFT, TEMPLATES, Sent, Trouble
from crm.demo.happenings import day
from crm.demo.known import CLIENTS
from sms import merge_fields
from sms.campaigns import counts, plan, writing
from sms.models import Campaign, CampaignLine, Line, Message, MessageTemplate
from sms.sending.judge import Candidate, Template, judge
from sms.sending.windows import hours_of, is_open
from teams.models import Team, User

State = Campaign.State
# How far back a lawful hour is looked for.
FURTHEST = 40


def begins(sent: Sent, team: Team, now: datetime) -> datetime:
    """Ten in the morning of the last day, at least `sent.days` back, on which such texts may leave."""
    hours = hours_of(sent.kind, own=None, team=None, lines=None)
    for days in range(sent.days, FURTHEST):
        at = day(days, "10:00")(now)
        if is_open(hours, at, team.time_zone):
            return at
    raise LookupError("no lawful hour")


class Campaigns:
    """The team's, one after the other. `keys`: what the demo calls its people, by their ids."""

    def __init__(
        self, team: Team, line: Line, colleagues: Mapping[str, User], keys: Mapping[int, str]
    ) -> None:
        self.team, self.line, self.colleagues, self.keys = team, line, colleagues, keys
        self.made: list[Campaign] = []
        self.shared = merge_fields.shared_of(line, team)

    def send(self, sent: Sent, at: datetime) -> dict[int, Message]:
        """As if it had been started then. The texts that left, by contact."""
        by = self.colleagues[sent.by]
        campaign = self._draft(
            sent.name, sent.kind, sent.text, self._audience(sent), by, url=sent.url, pace=sent.pace,
            rest_days=sent.rest_days, state=State.RUNNING, started_by=by, started_at=at,
        )  # fmt: skip
        plan.plan(campaign.pk)
        left = self._leave(sent, campaign, at)
        last = max(message.happened_at for message in left)
        paused = sent.left is not None
        Campaign.objects.filter(pk=campaign.pk).update(
            state=State.PAUSED if paused else State.FINISHED,
            paused_at=last + timedelta(minutes=1) if paused else None,
            paused_by=by if paused else None,
            finished_at=None if paused else last + timedelta(minutes=1),
            expected=Message.objects.filter(campaign=campaign).count(),
            planned_at=at + timedelta(seconds=1),
            created_at=at - timedelta(hours=20),
            updated_at=last + timedelta(minutes=1),
        )
        return {message.contact_id: message for message in left if message.contact_id is not None}

    def write_drafts(self) -> None:
        """A draft that waits for its start, and templates."""
        team, by = self.team, self.colleagues["malik"]
        tags = Tag.objects.for_team(team).filter(name__in=DRAFT["tags"]).order_by("pk")
        include = [
            {"list": ContactList.objects.get(team=team, name=CLIENTS).pk},
            {"segment": Segment.objects.get(team=team, name="Clients à parrainer").pk},
            *({"tag": each.pk} for each in tags),
        ]
        self._draft(DRAFT["name"], DRAFT["kind"], DRAFT["text"], {"include": include, "exclude": []}, by)
        MessageTemplate.objects.bulk_create(
            MessageTemplate(team=team, name=name, text=text, url=url, created_by=by)
            for name, text, url in TEMPLATES
        )

    def count(self) -> None:
        """Once all that people did is written."""
        for campaign in self.made:
            if campaign.state != State.DRAFT:
                counts.refresh(campaign.pk)

    def _draft(
        self, name: str, kind: str, text: str, audience: object, by: User, *, url: str = "", **given: object
    ) -> Campaign:
        campaign = Campaign(team=self.team, name=name, kind=kind, audience=audience, created_by=by, **given)
        writing.set_message(campaign, text, url)
        campaign.save()
        CampaignLine.objects.create(campaign=campaign, line=self.line)
        self.made.append(campaign)
        return campaign

    def _audience(self, sent: Sent) -> dict[str, object]:
        lists = ContactList.objects.for_team(self.team).filter(name__in=sent.lists).order_by("pk")
        tags = Tag.objects.for_team(self.team).filter(name__in=sent.tags).order_by("pk")
        include = [{"list": each.pk} for each in lists] + [{"tag": each.pk} for each in tags]
        before = [{"campaign": self.made[0].pk, "result": sent.without}] if sent.without else []
        return {"include": include, "exclude": before}

    def _leave(self, sent: Sent, campaign: Campaign, at: datetime) -> list[Message]:
        """Each planned text at its moment, as long as it was not paused."""
        rows = list(Message.objects.filter(campaign=campaign).order_by("pk"))
        people = Contact.objects.in_bulk([row.contact_id for row in rows if row.contact_id])
        template = Template(campaign.text, campaign.url, self.shared)
        left: list[Message] = []
        for row in rows:
            row.created_at = row.received_at = row.happened_at = row.due_at = at
            if row.state != Message.State.PLANNED or len(left) == sent.left or row.contact_id is None:
                continue
            person = people[row.contact_id]
            known = {name: getattr(person, name) for name in ("first_name", "last_name", "company", "custom")}
            candidate = Candidate(
                row.pk, row.id_sms_api, row.number, "", campaign.url, row.priority, campaign.pk, 1, "",
                row.contact_id, known,
            )  # fmt: skip
            judged = judge(candidate, template).candidate
            row.text, row.segments, row.attempts = judged.text, judged.segments, 1
            trouble = sent.troubles.get(self.keys[row.contact_id], Trouble("delivered"))
            _became(row, trouble, at + timedelta(seconds=1 + len(left) * 60 / sent.pace))
            left.append(row)
        columns = (
            "state", "state_reason", "text", "segments", "attempts", "created_at", "received_at", "happened_at",
            "due_at", "submitted_at", "sent_at", "delivered_at",
        )  # fmt: skip
        Message.objects.bulk_update(rows, columns)
        return left


def _became(row: Message, trouble: Trouble, at: datetime) -> None:
    row.state, row.state_reason, row.happened_at = trouble.state, trouble.reason, at
    if trouble.state in ("sent", "delivered"):
        row.submitted_at = at + timedelta(milliseconds=400)
        row.sent_at = at + timedelta(seconds=2)
    if trouble.state == "delivered":
        row.delivered_at = at + timedelta(seconds=5)
