"""From a request's bytes to what was asked: JSON of a known form, or an answer that says what is wrong."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn, TypeVar

import pydantic
from django.http import HttpRequest

from crm.api.errors import ApiError, invalid

# A thousand messages of 1,600 characters, each written as \uXXXX, with long addresses.
LARGEST = 32 * 1024 * 1024

_Model = TypeVar("_Model", bound=pydantic.BaseModel)


class Asked(pydantic.BaseModel):
    """A form of body. A name that it does not know is refused: a misspelt `send_at` must not send at once."""

    model_config = pydantic.ConfigDict(extra="forbid")


def storable(text: str) -> str:
    """PostgreSQL stores neither NUL nor lone surrogates, and JSON can write both."""
    if "\x00" in text:
        raise ValueError("The character NUL can't be stored.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("There is half a character (a lone surrogate) in this.") from None
    return text


Text = Annotated[str, pydantic.Strict(), pydantic.AfterValidator(storable)]
# A single line, as forms keep it: without spaces around it.
Line = Annotated[Text, pydantic.AfterValidator(lambda text: " ".join(text.split()))]


def not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("This can't be blank.")
    return text


NotBlank = pydantic.AfterValidator(not_blank)


def aware(text: str) -> datetime:
    """A date and time as ISO 8601 writes them, with an offset."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("Give a date and time as ISO 8601 writes them: 2026-11-24T14:32:00+01:00.") from None
    if at.tzinfo is None:
        raise ValueError("The time has no offset from UTC: add +01:00, or Z.")
    return at


def moment(text: str) -> datetime:
    """The same, in UTC."""
    try:
        return aware(text).astimezone(UTC)
    except OverflowError:
        raise ValueError("That is no time of ours.") from None


Moment = Annotated[
    datetime,
    pydantic.BeforeValidator(lambda value: moment(value) if isinstance(value, str) else _no_moment()),
    pydantic.WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _no_moment() -> NoReturn:
    raise ValueError("Give a date and time as ISO 8601 writes them: 2026-11-24T14:32:00+01:00.")


def read(request: HttpRequest) -> Any:
    """The JSON of the body, of whatever content type. 400 when it is none, 413 when it is too long."""
    # Not `request.body`, whose limit is that of forms.
    raw = request.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ApiError(413, "too_large", f"The body is larger than {LARGEST} bytes.")
    try:
        return json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ApiError(400, "invalid_json", "The body is no JSON.") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def validate(form: type[_Model], data: Any) -> _Model:
    """`data` as `form`; 422 that names each place where it is not."""
    try:
        return form.model_validate(data)
    except pydantic.ValidationError as error:
        raise invalid(error.errors(include_url=False, include_context=False, include_input=False)) from None


def documented(*forms: type[pydantic.BaseModel]) -> dict[str, Any]:
    """What OpenAPI says of a body that is one of `forms`."""
    schemas = [_inlined(form.model_json_schema()) for form in forms]
    schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with its own definitions in the places that refer to them."""
    definitions = schema.pop("$defs", {})

    def inline(part: Any) -> Any:
        if isinstance(part, list):
            return [inline(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return inline(definitions[part["$ref"].rsplit("/", 1)[-1]])
        return {key: inline(value) for key, value in part.items()}

    found: dict[str, Any] = inline(schema)
    return found
