"""What an address writes into a composer: `?template=` and the id of one. How templates are chosen without scripts."""

from django.http import HttpRequest

from contacts.models import Contact
from sms.conversations import compose, whom
from sms.conversations.opened import Opened
from sms.message_templates import offered
from sms.message_templates.offered import Offered
from sms.models import Line
from teams.access import Member


def for_thread(request: HttpRequest, one: Opened) -> dict[str, str] | None:
    """What `?template=` in a thread's address writes into its composer."""
    wanted = request.GET.get("template", "")
    if not wanted:
        return None
    line = line_of(one.member, "", one.conversation.line_id)
    return _written(offered.one_of(one.member.team, wanted, one.contact, line))


def for_first(request: HttpRequest, member: Member, to: str) -> dict[str, str] | None:
    wanted = request.GET.get("template", "")
    if not wanted:
        return None
    return _written(offered.one_of(member.team, wanted, person_of(member, to), line_of(member, "", None)))


def _written(found: Offered | None) -> dict[str, str] | None:
    return {"text": found.text, "url": found.url} if found else None


def person_of(member: Member, to: str) -> Contact | None:
    """Nobody in particular where it is not clear who, or where they cannot be written to."""
    number = whom.whom(member, to)[0] if to.strip() else None
    return whom.with_number(member, number) if number and not whom.refusal(member, number) else None


def line_of(member: Member, wanted: str, usual: int | None) -> Line | None:
    """The line with the id `wanted`, else the one that is chosen by itself."""
    lines, line = compose.lines_for(member, usual)
    return next((each for each in lines if str(each.pk) == wanted), line)
