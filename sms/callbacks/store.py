"""The one statement of the callbacks' door: finds the line by the token's hash and keeps the raw bytes."""

import hashlib

# Positional for psycopg, in the async pool of the door and in Django's connection alike. Nothing is
# inserted, and no row comes back, for a token that no line has.
STORE = """
INSERT INTO sms_callback (team_id, line_id, query, state, detail, parked_for, received_at)
SELECT team_id, id, %s, 'received', '', '', %s FROM sms_line WHERE callback_token_hash = %s
RETURNING id
"""

# [A-Za-z0-9_-], as long as token_urlsafe may give; anything else can't be a token and asks no database.
TOKEN_PATTERN = r"[A-Za-z0-9_-]{16,128}"  # noqa: S105 - the shape of one


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
