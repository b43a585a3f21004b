"""Connects a line: checks the address, remembers its host, makes the callback secret."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sms.address_book import switching
from sms.gateway.addresses import check_base_url, is_loopback
from sms.lines import budget
from sms.models import GatewayHost, Line
from teams import audit
from teams.models import Team, User


@dataclass(frozen=True)
class NewLine:
    """What an admin gives. `pace` is messages a minute, 0 for none; so are the budgets (sms.models.Line)."""

    name: str
    login: str
    access_key: str
    base_url: str
    send_path: str = "/api/sendSms"
    marker: str = "[Lien_Tracking]"
    number: str = ""
    holder: User | None = None
    time_zone: str = ""
    pace: int = 3
    test_mode: bool = False
    contact_path: str = "/api/contact"
    push_contacts: bool = False
    accept_automation: bool = False
    window: list[list[int] | None] | None = None
    day_budget: int = 0
    month_budget: int = 0


def connect(team: Team, new: NewLine, *, by: User | None) -> Line:
    """Makes the line. Raises BaseUrlRefused for an address that may not get an access key."""
    base_url = new.base_url.rstrip("/")
    with transaction.atomic():
        allow_host(base_url, by=by)
        line = Line(
            team=team,
            name=new.name,
            login=new.login,
            access_key=new.access_key,
            base_url=base_url,
            send_path=new.send_path,
            marker=new.marker,
            number=new.number,
            holder=new.holder,
            time_zone=new.time_zone or team.time_zone,
            pace=new.pace,
            test_mode=new.test_mode,
            contact_path=new.contact_path,
            push_contacts=new.push_contacts,
            window=new.window,
            day_budget=new.day_budget,
            month_budget=new.month_budget,
            automation_accepted_at=timezone.now() if new.accept_automation else None,
            automation_accepted_by=by if new.accept_automation else None,
        )
        line.new_callback_token()
        line.save()
        switching.follow(line)
        audit.record(
            team, "line.connected", line, actor=by, base_url=base_url, automation=new.accept_automation
        )
    return line


def allow_host(base_url: str, *, by: User | None) -> None:
    """Adds the address's host to those that lines may reach: connecting a line is an admin's decision.

    Raises BaseUrlRefused for everything that makes an address unfit but its host.
    """
    host = host_of(base_url)
    check_base_url(base_url, {host})
    if host and not is_loopback(host) and host not in settings.GATEWAY_HOSTS:
        GatewayHost.objects.get_or_create(host=host, defaults={"added_by": by})


def host_of(base_url: str) -> str:
    """The host that an address names, in lower case; "" when it can't be read."""
    try:
        return (urlsplit(base_url).hostname or "").lower()
    except ValueError:
        return ""


def needs_key(line: Line, base_url: str) -> bool:
    """Whether the key must be given again: the stored one must not follow a line to another host unasked."""
    return bool(line.access_key) and host_of(base_url) != host_of(line.base_url)


def change(
    line: Line, values: dict[str, Any], *, by: User, access_key: str = "", accept_automation: bool
) -> None:
    """Stores settings of a line, and a new access key when one is given. Raises BaseUrlRefused.

    Only what changed is written: the sender's lease and the line's state live in the same row.
    """
    changed = {name: value for name, value in values.items() if getattr(line, name) != value}
    if access_key:
        changed["access_key"] = access_key
    if accept_automation != (line.automation_accepted_at is not None):
        changed["automation_accepted_at"] = timezone.now() if accept_automation else None
        changed["automation_accepted_by"] = by if accept_automation else None
    if not changed:
        return
    with transaction.atomic():
        if "base_url" in changed:
            allow_host(changed["base_url"], by=by)
        for name, value in changed.items():
            setattr(line, name, value)
        line.save(update_fields=list(changed))
        switching.follow(line)
        budget.follow(line, changed)
        # Which settings, never the key itself.
        audit.record(line.team, "line.changed", line, actor=by, settings=sorted(changed))


def callback_url(line: Line) -> str:
    """The address to paste into the gateway, from LIGNE_PUBLIC_URL, else from where this machine listens."""
    return (settings.PUBLIC_URL or settings.LOCAL_URL) + line.callback_path


def new_token(line: Line, *, by: User) -> None:
    """Replaces the callback secret: the address set at the gateway stops working at once."""
    line.new_callback_token()
    line.save(update_fields=["callback_token", "callback_token_hash"])
    audit.record(line.team, "line.callback_address_changed", line, actor=by)
