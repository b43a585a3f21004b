"""From the cells of a row to values that can be stored, and to what is wrong with them.

`Cleaner` is made once for an import: everything that depends on the mapping is decided then, since its `row`
is called a million times.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import translation

from contacts import custom, languages, number_plans, phones
from contacts.custom import Value as CustomValue
from contacts.fields import CONSENT_KEYS, CUSTOM, Field
from contacts.imports import problems
from contacts.imports.mapping import plain
from contacts.models import Contact
from contacts.tags import tagging
from teams.models import Team, User

# Standard fields of text, and how long they may be.
TEXTS = ("first_name", "last_name", "company", "address")
_LENGTHS = {
    field.name: field.max_length or 0 for field in Contact._meta.concrete_fields if field.name in TEXTS
}
_CONSENT_TEXT = 1000
_LIST_NAME = 80  # characters
_DETAIL = 200  # characters of ImportRow.detail

_USUAL_MAIL = re.compile(
    r"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*@(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*\.)+[A-Za-z]{2,20}"
)
_DAY = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{2,4}")
_BETWEEN_NUMBERS = re.compile(r"[;,|\n]| / ")

_YES = frozenset({"yes", "oui", "true", "vrai", "1", "x"})
_NO_CONSENT = frozenset({"", "none", "aucun", "non", "no", "0", "false", "faux"})
_GROUNDS = {
    "opted_in": ("opted in", "opt in", "oui", "yes", "1", "true", "vrai", "accord", "consentement"),
    "customer": ("customer", "client", "cliente", "existing customer"),
    "professional": ("professional", "professionnel", "professionnelle", "pro", "b2b"),
    "withdrawn": ("withdrawn", "retire", "revoque", "refus", "refuse", "opposition", "unsubscribed"),
}  # fmt: skip


class Bad(Exception):
    """The row is left out: a code of problems.py and its detail."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code, self.detail = code, detail


@dataclass(slots=True)
class Cleaned:
    """A row that is imported. Text values are "" where the file says nothing."""

    number: str
    remarks: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    # In the order of `Cleaner.columns`.
    values: list[str] = field(default_factory=list)
    owner_id: int | None = None
    custom: dict[str, CustomValue] | None = None
    other_phones: list[str] | None = None
    tags: list[str] | None = None
    lists: list[str] | None = None
    consent: dict[str, Any] | None = None

    def remark(self, code: str, detail: str = "") -> None:
        self.remarks.append(code)
        self.details.append(detail)

    @property
    def detail(self) -> str:
        most = _DETAIL // max(1, len(self.details)) - 1
        return "\n".join(each.replace("\n", " ")[:most] for each in self.details) if any(self.details) else ""


Take = Callable[[Cleaned, str], None]


