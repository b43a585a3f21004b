"""Keeps a conversation's row beside its facts: last event, preview, unread, who waits, trouble."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

PREVIEW_LENGTH = 160


@dataclass(frozen=True)
class Touch:
    """One event as the inbox sees it. Several of one contact are folded before they are written."""

    team_id: int
    contact_id: int
    line_id: int | None
    at: datetime
    # in, out, click, call, missed, qualification, note
    kind: str
    preview: str = ""
    inbound: bool = False  # theirs: answers go to its line
    unread: bool = False  # counts until somebody opens the thread
    waits: bool = False  # from here somebody waits for us
    answers: bool = False  # from here nobody does: we wrote, or spoke


@dataclass
class _Fold:
    """All touches of one contact, as one row of the statement."""

    last: Touch
    inbound_line: int | None = None
    unread: int = 0
    waits: list[datetime] = field(default_factory=list)
    answered: datetime | None = None

    def add(self, touch: Touch) -> None:
        if touch.at >= self.last.at:
            self.last = touch
        if touch.inbound:
            self.inbound_line = touch.line_id or self.inbound_line
        self.unread += touch.unread
        if touch.waits:
            self.waits.append(touch.at)
        if touch.answers:
            self.answered = max(self.answered or touch.at, touch.at)

    @property
    def waiting(self) -> datetime | None:
        """Since when somebody waits, as far as these touches tell: what came after the last answer."""
        return min((at for at in self.waits if self.answered is None or at > self.answered), default=None)


_ADD = """
INSERT INTO sms_conversation (contact_id, team_id, line_id, unread, trouble, last_at, last_kind, preview)
SELECT contact_id, team_id, line_id, 0, '', last_at, last_kind, preview
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[])
    AS t(contact_id, team_id, line_id, last_at, last_kind, preview)
ORDER BY contact_id
ON CONFLICT (contact_id) DO NOTHING
"""

# Rows are locked in the order of their key, here as everywhere: two batches can't block each other.
_UPDATE = """
WITH t AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[],
                         %s::timestamptz[], %s::text[], %s::text[])
        AS t(contact_id, inbound_line, unread, waiting, answered, last_at, last_kind, preview)
), locked AS (
    SELECT c.contact_id FROM sms_conversation c JOIN t USING (contact_id) ORDER BY c.contact_id FOR UPDATE OF c
)
UPDATE sms_conversation c SET
    line_id = coalesce(t.inbound_line, c.line_id),
    unread = c.unread + t.unread,
    -- An answer closes a wait that began before it; a wait that began later stands.
    waiting_since = CASE WHEN t.answered IS NULL OR t.answered < c.waiting_since
                         THEN least(c.waiting_since, t.waiting) ELSE t.waiting END,
    last_at = greatest(c.last_at, t.last_at),
    last_kind = CASE WHEN t.last_at >= c.last_at THEN t.last_kind ELSE c.last_kind END,
    preview = CASE WHEN t.last_at >= c.last_at THEN t.preview ELSE c.preview END
FROM t JOIN locked USING (contact_id)
WHERE c.contact_id = t.contact_id
"""


def write(touches: Iterable[Touch]) -> None:
    """Brings the conversations of all touched contacts up to date, in two statements."""
    folds: dict[int, _Fold] = {}
    for touch in touches:
        folds.setdefault(touch.contact_id, _Fold(last=touch)).add(touch)
    if not folds:
        return
    contacts = sorted(folds)
    rows = [folds[contact] for contact in contacts]
    last_at = [row.last.at for row in rows]
    kinds = [row.last.kind for row in rows]
    previews = [row.last.preview[:PREVIEW_LENGTH] for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                contacts,
                [r.last.team_id for r in rows],
                [r.last.line_id for r in rows],
                last_at,
                kinds,
                previews,
            ],
        )
        cursor.execute(
            _UPDATE,
            [
                contacts,
                [row.inbound_line for row in rows],
                [row.unread for row in rows],
                [row.waiting for row in rows],
                [row.answered for row in rows],
                last_at,
                kinds,
                previews,
            ],
        )


_TROUBLE = """
WITH locked AS (
    SELECT contact_id FROM sms_conversation WHERE contact_id = ANY(%s) ORDER BY contact_id FOR UPDATE
)
UPDATE sms_conversation c
SET trouble = coalesce(
    (SELECT m.state FROM sms_message m
     WHERE m.contact_id = c.contact_id AND m.state IN ('failed', 'uncertain') AND m.left_at IS NULL
       AND m.campaign_id IS NULL
     ORDER BY m.id DESC LIMIT 1), '')
FROM locked WHERE c.contact_id = locked.contact_id
"""


def refresh_trouble(contact_ids: Iterable[int | None]) -> None:
    """Looks again whether these contacts have a failed or uncertain message that nobody decided on."""
    ids = sorted({each for each in contact_ids if each is not None})
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_TROUBLE, [ids])
