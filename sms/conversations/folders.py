"""The inbox's folders: which conversations stand in each, and how many, up to a cap."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection, models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sms.models import Call, Conversation, Message
from sms.models.conversation import ConversationQuerySet
from teams.access import Member

# Counting stops here: a folder of ten thousand costs no more than one of a hundred.
MOST = 99


class Folder(models.TextChoices):
    ALL = "all", pgettext_lazy("conversations", "All")
    MINE = "mine", _("Mine")
    UNASSIGNED = "unassigned", _("Unassigned")
    WAITING = "waiting", _("Waiting")
    FAILED = "failed", pgettext_lazy("conversations", "Failed")  # or uncertain, and nobody decided yet
    UNKNOWN = "unknown", _("Unknown sender")  # hidden callers, texts without a sender: no conversation


@dataclass(frozen=True)
class Shelf:
    """A folder as the sidebar shows it. `count` is "" for none and "99+" beyond the cap."""

    folder: Folder
    href: str
    count: str
    current: bool

    @property
    def label(self) -> str:
        return str(self.folder.label)

    @property
    def hot(self) -> bool:
        return self.folder == Folder.WAITING


def chosen(name: str | None) -> Folder:
    """The folder of an address; one that does not exist is the whole inbox."""
    return Folder(name) if name in Folder.values else Folder.ALL


def address(folder: Folder) -> str:
    return reverse("sms:inbox") + ("" if folder == Folder.ALL else f"?{urlencode({'folder': folder.value})}")


def conversations(folder: Folder, member: Member) -> ConversationQuerySet:
    """The conversations of `folder` that `member` sees. None of them is in `UNKNOWN`."""
    seen = Conversation.objects.visible_to(member)
    if folder == Folder.MINE:
        return seen.filter(assignee=member.user)
    if folder == Folder.UNASSIGNED:
        return seen.filter(assignee=None)
    if folder == Folder.WAITING:
        return seen.filter(waiting_since__isnull=False)
    if folder == Folder.FAILED:
        return seen.exclude(trouble="")
    return seen.none() if folder == Folder.UNKNOWN else seen


def shelves(member: Member, current: Folder) -> list[Shelf]:
    """All folders with their counts, in one statement."""
    counted = _counts(member)
    return [Shelf(folder, address(folder), _written(counted[folder]), folder == current) for folder in Folder]


def _written(count: int) -> str:
    return "" if not count else str(count) if count <= MOST else f"{MOST}+"


def _counts(member: Member) -> dict[Folder, int]:
    asked: list[tuple[Folder, models.QuerySet[Any]]] = [
        (folder, conversations(folder, member)) for folder in Folder if folder != Folder.UNKNOWN
    ]
    asked += [
        (Folder.UNKNOWN, Message.objects.for_team(member.team).filter(contact=None)),
        (Folder.UNKNOWN, Call.objects.for_team(member.team).filter(contact=None)),
    ]
    parts: list[str] = []
    values: list[Any] = []
    for _folder, found in asked:
        statement, given = found.order_by().values("pk")[: MOST + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({statement}) AS found)")  # noqa: S608 - written by the ORM
        values += given
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), values)
        row = cursor.fetchone() or [0] * len(asked)
    counts = dict.fromkeys(Folder, 0)
    for (folder, _found), count in zip(asked, row, strict=True):
        counts[folder] += count
    return counts