class Cleaner:
    def __init__(
        self,
        team: Team,
        header: list[str],
        mapping: list[str],
        fields: list[Field],
        *,
        consent_confirmed: bool,
    ) -> None:
        self._region = team.region
        self._zone = ZoneInfo(team.time_zone)
        self._confirmed = consent_confirmed
        self._width = max(len(header), len(mapping))
        self._phone = mapping.index("phone")
        self._members = {
            email: pk for pk, email in User.objects.filter(memberships__team=team).values_list("pk", "email")
        }
        known = {each.key: each for each in fields}
        # Columns of contacts_contact that hold text, in the order of `Cleaned.values`.
        self.columns: list[str] = []
        self._texts: list[tuple[int, int, str]] = []
        self._takes: list[tuple[int, Take]] = []
        self._email = -1
        for at, key in enumerate(mapping):
            if key in TEXTS:
                self.columns.append(key)
                self._texts.append((at, _LENGTHS[key], header[at]))
            elif key == "email":
                self._email = at
            elif key in known and key != "phone":  # a field that was deleted meanwhile is left out
                self._takes.append((at, self._take(known[key], header[at])))
        if self._email >= 0:
            self.columns.append("email")
        keys = set(mapping)
        if "language" in keys:
            self.columns.append("language")
        self.language = "language" in keys
        self.owner = "owner" in keys
        self.custom = any(key.startswith(CUSTOM) for key in mapping)
        self.other_phones = "other_phones" in keys
        self.tags = "tags" in keys
        self.lists = "lists" in keys
        self.consent = bool(keys & CONSENT_KEYS)

    def row(self, cells: list[str], flaw: str, use: str | None = None) -> Cleaned:
        """The values of a row; `use`: the number that somebody chose for it. Raises Bad."""
        if flaw or len(cells) != self._width:
            cells = self._fitted(cells, flaw)
        raw = cells[self._phone]
        number = use or phones.read(raw, self._region)
        if number is None:
            raise Bad(*problems.of_number(raw, self._region))
        cleaned = Cleaned(number)
        values = cleaned.values
        for at, longest, label in self._texts:
            value = " ".join(cells[at].split())
            if len(value) > longest:
                raise Bad("long_value", f"{label}{problems.PART}{longest}")
            values.append(value)
        if self._email >= 0:
            values.append(self._mail(cleaned, cells[self._email]))
        if self.language:
            values.append("")
        if self._takes:
            self._take_more(cleaned, cells)
        if not _texts_a(number):
            cleaned.remark("landline")
        return cleaned

    def _fitted(self, cells: list[str], flaw: str) -> list[str]:
        """As many cells as there are columns. Raises Bad."""
        if flaw:
            raise Bad(flaw)
        if any(map(str.strip, cells[self._width :])):
            raise Bad("more_cells")
        return (cells + [""] * self._width)[: self._width]

    def _take_more(self, cleaned: Cleaned, cells: list[str]) -> None:
        for at, take in self._takes:
            written = cells[at].strip()
            if written:
                take(cleaned, written)
        if cleaned.consent is not None:
            self._weigh(cleaned)

    def name_of(self, cells: list[str], mapping: list[str]) -> str:
        """Who the row is about, for a row that was not cleaned."""
        parts = {
            key: " ".join(cells[at].split())
            for at, key in enumerate(mapping)
            if at < len(cells) and key in TEXTS
        }
        whole = f"{parts.get('first_name', '')} {parts.get('last_name', '')}".strip()
        return (whole or parts.get("company", ""))[:200]

    # --- One column each --------------------------------------------------------------------------------

    def _mail(self, cleaned: Cleaned, written: str) -> str:
        written = written.strip().removeprefix("mailto:")
        if not written or (_USUAL_MAIL.fullmatch(written) and len(written) <= 254):
            return written
        try:
            validate_email(written)
        except ValidationError:
            cleaned.remark("bad_email", written)
            return ""
        return written if len(written) <= 254 else ""

    def _take(self, of: Field, label: str) -> Take:
        """`label`: the column's name in the file, which the reader knows."""
        if of.custom is not None:
            return self._take_custom(of, label)
        if of.key in CONSENT_KEYS:
            return self._take_consent(of, label)
        return {
            "other_phones": self._take_other_phones,
            "owner": self._take_owner,
            "language": self._take_language,
            "tags": self._take_tags,
            "lists": self._take_lists,
        }[of.key]

    def _take_other_phones(self, cleaned: Cleaned, written: str) -> None:
        for part in [written] if phones.read(written, self._region) else _BETWEEN_NUMBERS.split(written):
            number = phones.read(part, self._region) if part.strip() else cleaned.number
            if number is None:
                cleaned.remark("bad_other_phone", part.strip())
            elif number != cleaned.number:
                cleaned.other_phones = [*(cleaned.other_phones or []), number]

    def _take_owner(self, cleaned: Cleaned, written: str) -> None:
        cleaned.owner_id = self._members.get(written.lower())
        if cleaned.owner_id is None:
            cleaned.remark("unknown_owner", written)

    def _take_language(self, cleaned: Cleaned, written: str) -> None:
        code = _language(written)
        if code:
            cleaned.values[-1] = code
        else:
            cleaned.remark("unknown_language", written)

    def _take_tags(self, cleaned: Cleaned, written: str) -> None:
        cleaned.tags = [*(cleaned.tags or []), *tagging.split(written)]

    def _take_lists(self, cleaned: Cleaned, written: str) -> None:
        # "Rennes, 2026;" is one list: an export says so by its semicolon.
        parts = re.split(r"[;\n]" if ";" in written else r"[,\n]", written)
        names = (" ".join(part.split())[:_LIST_NAME] for part in parts)
        cleaned.lists = [*(cleaned.lists or []), *(name for name in names if name)]

    def _take_custom(self, of: Field, label: str) -> Take:
        definition = of.custom
        assert definition is not None  # noqa: S101 - for the type checker

        def take(cleaned: Cleaned, written: str) -> None:
            try:
                value = custom.parse(definition, written)
            except ValueError:
                cleaned.remark("bad_custom", f"{label}{problems.PART}{written}")
                return
            if value is not None:
                cleaned.custom = {**(cleaned.custom or {}), definition.key: value}

        return take

    def _take_consent(self, of: Field, label: str) -> Take:
        key = of.key

        def take(cleaned: Cleaned, written: str) -> None:
            if cleaned.consent is None:
                cleaned.consent = {}
            if key == "consent":
                ground = _ground(written)
                if ground is None:
                    cleaned.remark("unknown_consent", written)
                elif ground:
                    cleaned.consent[key] = ground
            elif key in ("opted_out_at", "do_not_call_at") and plain(written) in _YES:
                # They did, and the file does not say when: not later than now.
                cleaned.consent[key] = datetime.now(UTC)
            elif key.endswith("_at"):
                if plain(written) not in _NO_CONSENT:
                    cleaned.consent[key] = self._moment(label, written)
            else:
                cleaned.consent[key] = written[:_CONSENT_TEXT]

        return take

    def _moment(self, label: str, written: str) -> datetime:
        """A day is its first minute in the team's zone. Raises Bad."""
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            begin = _DAY.match(written)
            try:
                day = custom.day(begin[0] if begin else written)
            except ValueError:
                raise Bad("bad_date", f"{label}{problems.PART}{written[:40]}") from None
            moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone follows
        aware = moment if moment.tzinfo else moment.replace(tzinfo=self._zone)
        # Nobody agreed tomorrow; a day is for the zone.
        if aware.year < 1970 or aware > datetime.now(UTC) + timedelta(days=1):
            raise Bad("bad_date", f"{label}{problems.PART}{written[:40]}")
        return aware

    def _weigh(self, cleaned: Cleaned) -> None:
        """Keeps of the consent columns what may be written: with proof, and when somebody stands for it."""
        consent = cleaned.consent or {}
        if not any(key in consent for key in ("consent", "opted_out_at", "do_not_call_at")):
            cleaned.consent = None
            return
        if not self._confirmed:
            cleaned.remark("consent_unconfirmed")
            cleaned.consent = None
            return
        proven = "consent_at" in consent and ("consent_source" in consent or "consent_proof" in consent)
        if "consent" in consent and not proven:
            cleaned.remark("consent_unproven")
            del consent["consent"]
        cleaned.consent = consent or None


