from .audit import AuditEntry
from .idempotency import IdempotencyKey
from .team import Membership, Role, Team
from .token import ApiToken
from .user import User

__all__ = ["ApiToken", "AuditEntry", "IdempotencyKey", "Membership", "Role", "Team", "User"]
