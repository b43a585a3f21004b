"""Hours of a week in a body: seven days, Monday first."""

from typing import Annotated, Any

import pydantic

from sms.sending.windows import DAY, Window

HELP = (
    "Hours by the recipient's clock: seven days, Monday first, each `[from, to]` in minutes since midnight "
    "(`[480, 1200]`: from 8:00 to before 20:00), or null for a day on which nothing leaves."
)


def _hours(value: Any) -> list[list[int] | None]:
    try:
        window = Window.parse(value if isinstance(value, list) else ())
    except ValueError:
        raise ValueError(f"Give seven days, each [from, to] with 0 <= from < to <= {DAY}, or null.") from None
    if window.is_empty:
        raise ValueError("These hours are never open.")
    return window.as_json()


Hours = Annotated[
    list[list[int] | None],
    pydantic.PlainValidator(_hours),
    pydantic.WithJsonSchema(
        {
            "type": "array",
            "minItems": 7,
            "maxItems": 7,
            "items": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]},
        }
    ),
]