def _texts_a(number: str) -> bool:
    """Whether a text can reach the number."""
    known = number_plans.mobile(number)
    return phones.is_mobile(number) if known is None else known


@lru_cache(maxsize=1024)
def _ground(written: str) -> str | None:
    """The ground that a word names; "" for none, None for an unknown word."""
    word = plain(written)
    if word in _NO_CONSENT:
        return ""
    for ground, words in _GROUNDS.items():
        if word == plain(ground) or word in words:
            return ground
    return next((code for code, names in _labels() if word in names), None)


@lru_cache(maxsize=1)
def _labels() -> list[tuple[str, set[str]]]:
    """Names of the grounds in both languages: an export in French is imported by an English reader."""
    found: list[tuple[str, set[str]]] = []
    for code, label in Contact.Consent.choices:
        names = set()
        for language in ("en", "fr"):
            with translation.override(language):
                names.add(plain(str(label)))
        found.append((str(code), names))
    return found


@lru_cache(maxsize=1024)
def _language(written: str) -> str:
    """Two letters for "fr", "fr-FR", "French" or "français"; "" for an unknown word."""
    code = written.strip().lower().replace("_", "-").partition("-")[0]
    return code if code in languages.CODES else _language_names().get(plain(written), "")


@lru_cache(maxsize=1)
def _language_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in ("en", "fr"):
        with translation.override(language):
            names |= {plain(str(name)): code for code, name in languages.LANGUAGES}
    return names
