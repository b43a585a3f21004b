"""Finding people by whatever one knows of them: a name, a company, an e-mail, a number, a tag.

Each way goes through an index of its own; one condition over several tables would read all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Lower, Reverse, StrIndex
from django.db.models.lookups import GreaterThan, IsNull

from contacts import phones
from contacts.models import Contact, ContactPhone, ContactTag, Tag
from contacts.models.contact import ContactQuerySet
from contacts.models.unaccent import Unaccent
from teams.models import Team

# Fewer digits than these begin, and end, half of all numbers of a country.
DIGITS_THAT_TELL = 4
# Digits that look like a beginning ("06 39") are an ending too when they are at least as many.
DIGITS_OF_AN_ENDING = 6
# A shorter word is a beginning: it has no trigram that the index could look for in the middle of a word.
LETTERS_OF_A_PART = 3
# So many people on one way are many: its people are not listed any more.
MANY = 500
TAGS = 50
# How many are offered where nobody is called exactly so, most alike first.
NEAR = 20


def people(team: Team, words: str) -> tuple[ContactQuerySet, bool]:
    """Those who match; where nobody does, those who are written nearly so, and True. For pickers."""
    found = exact(team, words)
    if not words.strip() or found.exists():
        return found, False
    return Contact.objects.for_team(team).filter(pk__in=near(team, words)), True


def exact(team: Team, words: str) -> ContactQuerySet:
    """The team's people who match; "" is everybody. At most two statements, which look beside the names."""
    return Contact.objects.for_team(team).filter(matching(team, words))


def matching(team: Team, words: str) -> Q:
    """Names, companies and e-mails that hold every word, whatever the accents and case; numbers by their
    first digits or their last ones, however they are written; tags of this name.
    """
    words = " ".join(words.replace("\0", " ").split())
    if not words:
        return Q()
    return _named(team, words) | _beside(team, words)


def _named(team: Team, words: str) -> Q:
    if _digits(words) and phones.beginnings(words, team.region):
        # A number in pieces; a company may be called "Studio 2000" all the same.
        return Q(search_text__contains=Unaccent(Lower(Value(words))))
    several = words.split()
    long = any(len(word) >= LETTERS_OF_A_PART for word in several)
    named = Q()
    for word in several:
        named &= _holding(word, by_index=not long)
    return named


def near(team: Team, words: str) -> list[int]:
    """Ids of those whose name, company or e-mail is written nearly so, most alike first; at most NEAR."""
    words = " ".join(words.replace("\0", " ").split())
    if sum(each.isalpha() for each in words) < LETTERS_OF_A_PART:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ligne_near(%s, %s, %s)", [team.pk, words, NEAR])
        return [row[0] for row in cursor.fetchall()]


def _holding(word: str, *, by_index: bool) -> Q:
    """`by_index`: short words are looked for there too; beside longer ones it would only find half the team."""
    plain = Unaccent(Lower(Value(word)))
    if len(word) >= LETTERS_OF_A_PART or not word.isalnum():
        return Q(search_text__contains=plain)
    begins = Concat(Value(" "), plain)
    if not by_index:
        return Q(GreaterThan(StrIndex(Concat(Value(" "), "search_text"), begins), Value(0)))
    return Q(search_text__startswith=plain) | Q(search_text__contains=begins)


Rows = QuerySet[Any, Any]  # that name a contact


@dataclass(frozen=True)
class _Way:
    """`rows` leads to people by an index; `of_one` is the same asked of somebody, by what is kept of them."""

    rows: Rows
    of_one: Rows


def _beside(team: Team, words: str) -> Q:
    """The other ways to people: a number, the raw id of a sender, a tag. At most two statements.

    Where a way leads to few their ids are asked for, which lets the database join all ways by their indexes. Where
    it leads to so many that some stand on every page, the order is walked and each person looked at.
    """
    ways = [*_numbers(team, words), *_tags(team, words)]
    asked = [way.rows.values_list(Value(place), "contact_id")[:MANY] for place, way in enumerate(ways)]
    rows = list(asked[0].union(*asked[1:], all=True))
    found = Q()
    few: set[int] = set()
    for place, way in enumerate(ways):
        people = [contact for which, contact in rows if which == place]
        if len(people) < MANY:
            few.update(people)
        else:
            # No EXISTS: of that the database would make a table of all of them first.
            one = Subquery(way.of_one.filter(contact=OuterRef("pk")).values("pk")[:1])
            found |= Q(IsNull(one, False))
    return found | Q(pk__in=sorted(few)) if few else found


def _numbers(team: Team, words: str) -> list[_Way]:
    begins = phones.beginnings(words, team.region)
    digits = _digits(words)
    if not begins or not digits:
        return [_beginning(team, {words, words.upper()})]
    if len(digits) < DIGITS_OF_AN_ENDING and words.startswith(("0", "+", "(")):
        return [_beginning(team, [*begins, words])]
    return [_beginning(team, [*begins, words]), _ending(team, digits)]


def _digits(words: str) -> str:
    """The digits of any script, as numbers are kept; "" for too few to tell."""
    digits = "".join(str(int(each)) for each in words if each.isdecimal())
    return digits if len(digits) >= DIGITS_THAT_TELL else ""


def _tags(team: Team, words: str) -> list[_Way]:
    """Tags that begin with `words`, or whose second or later word does."""
    if len(words) < LETTERS_OF_A_PART:
        return []
    plain = Unaccent(Lower(Value(words)))
    named = Tag.objects.for_team(team).alias(plain=Unaccent(Lower("name")))
    named = named.filter(Q(plain__startswith=plain) | Q(plain__contains=Concat(Value(" "), plain)))
    tags = list(named.values_list("pk", flat=True)[:TAGS])
    worn = ContactTag.objects.filter(tag__in=tags)
    return [_Way(worn, worn)] if tags else []


def _beginning(team: Team, starts: Iterable[str]) -> _Way:
    """Numbers with one of these beginnings. The range is for the index, whatever the database's collation."""
    ranges, of_one = Q(), Q()
    for start in starts:
        after = start[:-1] + chr(ord(start[-1]) + 1)
        ranges |= Q(number__gte=start, number__lt=after, number__startswith=start)
        of_one |= Q(number__startswith=start)
    # Without the team: that would lead back to the index of all numbers.
    return _Way(ContactPhone.objects.for_team(team).filter(ranges), ContactPhone.objects.filter(of_one))


def _ending(team: Team, digits: str) -> _Way:
    rows = ContactPhone.objects.for_team(team).alias(backwards=Reverse("number"))
    return _Way(
        rows.filter(backwards__startswith=digits[::-1]), ContactPhone.objects.filter(number__endswith=digits)
    )
