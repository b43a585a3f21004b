"""What the navigation says of follow-ups."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from contacts.follow_ups import doing

# Beyond, the number only says "many": "99+".
MOST = 100


def overdue(request: HttpRequest) -> dict[str, Any]:
    """`overdue_follow_ups`: how many of one's own are overdue, at most MOST. Asked when the frame is drawn."""
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {
        "overdue_follow_ups": SimpleLazyObject(lambda: doing.overdue_count(member.team, member.user, MOST))
    }
