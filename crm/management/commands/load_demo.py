"""Fills an empty database with an invented sales team, and tells the sandbox gateway where to call back."""

import json
import time
from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.management.base import BaseCommand, CommandError

from crm.demo import load, people
from sms.gateway.addresses import is_loopback
from sms.lines.connect import callback_url
from sms.models import Line
from teams.models import Team, User

CALLBACKS = ("status", "message", "clics", "calls", "qualification")
# The sandbox may still be starting.
PATIENCE_S = 5.0
# Where ./run puts it, for whoever starts the processes by hand.
USUAL_SANDBOX = "http://127.0.0.1:8001"


class Command(BaseCommand):
    help = (
        "Makes the demo team when the database holds no team, prints its logins, and sets the demo line's "
        "callback addresses at the sandbox. May be run again at any time. Refused where LIGNE_PUBLIC_URL is "
        "set: a site that others reach has no logins that everyone knows."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PUBLIC_URL:
            raise CommandError(
                "LIGNE_PUBLIC_URL is set: others reach this site, so there are no demo logins. "
                "Make a team with create_team."
            )
        sandbox = settings.SANDBOX_URL or USUAL_SANDBOX
        if not Team.objects.exists():
            load.load(sandbox)
        team = _demo_team()
        logins = _logins(team) if team else []
        line = _demo_line(team) if team else None
        if line is not None:
            _follow(line, sandbox)
            self._tell(sandbox, line)
        if options["json"]:
            self.stdout.write(json.dumps({"logins": logins}))
        elif logins:
            for login in logins:
                self.stdout.write("  ".join(login.values()))
        else:
            self.stdout.write(
                "No demo logins: the database has a team of its own, or their passwords were changed."
            )

    def _tell(self, sandbox: str, line: Line) -> None:
        """Gives the sandbox the five callback addresses; a sandbox that is away is no reason to fail."""
        address = callback_url(line)
        body = {"login": line.login, "name": line.team.name, "number": line.number}
        body |= dict.fromkeys(CALLBACKS, address)
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                with requests.Session() as session:
                    session.trust_env = False  # this machine is never reached through a proxy
                    session.put(f"{sandbox}/sandbox/api/callbacks", json=body, timeout=2).raise_for_status()
                return
            except requests.RequestException as error:
                if time.monotonic() > until:
                    self.stderr.write(
                        f"The sandbox at {sandbox} was not told the callback addresses "
                        f"({type(error).__name__}). Start it, then run load_demo again."
                    )
                    return
                time.sleep(0.25)


def _demo_team() -> Team | None:
    """The team that this or an earlier run made; not one that only has the same name."""
    founder = people.COLLEAGUES[0].email
    return Team.objects.filter(name=people.TEAM, memberships__user__email=founder).first()


def _demo_line(team: Team) -> Line | None:
    """The demo's line, as long as it points to this machine: somebody may have made a real one of it."""
    line = (
        Line.objects.for_team(team)
        .select_related("team")
        .filter(login=people.LINE_LOGIN)
        .order_by("id")
        .first()
    )
    host = urlsplit(line.base_url).hostname if line else None
    return line if host and is_loopback(host) else None


def _follow(line: Line, sandbox: str) -> None:
    """The sandbox may have another port than the last time."""
    if line.base_url != sandbox:
        Line.objects.filter(pk=line.pk).update(base_url=sandbox)


def _logins(team: Team) -> list[dict[str, str]]:
    """The demo accounts that still have the demo's password."""
    known: dict[str, bool] = {}
    logins = []
    users = User.objects.filter(is_active=True, memberships__team=team)
    by_email = {user.email: user for user in users}
    for each in people.COLLEAGUES:
        user = by_email.get(each.email)
        if user is None:
            continue
        # Hashes are slow to check by design, and the three are the same until one is changed.
        if user.password not in known:
            known[user.password] = check_password(people.PASSWORD, user.password)
        if known[user.password]:
            logins.append({"email": each.email, "password": people.PASSWORD, "role": each.role})
    return logins
