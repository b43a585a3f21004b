from .audit import AuditEntry
from .idempotency import IdempotencyKey
from .stored import StoredChunk, StoredFile
from .team import Membership, Role, Team
from .token import ApiToken
from .user import User

__all__ = [
    "ApiToken",
    "AuditEntry",
    "IdempotencyKey",
    "Membership",
    "Role",
    "StoredChunk",
    "StoredFile",
    "Team",
    "User",
]
