"""What the navigation says of campaigns."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from sms.campaigns.report import listing
from teams.access import Right

# Beyond, the number only says "many": "99+".
MOST = 100


def running(request: HttpRequest) -> dict[str, Any]:
    """`running_campaigns`: how many of the team's run, at most MOST. Asked when the frame is drawn."""
    member = getattr(request, "member", None)
    if member is None or not member.may(Right.MANAGE_CAMPAIGNS):
        return {}
    return {"running_campaigns": SimpleLazyObject(lambda: listing.running(member.team, MOST))}
