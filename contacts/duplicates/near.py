"""Who may be the one that is about to be added or was just changed: a word of warning while it is written.

The same three reasons as a scan of the team, asked of indexes for one person: three statements at most.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, FloatField, Func, Q, QuerySet, Value
from django.db.models.functions import Concat, Lower, Reverse

from contacts.duplicates.find import NEAR, same_number
from contacts.models import Contact, ContactPhone, DuplicatePair
from contacts.models.contact import SORT_COMPANY
from contacts.models.unaccent import Unaccent
from teams.models import Team

MOST = 3
# Of a company of thousands not everybody is compared: the scan of the night sees the rest.
COLLEAGUES = 2000

Why = DuplicatePair.Why


class _Similarity(Func):
    """pg_trgm's, of any two expressions."""

    function = "similarity"
    output_field = FloatField()


@dataclass(frozen=True)
class Near:
    """Somebody who may be the same, and why (a DuplicatePair.Why)."""

    contact: Contact
    why: str
    likeness: float


def near(
    team: Team,
    *,
    first_name: str = "",
    last_name: str = "",
    company: str = "",
    email: str = "",
    numbers: Iterable[str] = (),
    but: int | None = None,
) -> list[Near]:
    """At most MOST people, the surest first. `numbers` as stored or as typed; `but`: the person themselves."""
    surest: dict[int, tuple[float, str]] = {}
    for contact_id in _by_number(team, numbers):
        surest[contact_id] = 1.0, Why.NUMBER
    if email.strip():
        for contact_id in _by_email(team, email):
            surest.setdefault(contact_id, (0.9, Why.EMAIL))
    name = " ".join(f"{first_name} {last_name}".split())
    if name and company.strip():
        for contact_id, likeness in _by_name(team, name, company):
            surest.setdefault(contact_id, (0.9 * likeness, Why.NAME))
    if but is not None:
        surest.pop(but, None)
    ids = sorted(surest, key=lambda each: (-surest[each][0], each))[:MOST]
    people = Contact.objects.for_team(team).prefetch_related("phones").in_bulk(ids)
    return [Near(people[each], surest[each][1], surest[each][0]) for each in ids if each in people]


def of(contact: Contact) -> list[Near]:
    """Who may be this person too."""
    return near(
        contact.team,
        first_name=contact.first_name,
        last_name=contact.last_name,
        company=contact.company,
        email=contact.email,
        numbers=[phone.number for phone in contact.phones.all()],
        but=contact.pk,
    )


def _by_number(team: Team, numbers: Iterable[str]) -> list[int]:
    """People with another writing of one of these numbers, found by its last digits."""
    written = [number for number in numbers if sum(each.isdigit() for each in number) >= 7]
    ends = Q()
    for number in written:
        digits = "".join(each for each in number if each.isdigit())
        pairs = digits[-6:-4], digits[-4:-2], digits[-2:]
        for end in (digits[-7:], *(between.join(pairs) for between in (" ", ".", "-", "/"))):
            ends |= Q(backwards__startswith=end[::-1])
    if not written:
        return []
    found = ContactPhone.objects.for_team(team).annotate(backwards=Reverse("number")).filter(ends)
    return [
        contact_id
        for contact_id, number in found.values_list("contact_id", "number")[:200]
        if any(
            same_number(number, each, team.region) or same_number(each, number, team.region)
            for each in written
        )
    ]


def _by_email(team: Team, email: str) -> list[int]:
    mails = Contact.objects.for_team(team).exclude(email="").annotate(mail=Lower("email"))
    # Without an order: by the primary key the planner would read everybody to find the first of them.
    same = mails.filter(mail=email.strip().lower()).order_by()
    return sorted(same.values_list("pk", flat=True)[: 2 * MOST])


def _by_name(team: Team, name: str, company: str) -> QuerySet[Contact, tuple[int, float]]:
    plain = Unaccent(Lower(Value(" ".join(company.split()))))
    colleagues = Contact.objects.for_team(team).annotate(at=SORT_COMPANY).filter(at=plain)
    whole = Unaccent(Lower(Concat(F("first_name"), Value(" "), F("last_name"))))
    return (
        Contact.objects.filter(pk__in=colleagues.order_by().values("pk")[:COLLEAGUES])
        .annotate(likeness=_Similarity(whole, Unaccent(Lower(Value(name)))))
        .filter(likeness__gte=NEAR)
        .order_by("-likeness", "pk")
        .values_list("pk", "likeness")[: 2 * MOST]
    )
