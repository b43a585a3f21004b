"""Lists: {items, next_cursor}, by keyset: newest first, or by a moment."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import pydantic
from django.db import models
from ninja import Schema

from crm.api.bodies import moment
from crm.api.errors import Invalid, NotFound

LARGEST_ID = 2**63 - 1
_M = TypeVar("_M", bound=models.Model)


def _blank_is_none(value: Any) -> Any:
    """`?state=` asks the same as no `state` at all."""
    return None if value == "" else value


BlankIsNone = pydantic.BeforeValidator(_blank_is_none)
Id = Annotated[int, pydantic.Field(ge=1, le=LARGEST_ID)]


class Paging(Schema):
    """The parameters of every list."""

    cursor: Annotated[
        str | None, BlankIsNone, pydantic.Field(description="`next_cursor` of the page before.")
    ] = None
    limit: Annotated[
        Annotated[int, pydantic.Field(ge=1, le=200)] | None,
        BlankIsNone,
        pydantic.Field(description="At most 200; 50 when not given."),
    ] = None

    @property
    def size(self) -> int:
        return self.limit or 50


def newest_first(rows: models.QuerySet[_M], paging: Paging) -> tuple[list[_M], str | None]:
    """A page of `rows` by falling id, and the cursor of the next one (None: this was the last)."""
    if paging.cursor is not None:
        rows = rows.filter(pk__lt=_before(paging.cursor))
    found = list(rows.order_by("-pk")[: paging.size + 1])
    page = found[: paging.size]
    return page, str(page[-1].pk) if len(found) > paging.size else None


def _before(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 19 and int(cursor) <= LARGEST_ID):
        raise Invalid({"cursor": "This is no cursor of this list."})
    return int(cursor)


def one(rows: models.QuerySet[_M], row_id: int) -> _M:
    """The row with this id, or 404; also for an id that no row can have."""
    found = rows.filter(pk=row_id).first() if row_id <= LARGEST_ID else None
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Place:
    """Where a page by time ended: the moment and the id of its last row."""

    at: datetime
    id: int

    def __str__(self) -> str:
        raw = f"{self.at.isoformat()}|{self.id}"
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises Invalid for what no page gave."""
        try:
            at, row_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split("|")
            if not (row_id.isdigit() and len(row_id) < 20 and 0 < int(row_id) <= LARGEST_ID):
                raise ValueError(text)
            return cls(moment(at), int(row_id))
        except ValueError:  # binascii's and Unicode's errors are ValueErrors
            raise Invalid({"cursor": "This is no cursor of this list."}) from None


def by_time(
    rows: models.QuerySet[_M], paging: Paging, column: str, *, down: bool = False
) -> tuple[list[_M], str | None]:
    """A page of `rows` by a moment that each of them has, earliest first, then by id; and the next cursor."""
    if paging.cursor is not None:
        place = Place.parse(paging.cursor)
        beyond = "lt" if down else "gt"
        # The first condition is the index's; both together are the keyset.
        rows = rows.filter(**{f"{column}__{beyond}e": place.at}).filter(
            models.Q(**{f"{column}__{beyond}": place.at}) | models.Q(**{f"pk__{beyond}": place.id})
        )
    sign = "-" if down else ""
    found = list(rows.order_by(sign + column, sign + "pk")[: paging.size + 1])
    page = found[: paging.size]
    last = Place(getattr(page[-1], column), page[-1].pk) if len(found) > paging.size else None
    return page, str(last) if last else None
