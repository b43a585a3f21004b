"""Lists: {items, next_cursor}, by keyset, newest first."""

from typing import Annotated, Any, TypeVar

import pydantic
from django.db import models
from ninja import Schema

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
