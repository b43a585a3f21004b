"""From what a program asked for to a draft, and to changes of one."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone, translation

from contacts.models import Contact
from crm.api.campaign_forms import CampaignAsked, CampaignChange
from crm.api.contact_references import Problems
from crm.api.drafts import LinesOfTeam
from crm.api.errors import ApiError, Invalid, NotFound
from sms import merge_fields
from sms.campaigns import writing
from sms.campaigns.audience import Audience, Item, Wrong
from sms.gateway.texts import LINK_PLACE
from sms.merge_fields.reading import LONGEST_SOURCE
from sms.models import Campaign, CampaignLine
from teams import audit, live
from teams.access import Member
from teams.models import Team

# The short ways to say whom it is for.
_SHORT = ("segment", "list", "tag", "contacts")
_ONE = "Say whom it is for: segment, list, tag, contacts or audience, one of them."
# What a paused campaign takes: who waits gets the new text.
WHILE_PAUSED = {"text", "url"}
# Columns that are set as they were given; of those that may be empty, null empties.
_PLAIN = ("name", "kind", "pace", "credit_days")
_EMPTIED = {"rest_days": "rest_days", "send_at": "starts_at", "expires_at": "expires_at", "window": "window"}


def make(member: Member, asked: CampaignAsked) -> Campaign:
    """A new draft. Raises Invalid."""
    if not _named(asked):
        raise Invalid({"audience": _ONE})
    made = Campaign(team=member.team, created_by=member.user)
    with transaction.atomic():
        _write(member, made, asked)
        made.save()
        _set_lines(member, made, asked.lines)
        audit.record(member.team, "campaign.created", made, actor=member.user, name=made.name)
        live.announce([member.team.pk])
    return made


def change(member: Member, campaign_id: int, asked: CampaignChange) -> None:
    """Raises Invalid, NotFound, and ApiError 409 for what can't be changed any more."""
    given = asked.model_fields_set
    with transaction.atomic():
        rows = Campaign.objects.for_team(member.team).select_for_update(of=("self",)).select_related("team")
        held = rows.filter(pk=campaign_id).first()
        if held is None:
            raise NotFound
        _refuse_fixed(held, given)
        columns = _write(member, held, asked)
        if columns:
            held.save(update_fields=[*columns, "updated_at"])
        if asked.lines is not None:
            _set_lines(member, held, asked.lines)
        if held.state == Campaign.State.PAUSED and columns:
            audit.record(member.team, "campaign.rewritten", held, actor=member.user)
        live.announce([member.team.pk])


def _refuse_fixed(held: Campaign, given: Iterable[str]) -> None:
    if held.state == Campaign.State.DRAFT:
        return
    if fixed := set(given) - (WHILE_PAUSED if held.state == Campaign.State.PAUSED else set()):
        raise ApiError(
            409,
            "not_a_draft",
            f"The campaign is {held.state}.",
            dict.fromkeys(sorted(fixed), "This can be changed in a draft only."),
        )


def _write(member: Member, row: Campaign, asked: CampaignAsked | CampaignChange) -> list[str]:
    """Sets what was given; the names of the columns that were set. Not the lines."""
    columns = []
    for name in _PLAIN:
        if (value := getattr(asked, name)) is not None:
            setattr(row, name, value)
            columns.append(name)
    for name, column in _EMPTIED.items():
        if name in asked.model_fields_set:
            setattr(row, column, getattr(asked, name))
            columns.append(column)
    if {"send_at", "expires_at"} & asked.model_fields_set:
        _refuse_late(row, asked)
    if (found := _audience(member.team, row, asked)) is not None:
        row.audience = found.as_json()
        columns.append("audience")
    if asked.text is not None or asked.url is not None or "kind" in columns:
        _set_message(row, asked)
        columns += writing.MESSAGE
    return columns


def _refuse_late(row: Campaign, asked: CampaignAsked | CampaignChange) -> None:
    begins = max(row.starts_at or timezone.now(), timezone.now())
    if row.expires_at is not None and row.expires_at <= begins:
        name = "expires_at" if asked.expires_at is not None else "send_at"
        raise Invalid({name: "Sending would stop before it begins."})


