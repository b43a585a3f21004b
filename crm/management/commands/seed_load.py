"""Makes a team with very many people, to see how everything behaves with them."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.seed.load import Refused, fill
from teams.models import Team


class Command(BaseCommand):
    help = (
        "Fills a team with invented people, tags, lists, consents and what happened with them, in a few "
        "statements. Makes the team when there is none of that name. Refused for a team whose lines could send: "
        "all numbers are such as reach nobody, but nothing is left to chance."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--contacts", type=int, default=200_000)
        parser.add_argument("--events", type=int, default=5_000_000)
        parser.add_argument("--campaigns", type=int, default=3, help="whose messages come beside these")
        parser.add_argument("--team", default="Grand Large", help="its name; made when there is none")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a sentence")

    def handle(self, *args: Any, **options: Any) -> None:
        team = Team.objects.filter(name=options["team"]).first() or Team.objects.create(name=options["team"])
        try:
            filled = fill(team, options["contacts"], options["events"], options["campaigns"])
        except Refused as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            told = {
                "team": team.pk,
                "contacts": filled.contacts,
                "events": filled.events,
                "campaigns": filled.campaigns,
                "seconds": round(filled.seconds, 1),
            }
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(
                f"{team.name}: {filled.contacts:,} people, {filled.events:,} events, {filled.campaigns} campaigns, "
                f"{filled.seconds:.0f} s."
            )
