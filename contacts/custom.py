"""Values of custom fields: from what people and files write to what is stored, and back.

Stored in `Contact.custom`: text and choice as text, number as a JSON number, date as "YYYY-MM-DD", yes or no
as a JSON boolean. An empty value is not stored.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils import formats
from django.utils.translation import gettext as _

from contacts.models import CustomField

Value = str | int | float | bool

LONGEST = 1000  # characters of a text
# Whole numbers beyond this lose digits on their way through JSON.
LARGEST = 10**15

_YES = {"yes", "y", "true", "1", "x", "oui", "o", "vrai"}
_NO = {"no", "n", "false", "0", "non", "faux"}
# Days before months, as French files write them; ISO besides.
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%Y/%m/%d")
_THOUSANDS = re.compile(r"[\s\u00a0\u202f']")


def parse(field: CustomField, written: str) -> Value | None:
    """What to store for `written`; None for nothing. Raises ValueError with a sentence for the reader."""
    written = " ".join(written.split()) if field.kind != CustomField.Kind.TEXT else written.strip()
    if not written:
        return None
    match field.kind:
        case CustomField.Kind.NUMBER:
            return number(written)
        case CustomField.Kind.DATE:
            return day(written).isoformat()
        case CustomField.Kind.YES_NO:
            return yes_no(written)
        case CustomField.Kind.CHOICE:
            return _choice(field, written)
        case _:
            if len(written) > LONGEST:
                raise ValueError(_("Longer than %(count)s characters.") % {"count": LONGEST})
            return written


def show(field: CustomField, value: Value | None) -> str:
    """`value` for a reader, in the current language; "" for nothing."""
    if value is None:
        return ""
    if field.kind == CustomField.Kind.DATE:
        try:
            return str(formats.date_format(date.fromisoformat(str(value)), "SHORT_DATE_FORMAT"))
        except ValueError:
            return str(value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int | float):
        return str(formats.localize(value, use_l10n=True))
    return str(value)


def write(value: Value | None) -> str:
    """`value` for a file or a program: what `parse` reads back, in any language."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def number(written: str) -> int | float:
    """A number as French and English people write it: "1 234,5", "1234.5". Never a guess: "1,234" is none."""
    plain = _THOUSANDS.sub("", written).removesuffix("€").strip()
    if "," in plain and "." in plain:
        last = max(plain.rfind(","), plain.rfind("."))
        plain = plain[:last].replace(",", "").replace(".", "") + "." + plain[last + 1 :]
    elif re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+", plain) and not plain.startswith("0,"):
        raise ValueError(_("%(written)s can be read in two ways.") % {"written": written})
    plain = plain.replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise ValueError(_("%(written)s is no number.") % {"written": written}) from None
    if not value.is_finite() or abs(value) > LARGEST:
        raise ValueError(_("%(written)s is no number that can be kept.") % {"written": written})
    return int(value) if value == value.to_integral_value() else float(value)


def day(written: str) -> date:
    for form in _DATES:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(_("%(written)s is no day. Write it as 31/12/2026.") % {"written": written})


def yes_no(written: str) -> bool:
    plain = written.casefold()
    if plain in _YES | _NO:
        return plain in _YES
    raise ValueError(_("%(written)s is neither yes nor no.") % {"written": written})


def _choice(field: CustomField, written: str) -> str:
    wanted = _plain(written)
    for choice in field.choices:
        if _plain(choice) == wanted:
            return str(choice)
    raise ValueError(_("%(written)s is none of the choices.") % {"written": written})


def _plain(text: str) -> str:
    """Without accents and case."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each)).strip()
