"""Connects a line to a team from the command line."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from contacts import phones
from sms.gateway.addresses import join
from sms.gateway.errors import BaseUrlRefused
from sms.lines.connect import NewLine, callback_url, connect
from sms.models import Line
from teams.models import Team, User

LARGEST_PACE = 100_000
LARGEST_BUDGET = 1_000_000
# As the columns of sms.models.Line.
LONGEST = {"name": 80, "login": 254, "base_url": 200, "send_path": 100}


class Command(BaseCommand):
    help = (
        "Connects a line (one SIM in one phone) to a team and prints the path of its callback address. "
        "The host of the base URL joins those that lines may reach; http is accepted for this machine only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--team", required=True, metavar="NAME")
        parser.add_argument("--login", required=True, help="the account at the gateway")
        parser.add_argument("--access-key", required=True, help="its access key; stored encrypted")
        parser.add_argument("--base-url", required=True, metavar="URL")
        parser.add_argument("--send-path", default="/api/sendSms", metavar="PATH")
        parser.add_argument("--name", default="", help="what the team calls the line (default: the login)")
        parser.add_argument("--number", default="", help="the SIM's own number, in any writing")
        parser.add_argument("--holder", default="", metavar="E-MAIL", help="the member whose phone it is")
        parser.add_argument(
            "--pace", type=int, default=0, metavar="N", help="messages a minute; 0, the default, = no limit"
        )
        parser.add_argument(
            "--day-budget",
            type=int,
            default=0,
            metavar="N",
            help="texts a day that campaigns keep to; 0, the default, = no limit",
        )
        parser.add_argument(
            "--month-budget",
            type=int,
            default=0,
            metavar="N",
            help="people a calendar month that campaigns keep to; 0, the default, = no limit",
        )
        parser.add_argument(
            "--accept-automation",
            action="store_true",
            help="record that this SIM may send by program, at your responsibility",
        )
        parser.add_argument(
            "--push-contacts",
            action="store_true",
            help="fill the phone's address book with the line's people",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        # As create_team writes it.
        team = Team.objects.filter(name=" ".join(options["team"].split())).first()
        if team is None:
            raise CommandError(f'There is no team named "{options["team"]}".')
        name = _name(team, options)
        try:
            join(options["base_url"], options["send_path"])
            line = connect(
                team,
                NewLine(
                    name=name,
                    login=_within("login", options["login"], required=True),
                    access_key=_access_key(options["access_key"]),
                    base_url=_within("base_url", options["base_url"], required=True),
                    send_path=_within("send_path", options["send_path"], required=True),
                    number=_number(team, options["number"]),
                    holder=_holder(team, options["holder"]),
                    pace=_pace(options["pace"]),
                    day_budget=_budget("--day-budget", options["day_budget"]),
                    month_budget=_budget("--month-budget", options["month_budget"]),
                    push_contacts=options["push_contacts"],
                    accept_automation=options["accept_automation"],
                ),
                by=None,
            )
        except BaseUrlRefused as refused:
            raise CommandError(str(refused)) from None
        except IntegrityError:
            raise CommandError(f'The team has a line named "{name}" already: give another --name.') from None
        if options["json"]:
            self.stdout.write(json.dumps({"line": line.pk, "callback_path": line.callback_path}))
        else:
            self.stdout.write(f'Line "{line}" is connected to "{team}".')
            self.stdout.write(f"Callback address to set at the gateway: {callback_url(line)}")


def _within(field: str, given: str, *, required: bool = False) -> str:
    value = given.strip()
    option = "--" + field.replace("_", "-")
    if required and not value:
        raise CommandError(f"{option} is empty.")
    if len(value) > LONGEST[field]:
        raise CommandError(f"{option} is longer than {LONGEST[field]} characters.")
    return value


def _name(team: Team, options: dict[str, Any]) -> str:
    """The name given; else the login, numbered when the team has a line of that name."""
    if options["name"].strip():
        return _within("name", options["name"])
    base = options["login"].strip()[:70] or "SIM"
    taken = set(Line.objects.for_team(team).filter(name__startswith=base).values_list("name", flat=True))
    name, count = base, 1
    while name in taken:
        count += 1
        name = f"{base} {count}"
    return name


def _access_key(given: str) -> str:
    if not given:
        raise CommandError("--access-key is empty.")
    return given


def _number(team: Team, given: str) -> str:
    if not given.strip():
        return ""
    number = phones.normalise(given, team.region)
    if number is None:
        raise CommandError(f'--number: "{given}" is no phone number.')
    return number


def _holder(team: Team, email: str) -> User | None:
    if not email.strip():
        return None
    holder = User.objects.filter(email=email.strip().lower(), memberships__team=team).first()
    if holder is None:
        raise CommandError(f"--holder: no member of the team has the address {email}.")
    return holder


def _pace(given: int) -> int:
    if not 0 <= given <= LARGEST_PACE:
        raise CommandError(f"--pace is a number of messages a minute from 0 to {LARGEST_PACE}.")
    return given


def _budget(option: str, given: int) -> int:
    if not 0 <= given <= LARGEST_BUDGET:
        raise CommandError(f"{option} is a number from 0 to {LARGEST_BUDGET}.")
    return given
