"""The people of a draft one by one: who gets the text, who doesn't and why, a page after the other and back."""

from dataclasses import dataclass

from contacts.segments import find
from sms.campaigns import audience, blockers
from sms.campaigns.blockers import OF
from sms.models import Campaign

PAGE = 50


@dataclass(frozen=True)
class Person:
    """`number`: where it goes, or what stands in its way. `reason`: why they are left out, "" for who gets it."""

    contact_id: int
    number: str
    reason: str


def page(
    campaign: Campaign,
    reason: str | None = "",
    *,
    after: int = 0,
    before: int = 0,
    size: int = PAGE,
    seconds: float = find.EDITING_S,
) -> list[Person]:
    """Those with `reason` ("": who will receive it; None: everybody of the audience), in the order of their ids: the
    first ones behind the contact `after`, or the last ones in front of `before`. Raises find.TakesTooLong.
    """
    found = audience.of(campaign).people(campaign.team)
    found = found.filter(pk__lt=before) if before else found.filter(pk__gt=after)
    statement = (
        f"SELECT c.id, coalesce(p.number, ''), why.reason {OF}"  # noqa: S608 - our names
        f" WHERE {'true' if reason is None else 'why.reason = %(reason)s'}"
        f" ORDER BY c.id {'DESC' if before else 'ASC'} LIMIT %(size)s"
    )
    with find.within(seconds):
        rows = blockers.run(statement, campaign, found, None, reason=reason, size=size)
    people = [Person(*row) for row in rows]
    return people[::-1] if before else people
