"""How full a phone's address book is, for the page of its line."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sms.gateway.results import HeldReason
from sms.models import AddressBook, AddressBookEntry, Line

# Counts stop here; beyond, the page says "10,000+".
MOST = 10_000
# Refused people who are listed by name.
LISTED = 50

# What the gateway's codes mean (H).
CODES: dict[str, Promise | str] = {
    "#001": _("The gateway takes this for no phone number."),
    "#002": _("The gateway got no number."),
    "#003": _("The gateway got no number."),
    "#004": _("Added without the e-mail address: the gateway takes it for none."),
}
STOPPED: dict[str, Promise | str] = {
    HeldReason.CREDENTIALS: _("the gateway refused the login or the access key."),
    HeldReason.FORBIDDEN: _("the gateway does not let this account fill the address book."),
    HeldReason.LICENCE: _("the account has no licence that allows it."),
    HeldReason.NOT_FOUND: _("nothing answers at the base URL and the path for the address book."),
    HeldReason.REDIRECT: _("the address leads elsewhere, and the access key is not sent there."),
    HeldReason.SETTING: _("the gateway refused a setting of the line."),
    HeldReason.ADDRESS: _("the base URL is not one that may get the access key."),
}


@dataclass(frozen=True)
class Remark:
    """A person whom the gateway refused, or took with a remark."""

    entry: AddressBookEntry
    words: Promise | str


@dataclass(frozen=True)
class BookState:
    """`inside` and `refused` are counted up to MOST + 1."""

    line: Line
    book: AddressBook | None
    inside: int
    refused: int
    remarks: list[Remark]

    @property
    def wanted(self) -> bool:
        return self.line.push_contacts

    @property
    def word(self) -> str:
        """off, held, test, stopped, waiting (backs off), filling, complete."""
        if not self.wanted:
            return "off"
        if self.line.state == Line.State.HELD:
            return "held"
        if self.line.test_mode:
            return "test"
        if self.book is None:
            return "filling"
        if self.book.stopped:
            return "stopped"
        if self.waits_until:
            return "waiting"
        again, complete = self.book.again_at, self.book.complete_at
        return "complete" if complete and (again is None or complete > again) else "filling"

    @property
    def waits_until(self) -> datetime | None:
        """When the next try is due, while the gateway doesn't answer, or while the line itself waits."""
        times = [self.line.not_before, self.book.not_before if self.book else None]
        return max((each for each in times if each and each > timezone.now()), default=None)

    @property
    def stopped_why(self) -> Promise | str:
        code = self.book.stopped if self.book else ""
        return STOPPED.get(code) or _("the gateway refused it.")


_COUNTS = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM sms_addressbookentry
                              WHERE line_id = %(line)s AND result <> 'refused' LIMIT %(most)s + 1) AS inside),
       (SELECT count(*) FROM (SELECT 1 FROM sms_addressbookentry
                              WHERE line_id = %(line)s AND result = 'refused' LIMIT %(most)s + 1) AS refused)
"""


def of_line(line: Line) -> BookState:
    """Three statements."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"line": line.pk, "most": MOST})
        inside, refused = cursor.fetchone()
    need_a_look = AddressBookEntry.Result.REFUSED, AddressBookEntry.Result.WARNED
    entries = AddressBookEntry.objects.for_team(line.team).filter(line=line, result__in=need_a_look)
    remarks = [
        Remark(entry, words_of(entry.detail))
        for entry in entries.select_related("contact").order_by("result", "-pk")[:LISTED]
    ]
    book = AddressBook.objects.filter(line=line).first()
    return BookState(line, book, inside, refused, remarks)


def words_of(detail: str) -> Promise | str:
    """What a code means, or what the gateway said where it gave none."""
    return CODES.get(detail) or detail or _("The gateway gave no reason.")
