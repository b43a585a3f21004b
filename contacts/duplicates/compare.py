"""Two people side by side: which value stays, which number is texted, and what their consent becomes, in words."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contacts import custom, phones
from contacts.duplicates import stricter
from contacts.duplicates.merge import CUSTOM, FIELDS, values_of
from contacts.fields import STANDARD
from contacts.models import Contact, ContactPhone, CustomField, FollowUp
from teams.models import Team
from teams.templatetags.ligne import full_date

# The controls that choose begin so; the field's key follows.
FIELD = "field."
_LABELS = {field.key: field.label for field in STANDARD}


@dataclass(frozen=True)
class Row:
    """One field of both, as shown; "" for nothing."""

    key: str
    label: str | Promise
    kept: str
    gone: str
    # Whether the value of the one who goes is chosen unless somebody chooses otherwise.
    taken: bool

    @property
    def name(self) -> str:
        """Of the control that chooses."""
        return FIELD + self.key

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose: a gap is filled without asking."""
        return bool(self.kept and self.gone and self.kept != self.gone)

    @property
    def only(self) -> str:
        """The one value, where there is nothing to choose."""
        return self.kept or self.gone


@dataclass(frozen=True)
class Side:
    """What somebody brings along whatever is chosen."""

    contact: Contact
    name: str
    phones: list[ContactPhone]
    tags: list[str]
    lists: list[str]
    follow_ups: int


@dataclass(frozen=True)
class Comparison:
    kept: Side
    gone: Side
    rows: list[Row]
    # The number that is texted unless somebody chooses another; None without a number.
    primary: ContactPhone | None
    consent: list[str]

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.kept, self.gone

    @property
    def phones(self) -> list[ContactPhone]:
        return [*self.kept.phones, *self.gone.phones]

    @property
    def tags(self) -> list[str]:
        return sorted({*self.kept.tags, *self.gone.tags}, key=str.casefold)

    @property
    def lists(self) -> list[str]:
        return sorted({*self.kept.lists, *self.gone.lists}, key=str.casefold)

    @property
    def follow_ups(self) -> int:
        return self.kept.follow_ups + self.gone.follow_ups


def compare(team: Team, kept: Contact, gone: Contact) -> Comparison:
    """Both as they stand now. A fixed number of statements."""
    ours, theirs = _side(kept), _side(gone)
    return Comparison(
        kept=ours,
        gone=theirs,
        rows=_rows(team, kept, gone),
        primary=_primary(ours, theirs),
        consent=_consent(ours, theirs),
    )


def default_order(one: Contact, other: Contact) -> tuple[Contact, Contact]:
    """Who is kept unless somebody says otherwise: whoever more is known of, else who was known first."""
    ranked = sorted((one, other), key=lambda each: (-_filled(each), each.created_at, each.pk))
    return ranked[0], ranked[1]


def _filled(contact: Contact) -> int:
    return sum(1 for value in values_of(contact).values() if value)


def name_of(contact: Contact) -> str:
    return contact.name or phones.display(contact.primary_number, contact.team.region) or _("No name")


def _side(contact: Contact) -> Side:
    numbers = sorted(contact.phones.all(), key=lambda phone: (not phone.is_primary, phone.pk))
    return Side(
        contact=contact,
        name=name_of(contact),
        phones=numbers,
        tags=list(contact.tags.values_list("name", flat=True)),
        lists=list(contact.lists.values_list("name", flat=True)),
        follow_ups=FollowUp.objects.filter(contact=contact, done_at=None).count(),
    )


def _rows(team: Team, kept: Contact, gone: Contact) -> list[Row]:
    """Fields that either has a value of; the newer of two values is chosen, a whole word before its initial."""
    newer = gone.updated_at > kept.updated_at
    shown = [(key, _LABELS[key], _standard(kept, key), _standard(gone, key)) for key in FIELDS]
    for field in CustomField.objects.for_team(team):
        ours, theirs = (custom.show(field, each.custom.get(field.key)) for each in (kept, gone))
        shown.append((CUSTOM + field.key, field.label, ours, theirs))
    return [
        Row(
            key, label, ours, theirs, taken=newer and not _cut_short(theirs, ours) or _cut_short(ours, theirs)
        )
        for key, label, ours, theirs in shown
        if ours or theirs
    ]


def _cut_short(short: str, whole: str) -> bool:
    """Whether `short` is an initial or an abbreviation of `whole`, as "A." of "Aude"."""
    start = short.rstrip(".").casefold()
    return (
        (short.endswith(".") or len(start) == 1)
        and start != whole.casefold()
        and whole.casefold().startswith(start)
    )


def _standard(contact: Contact, key: str) -> str:
    value: Any = contact.get_language_display() if key == "language" else getattr(contact, key)
    return "" if value is None else str(value)


def _primary(kept: Side, gone: Side) -> ContactPhone | None:
    """As contacts/duplicates/merge.py chooses it."""
    everything = [*kept.phones, *gone.phones]
    return min(everything, key=lambda phone: not phone.textable, default=None)


def _consent(kept: Side, gone: Side) -> list[str]:
    """What the merged person allows, each sentence with where it comes from."""
    one, other = kept.contact, gone.contact
    after = stricter.of(one, other)
    said: list[str] = []
    if after.opted_out_at:
        whose = kept if one.opted_out_at == after.opted_out_at else gone
        said.append(
            _("%(name)s opted out on %(date)s: nobody can text any of these numbers.")
            % {"name": whose.name, "date": full_date(after.opted_out_at)}
        )
    if after.consent == Contact.Consent.WITHDRAWN:
        whose = kept if (one.consent, one.consent_at) == (after.consent, after.consent_at) else gone
        said.append(
            _("%(name)s withdrew the consent: it stays withdrawn, whatever the other allowed.")
            % {"name": whose.name}
        )
    elif after.consent:
        ground = Contact.Consent(after.consent).label
        said.append(
            _("Commercial texts: %(ground)s, since %(date)s, with its proof.")
            % {"ground": str(ground), "date": full_date(after.consent_at)}
            if after.consent_at
            else _("Commercial texts: %(ground)s.") % {"ground": str(ground)}
        )
    if after.do_not_call_at:
        whose = kept if one.do_not_call_at == after.do_not_call_at else gone
        said.append(
            _("%(name)s asked not to be called on %(date)s: this stays.")
            % {"name": whose.name, "date": full_date(after.do_not_call_at)}
        )
    return said or [_("Neither opted out, and neither gave a consent to commercial texts.")]
