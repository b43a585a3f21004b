"""The people behind a number as a CSV file, a piece at a time."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from contacts.exports.cells import guarded
from sms.campaigns.report import recipients, words
from sms.campaigns.report.recipients import Row
from sms.models import Campaign

# UTF-8 with a mark, without which spreadsheets take it for something older.
MARK = "\ufeff"
CREDITS = ("clicked", "replied", "called")


def name_of(campaign: Campaign, result: str) -> str:
    """`Devis de novembre, Clicked.csv`"""
    return f"{campaign.name}, {words.result(result, campaign)}.csv"


def pieces(campaign: Campaign, result: str, *, language: str, zone: str) -> Iterator[bytes]:
    """Each after a statement of its own. The language and the clock are named: a file goes out behind its request."""
    with translation.override(language):
        yield (MARK + lines([_headers()], language)).encode()
    for rows in recipients.everybody(campaign, result):
        # What is made of a row is in words: made and written in one language.
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            piece = lines([_cells(row) for row in rows], language)
        yield piece.encode()


def lines(rows: list[list[str]], language: str) -> str:
    """Rows as a spreadsheet of that language reads them: the French keep the comma for decimals."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if language.startswith("fr") else ",")
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def _headers() -> list[str]:
    return [
        _("First name"), _("Last name"), _("Company"), _("Number"), _("Delivery"), _("Why"), _("Left at"),
        _("Delivered at"), _("Clicked at"), _("Clicks"), _("Replied at"), _("Called back at"), _("Outcome"),
        _("Opted out at"),
    ]  # fmt: skip


def _cells(row: Row) -> list[str]:
    message = row.message
    contact = message.contact
    clicked, replied, called = (_moment(row.at.get(kind)) for kind in CREDITS)
    left = message.submitted_at or (message.happened_at if row.undecided else None)
    clicks: int = getattr(message, "clicks_now", 0)
    return [
        contact.first_name if contact else "",
        contact.last_name if contact else "",
        contact.company if contact else "",
        message.number,
        row.delivery,
        row.why,
        _moment(left),
        _moment(message.delivered_at),
        clicked,
        str(clicks) if clicks else "",
        replied,
        called,
        "" if row.out else row.outcome,
        _moment(row.at.get("opted_out")),
    ]


def _moment(value: datetime | None) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}" if value else ""
