"""Fields of the message that are empty for somebody: how many are left out for it, and the way to give a default."""

from dataclasses import dataclass

from contacts.models import Contact
from contacts.segments import find
from sms import merge_fields
from sms.campaigns import audience, blockers, longest
from sms.campaigns.blockers import OF
from sms.campaigns.wizard import figures
from sms.campaigns.wizard.figures import Figures
from sms.campaigns.wizard.preview import Texts
from sms.merge_fields import Compiled
from sms.merge_fields.fields import SENDER, written
from sms.models import Campaign

# In a text with conditions only rendering tells whom a field matters to: so many are rendered.
MOST = 500


@dataclass(frozen=True)
class Lack:
    """`some`: whose it is, where no page of them can be opened. `capped`: there may be more of them."""

    label: str
    count: int
    address: str
    default: str
    some: list[Contact]
    capped: bool = False


def of(texts: Texts, found: Figures) -> list[Lack]:
    """Of the fields that everybody needs, then of those that only some need."""
    if texts.compiled is None or not found.known:
        return []
    campaign = texts.campaign
    lacks = [
        Lack(
            merge_fields.label(key, campaign.team),
            reason.count,
            reason.address,
            default(key),
            [],
            found.capped,
        )
        for reason in found.reasons
        if (key := reason.code.partition(":")[2]) and reason.code.startswith("field_empty:")
    ]
    return lacks + (_in_branches(texts, texts.compiled) if texts.compiled.branches else [])


def nobodys(texts: Texts) -> list[str]:
    """Names of lines that nobody holds, where the text says the sender's name: nobody would get it through them."""
    if texts.compiled is None or SENDER not in texts.compiled.required:
        return []
    return [
        line.name for line, around in zip(texts.lines, texts.around, strict=False) if not around["sender"]
    ]


def default(key: str) -> str:
    """The field with a default that is still to be written: `{{ contact.custom.town | default: "…" }}`."""
    return "{{ " + written(key) + ' | default: "…" }}'


def _in_branches(texts: Texts, compiled: Compiled) -> list[Lack]:
    """By rendering those who get it so far although a field that the text names is empty for them."""
    campaign = texts.campaign
    fields = [key for key in longest.of_person(compiled) if key not in compiled.required]
    if not fields:
        return []
    try:
        people = _without(campaign, fields)
    except find.TakesTooLong:
        return []
    concerned: dict[str, list[Contact]] = {}
    for contact in people[:MOST]:
        try:
            texts.for_person(contact, 0)
        except merge_fields.Empty as lacks:
            concerned.setdefault(lacks.key, []).append(contact)
    capped = len(people) > MOST
    return [
        Lack(merge_fields.label(key, campaign.team), len(some), "", default(key), some[:3], capped)
        for key, some in concerned.items()
    ]


def _without(campaign: Campaign, fields: list[str]) -> list[Contact]:
    people = audience.of(campaign).people(campaign.team)
    named, given = longest.columns(fields)
    nothing = " OR ".join(f"btrim(coalesce({column}, '')) = ''" for column in named)
    statement = f"SELECT c.id {OF} WHERE why.reason = '' AND ({nothing}) ORDER BY c.id LIMIT %(size)s"  # noqa: S608
    with find.within(find.EDITING_S):
        rows = blockers.run(statement, campaign, people, figures.COUNTED, size=MOST + 1, **given)
    return list(Contact.objects.filter(pk__in=[row[0] for row in rows]).order_by("pk"))
