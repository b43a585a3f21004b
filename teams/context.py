"""What every page's frame needs: who is signed in, and where they may go."""

from typing import Any

from django.http import HttpRequest

from teams.access import RIGHTS


def nav(request: HttpRequest) -> dict[str, Any]:
    """`member` (None for a visitor) and `rights`, the names of what they may, as "manage_lines"."""
    member = getattr(request, "member", None)
    rights = {right.value for right in RIGHTS[member.role]} if member else set()
    return {"member": member, "rights": rights}
