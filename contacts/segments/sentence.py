"""A definition as a sentence: "People with tag pompe à chaleur who clicked a link in the last 14 days"."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contacts.segments import definition
from contacts.segments.conditions import Unfit, Vocabulary
from contacts.segments.definition import Definition, Term
from contacts.segments.wording import Lead, Part, Parts, Phrase, expand, gone, joined, plain
from teams.models import Team


def sentence(team: Team, found: Definition, *, vocabulary: Vocabulary | None = None) -> str:
    return plain(parts(team, found, vocabulary=vocabulary))


def parts(team: Team, found: Definition, *, vocabulary: Vocabulary | None = None) -> list[Part]:
    """The sentence in parts; those with a place are underlined and lead to that condition. Never raises."""
    vocabulary = vocabulary or Vocabulary(team)
    phrases: list[Phrase] = []
    groups: list[Parts] = []
    for number, item in enumerate(found.items):
        if isinstance(item, Term):
            phrases.append(_phrase(item, str(number), vocabulary))
        elif item.terms:
            inner = [_phrase(term, f"{number}-{place}", vocabulary) for place, term in enumerate(item.terms)]
            _add_group(inner, item.every, phrases, groups)
    return _whole(phrases, groups, found.every)


def _add_group(inner: list[Phrase], every: bool, phrases: list[Phrase], groups: list[Parts]) -> None:
    """A group whose phrases follow "people" in one way is a phrase in brackets; another is a clause."""
    # Translators: a group of phrases within a sentence.
    brackets = pgettext("group of phrases", "(%(phrases)s)")
    leads = {phrase.lead for phrase in inner}
    if len(leads) > 1:
        groups.append(expand(brackets, {"phrases": joined(_clauses(inner, every), every=every)}))
        return
    words: Parts = joined([phrase.parts for phrase in inner], every=every)
    if len(inner) > 1:
        words = expand(brackets, {"phrases": words})
    phrases.append(Phrase(leads.pop(), words))


def _phrase(term: Term, place: str, vocabulary: Vocabulary) -> Phrase:
    try:
        condition = vocabulary.condition(term.field)
        said = condition.phrase(term.op, term.value, vocabulary, place, **term.extra)
    except Unfit:
        # Translators: stands for a condition in a sentence "People who …".
        return Phrase(Lead.WHO, gone(expand(_("[fulfil a condition that is gone]"), place=place)))
    try:
        definition.checked(term, vocabulary)
    except Unfit:
        return Phrase(said.lead, gone(said.parts))
    return said


def _clauses(phrases: list[Phrase], every: bool) -> list[Parts]:
    """One clause for each way in which phrases follow "people"."""
    clauses: list[Parts] = []
    for lead in Lead:
        if of_lead := [phrase.parts for phrase in phrases if phrase.lead is lead]:
            clauses.append(_led(lead, joined(of_lead, every=every)))
    return clauses


def _led(lead: Lead, words: Parts) -> Parts:
    match lead:
        case Lead.WITH:
            return words
        case Lead.WHOSE:
            return expand(_("whose %(phrases)s"), {"phrases": words})
        case Lead.WHO:
            return expand(_("who %(phrases)s"), {"phrases": words})


def _whole(phrases: list[Phrase], groups: list[Parts], every: bool) -> list[Part]:
    clauses = [*_clauses(phrases, every), *groups]
    if not clauses:
        return [Part(_("Everybody"))]
    if every and len(clauses) > 1 and any(phrase.lead is Lead.WITH for phrase in phrases):
        # "People with tag X who …": what they are with belongs to the noun.
        rest = joined(clauses[1:], every=True)
        return expand(_("People %(are)s %(rest)s"), {"are": clauses[0], "rest": rest})
    return expand(_("People %(are)s"), {"are": joined(clauses, every=every)})
