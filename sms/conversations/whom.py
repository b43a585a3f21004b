"""Whom a first message is to: a number, or somebody by their name."""

from django.utils.translation import gettext as _

from contacts import phones
from contacts.models import Contact, ContactPhone
from contacts.models.contact import ContactQuerySet
from contacts.people import search
from contacts.people.resolve import find
from sms.conversations import compose, inbox
from sms.models import Conversation
from teams.access import Member

# So many people are offered for what was typed as a name.
MOST_PEOPLE = 8


def people(member: Member, words: str) -> list[dict[str, str]]:
    """People whom `words` may mean, with the number that is texted."""
    return _offered(member, search.people(member.team, words)[0]) if len(words.strip()) > 1 else []


def _offered(member: Member, found: ContactQuerySet) -> list[dict[str, str]]:
    return [
        {
            "name": each.name,
            "number": str(number),
            "shown": phones.display(str(number), member.team.region),
        }
        for each in found.annotate(number=inbox.number_of("pk"))
        .filter(number__startswith="+")
        .order_by("last_name", "first_name", "id")[:MOST_PEOPLE]
        if (number := getattr(each, "number", ""))
    ]


def whom(member: Member, words: str) -> tuple[str | None, list[dict[str, str]]]:
    """The number that `words` mean: one themselves, or the one contact called so; else those to choose from."""
    if number := phones.normalise(words, member.team.region):
        return number, []
    # Who is only written nearly so, or found by a tag, is offered and never taken for granted.
    called = Contact.objects.for_team(member.team).matching(words)
    named = _offered(member, called) if len(words.strip()) > 1 else []
    return (named[0]["number"], []) if len(named) == 1 else (None, named or people(member, words))


def refusal(member: Member, number: str) -> str:
    """Why this member cannot write to `number`, or ""."""
    known = find([(member.team.pk, number)]).get((member.team.pk, number))
    if known is None:
        return ""
    seen = Conversation.objects.visible_to(member).filter(contact=known.contact_id)
    if not seen.exists() and Conversation.objects.filter(contact=known.contact_id).exists():
        return _("A colleague looks after this person.")
    if known.opted_out:
        person = with_number(member, number)
        return compose.opted_out_sentence(person) if person else ""
    return ""


def with_number(member: Member, number: str) -> Contact | None:
    """The contact who has `number`; None where nobody has."""
    found = ContactPhone.objects.for_team(member.team).select_related("contact").filter(number=number).first()
    return found.contact if found else None