def _set_message(row: Campaign, asked: CampaignAsked | CampaignChange) -> None:
    text = row.text if asked.text is None else asked.text
    url = row.url if asked.url is None else asked.url
    if LINK_PLACE in text and not url:
        raise Invalid({"url": "The text says {link}: give the address that stands there."})
    try:
        with translation.override("en"):
            merge_fields.checked(text, row.team)
        writing.set_message(row, text, url)
    except merge_fields.Wrong as wrong:
        raise Invalid({"text": str(wrong)}) from None
    if len(row.text) > LONGEST_SOURCE:
        raise Invalid({"text": "With what a commercial text has to say, it is too long."})


def _set_lines(member: Member, row: Campaign, named: Sequence[int | str]) -> None:
    known = LinesOfTeam(member, named)
    problems = Problems(lambda _, field: field)
    ids = []
    for number, each in enumerate(named):
        line = known.find(each)
        if line is None:
            problems.add(0, f"lines.{number}", "The team has no such line.")
        else:
            ids.append(line.pk)
    problems.refuse()
    CampaignLine.objects.filter(campaign=row).exclude(line__in=ids).delete()
    CampaignLine.objects.bulk_create(
        [CampaignLine(campaign=row, line_id=line) for line in sorted(set(ids))], ignore_conflicts=True
    )


def _named(asked: CampaignAsked | CampaignChange) -> list[str]:
    return [name for name in (*_SHORT, "audience") if getattr(asked, name) is not None]


def _audience(team: Team, row: Campaign, asked: CampaignAsked | CampaignChange) -> Audience | None:
    """As it will be; None: it stays as it is. Raises Invalid."""
    named = _named(asked)
    if len(named) > 1:
        raise Invalid(dict.fromkeys(named[1:], _ONE))
    if asked.audience is not None and asked.exclude is not None:
        raise Invalid({"exclude": "Put it into `audience`."})
    if not named and asked.exclude is None:
        return None
    data: dict[str, Any] = {"include": [], "exclude": []} | row.audience
    if asked.audience is not None:
        data = asked.audience
    elif named:
        data["include"] = [{named[0]: getattr(asked, named[0])}]
    if asked.exclude is not None:
        data["exclude"] = asked.exclude
    places = _Places(named[0] if named else "")
    try:
        with translation.override("en"):
            found = Audience.parse(data, team)
    except Wrong as wrong:
        raise Invalid({places.of(key): sentence for key, sentence in wrong.problems.items()}) from None
    if not found.include:
        raise Invalid({"audience": _ONE})
    _refuse_strangers(team, found, places)
    return found


class _Places:
    """Where a part of an audience stands in the body: `include.0` is `segment`, or `audience.include.0`."""

    def __init__(self, named: str) -> None:
        self.named = named

    def of(self, key: str) -> str:
        if self.named == "audience":
            return key if key == "audience" else f"audience.{key}"
        return (self.named or "audience") if key.startswith("include") else key

    def contact(self, side: str, number: int, place: int) -> str:
        part = self.of(f"{side}.{number}")
        return f"{part}.{place}" if part == "contacts" else f"{part}.contacts.{place}"


def _refuse_strangers(team: Team, found: Audience, places: _Places) -> None:
    """Contacts that the team does not have: a program that counts on them would reach fewer than it believes."""
    sides: list[tuple[str, Sequence[Item]]] = [("include", found.include), ("exclude", found.exclude)]
    ids = {each for _, items in sides for item in items for each in item.contacts}
    if not ids:
        return
    asked = RawSQL("SELECT unnest(%s::bigint[])", [sorted(ids)])  # noqa: S611 - no text of anybody's
    strangers = ids - set(Contact.objects.for_team(team).filter(pk__in=asked).values_list("pk", flat=True))
    problems = Problems(lambda _, field: field)
    for side, items in sides if strangers else ():
        for number, item in enumerate(items):
            for place, each in enumerate(item.contacts):
                if each in strangers:
                    problems.add(0, places.contact(side, number, place), "The team has no such contact.")
    problems.refuse()
