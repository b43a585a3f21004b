"""Who has to be pushed to a line's phone: a comparison of our people with what the gateway answered last.

In the phone belong those whom its holder deals with: everybody whose conversation goes through this line, and
everybody whom the holder looks after, so that a call shows a name. Only people with a name, under each of their
numbers that can be texted; those who opted out too, for they may call.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from sms.gateway.contacts import BookPerson

# Somebody who has no name of their own stands under their company's. The digest is of what is pushed, so that a
# new tag pushes nobody. The place after each field keeps "ab" "c" from being "a" "bc".
_CHANGED = """
WITH mine AS (
    SELECT contact_id AS id FROM sms_conversation WHERE line_id = %(line)s
    UNION
    SELECT c.id FROM sms_line l JOIN contacts_contact c ON c.team_id = l.team_id AND c.owner_id = l.holder_id
    WHERE l.id = %(line)s
), people AS (
    SELECT c.id, p.number, c.first_name AS first,
           CASE WHEN c.first_name = '' AND c.last_name = '' THEN c.company ELSE c.last_name END AS last,
           c.email, c.address
    FROM mine JOIN contacts_contact c USING (id) JOIN contacts_contactphone p ON p.contact_id = c.id
    WHERE p.textable AND (c.first_name <> '' OR c.last_name <> '' OR c.company <> '')
)
SELECT people.id, people.number, now.digest, first, last, people.email, people.address
FROM people
CROSS JOIN LATERAL (
    SELECT md5(concat_ws(chr(31), first, last, people.email, people.address))::uuid AS digest
) AS now
LEFT JOIN sms_addressbookentry e ON e.line_id = %(line)s AND e.number = people.number
LEFT JOIN sms_addressbook b ON b.line_id = %(line)s
WHERE e.id IS NULL OR e.digest <> now.digest OR e.pushed_at < b.again_at
LIMIT %(most)s
"""


@dataclass(frozen=True)
class Changed:
    """A person as they are pushed, and the digest to remember once the gateway answered."""

    contact_id: int
    digest: UUID
    person: BookPerson


def of_line(line_id: int, most: int) -> list[Changed]:
    """At most `most` whom the phone doesn't have, or has otherwise. One statement over the line's people."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"line": line_id, "most": most})
        return [
            Changed(contact_id, digest, BookPerson(number, first, last, email, address))
            for contact_id, number, digest, first, last, email, address in cursor.fetchall()
        ]
