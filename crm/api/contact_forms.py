"""What a program may say of a person."""

from dataclasses import dataclass
from typing import Annotated, Any

import pydantic
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from contacts.languages import CODES
from contacts.tags import tagging
from crm.api.bodies import Asked, Line, storable
from crm.api.pages import LARGEST_ID

MOST = 1000
MOST_LABELS = 50
MOST_NUMBERS = 20


@dataclass(frozen=True)
class NumberAsked:
    """A number as it was written, and whether it shall be the one that is texted."""

    written: str
    primary: bool = False


def _number(value: Any) -> NumberAsked:
    """A string, or an object as answers hold it: what was read may be sent back."""
    if isinstance(value, str):
        return NumberAsked(storable(value))
    if isinstance(value, dict) and isinstance(value.get("number"), str):
        if unknown := sorted(set(value) - {"number", "primary", "textable"}):
            raise ValueError(f"Unknown: {', '.join(unknown)[:100]}.")
        primary = value.get("primary", False)
        if not isinstance(primary, bool):
            raise ValueError("“primary” is true or false.")
        return NumberAsked(storable(value["number"]), primary)
    raise ValueError("Give a number, or an object with “number” and “primary”.")


def _numbers(numbers: list[NumberAsked]) -> list[NumberAsked]:
    if sum(each.primary for each in numbers) > 1:
        raise ValueError("One number is the primary one, not several.")
    return numbers


def _email(text: str) -> str:
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise ValueError("This is no e-mail address.") from None
    return text


def _language(text: str) -> str:
    code = text.lower()
    if code and code not in CODES:
        raise ValueError("Give two letters of ISO 639-1: fr, en, de …")
    return code


def _named(value: Any) -> int | str:
    """An id, or something written that stands for one object: an e-mail, a name."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID:
        return value
    if isinstance(value, str) and value.strip():
        return storable(value).strip()
    raise ValueError("Give an id or a name.")


def _nobody_or_named(value: Any) -> int | str | None:
    return None if value is None else _named(value)


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise ValueError("Give a text, a number, true or false, or null.")


def _tag(name: str) -> str:
    plain = tagging.clean(storable(name))
    if not plain:
        raise ValueError("A tag has a name.")
    if len(" ".join(name.split())) > tagging.LONGEST:
        raise ValueError(f"A tag has at most {tagging.LONGEST} characters.")
    return plain


def _schema(description: str, **schema: Any) -> Any:
    return pydantic.WithJsonSchema({"description": description, **schema})


Number = Annotated[
    NumberAsked,
    pydantic.PlainValidator(_number),
    _schema("", anyOf=[{"type": "string"}, {"type": "object", "properties": {"number": {}, "primary": {}}}]),
]
Owner = Annotated[
    int | str | None,
    pydantic.PlainValidator(_nobody_or_named),
    _schema(
        "A colleague's id or e-mail; null: nobody.",
        anyOf=[{"type": "integer"}, {"type": "string"}, {"type": "null"}],
    ),
]
Tag = Annotated[str, pydantic.Strict(), pydantic.AfterValidator(_tag)]
List = Annotated[
    int | str, pydantic.PlainValidator(_named), _schema("", anyOf=[{"type": "integer"}, {"type": "string"}])
]
Value = Annotated[
    Any,
    pydantic.PlainValidator(_value),
    _schema("", anyOf=[{"type": each} for each in ("string", "number", "boolean", "null")]),
]
Key = Annotated[str, pydantic.Strict(), pydantic.Field(max_length=40), pydantic.AfterValidator(storable)]


class ContactAsked(Asked):
    """A person: what is not given stays as it is, or empty. "" empties a text."""

    first_name: Annotated[Line, pydantic.Field(max_length=120)] | None = None
    last_name: Annotated[Line, pydantic.Field(max_length=120)] | None = None
    company: Annotated[Line, pydantic.Field(max_length=160)] | None = None
    email: Annotated[Line, pydantic.Field(max_length=254), pydantic.AfterValidator(_email)] | None = None
    address: Annotated[Line, pydantic.Field(max_length=300)] | None = None
    language: Annotated[
        Annotated[Line, pydantic.AfterValidator(_language)] | None,
        pydantic.Field(description="ISO 639-1, two letters."),
    ] = None
    owner: Owner = None
    phones: Annotated[
        Annotated[list[Number], pydantic.Field(max_length=MOST_NUMBERS), pydantic.AfterValidator(_numbers)]
        | None,
        pydantic.Field(
            description="Numbers in any usual writing, or `{number, primary}`. The primary one is texted: the "
            "one said to be, else the first. A change leaves these numbers and no others; an upsert adds them."
        ),
    ] = None
    tags: Annotated[
        Annotated[list[Tag], pydantic.Field(max_length=MOST_LABELS)] | None,
        pydantic.Field(description="These tags and no others, by name; new names make new tags."),
    ] = None
    add_tags: Annotated[
        Annotated[list[Tag], pydantic.Field(max_length=MOST_LABELS)] | None,
        pydantic.Field(description="These tags besides those they have."),
    ] = None
    lists: Annotated[
        Annotated[list[List], pydantic.Field(max_length=MOST_LABELS)] | None,
        pydantic.Field(description="On these lists and no others: ids or names of lists that exist."),
    ] = None
    add_lists: Annotated[
        Annotated[list[List], pydantic.Field(max_length=MOST_LABELS)] | None,
        pydantic.Field(description="On these lists besides those they are on."),
    ] = None
    custom: Annotated[
        Annotated[dict[Key, Value], pydantic.Field(max_length=200)] | None,
        pydantic.Field(
            description="The team's own fields by key: text, number, true or false, a day as `2026-12-31`. null "
            "empties one; those that are not named stay."
        ),
    ] = None


class ContactsAsked(Asked):
    """Several people: all are written, or none."""

    contacts: Annotated[list[ContactAsked], pydantic.Field(min_length=1, max_length=MOST)]
    upsert: Annotated[
        bool,
        pydantic.Strict(),
        pydantic.Field(description="true: whoever has one of the numbers already is changed, not refused."),
    ] = False
