"""Imports a file of people in one pass, as the pages do it in four steps."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError

from contacts import fields
from contacts.imports import mapping, rows, uploads, work
from contacts.imports.mapping import plain
from contacts.imports.unreadable import Unreadable
from contacts.models import ContactList, Import
from teams.models import Team, User


class Command(BaseCommand):
    help = (
        "Imports people from a CSV, TSV or XLSX file. What is left out is written beside it, as "
        "FILE.rejects.csv, with line numbers and reasons."
    )

    # They would load every page.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--team", required=True, help="The team's name.")
        parser.add_argument(
            "--by", default="", metavar="EMAIL", help="The colleague in whose name it is done."
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADER=FIELD",
            help="What a column is, beside what is guessed: phone, last_name, custom.KEY; nothing to leave it out.",
        )
        parser.add_argument("--update", action="store_true", help="Replace values that are filled already.")
        parser.add_argument("--list", default="", metavar="NAME", help="Put everybody on this list.")
        parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="Tag everybody.")
        parser.add_argument(
            "--consent-confirmed",
            action="store_true",
            help="You vouch for the proof in the file's consent columns.",
        )
        parser.add_argument("--json", action="store_true", help="Print the counts as JSON and nothing else.")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            import_ = self._imported(options)
        except Unreadable as unreadable:
            raise CommandError(unreadable.sentence) from unreadable
        rejects = self._write_rejects(import_, options["file"])
        found = {
            "created": import_.created,
            "updated": import_.updated,
            "unchanged": import_.unchanged,
            "invalid": import_.invalid,
            "duplicates": import_.duplicates,
            "rejects": rejects,
        }
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            for name, value in found.items():
                self.stdout.write(f"{name:>10}  {value if value is not None else 'none'}")
        if import_.state != Import.State.FINISHED:
            raise CommandError(import_.error or f"The import is {import_.get_state_display().lower()}.")

    def _imported(self, options: dict[str, Any]) -> Import:
        team = Team.objects.filter(name=options["team"]).first()
        if team is None:
            names = ", ".join(Team.objects.order_by("name").values_list("name", flat=True)[:20])
            raise CommandError(f"There is no team named {options['team']!r}. Teams: {names or 'none'}.")
        by = User.objects.filter(email=options["by"].lower(), memberships__team=team).first()
        if options["by"] and by is None:
            raise CommandError(f"Nobody of the team has the address {options['by']!r}.")
        try:
            with options["file"].open("rb") as opened:
                import_ = uploads.take(team, File(opened, name=options["file"].name), by)
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}.") from error
        chosen = self._mapping(import_, options["map"])
        target = None
        if options["list"]:
            lists = ContactList.objects.for_team(team)
            target = lists.filter(name__iexact=options["list"]).first() or lists.create(
                team=team, name=options["list"][:80], created_by=by
            )
        work.start_direct(
            import_,
            chosen,
            overwrite=options["update"],
            consent_confirmed=options["consent_confirmed"],
            target_list=target,
            tag_names=options["tag"],
        )
        shown = _Shown(import_) if sys.stderr.isatty() and not options["json"] else None
        work.run(import_.pk, shown.show if shown else None)
        if shown:
            shown.end()
        import_.refresh_from_db()
        return import_

    def _mapping(self, import_: Import, given: list[str]) -> list[str]:
        chosen = list(import_.mapping)
        names = [plain(name) for name in import_.header]
        for each in given:
            header, equals, field = each.rpartition("=")
            if not equals or plain(header) not in names:
                import_.delete()
                raise CommandError(
                    f"--map {each!r}: no such column. Columns: {', '.join(import_.header)}. Write HEADER=FIELD."
                )
            # Whoever says what a column is takes the field away from where it was guessed.
            several = ("tags", "lists", "other_phones")
            chosen = ["" if key == field and field not in several else key for key in chosen]
            chosen[names.index(plain(header))] = field.strip()
        if wrong := mapping.problems(chosen, fields.of_team(import_.team)):
            columns = ", ".join(import_.header)
            import_.delete()
            raise CommandError(f"{' '.join(wrong)} Columns: {columns}.")
        return chosen

    def _write_rejects(self, import_: Import, file: Path) -> str | None:
        if not import_.invalid and not import_.duplicates:
            return None
        path = file.with_name(f"{file.name}.rejects.csv")
        try:
            with path.open("w", encoding="utf-8", newline="") as out:
                out.writelines(rows.rejects(import_))
        except OSError as error:
            self.stderr.write(f"The rejects could not be written: {path}: {error.strerror}.")
            return None
        return str(path)


class _Shown:
    """Progress on a terminal, on one line."""

    def __init__(self, import_: Import) -> None:
        self._import = import_

    def show(self) -> None:
        self._import.refresh_from_db()
        found = work.progress(self._import)
        share = f"{found.share:4.0%}" if found.share is not None else ""
        rate = f"{found.rows_per_s:,.0f} rows/s" if found.rows_per_s else ""
        left = f"{found.seconds_left:,.0f} s left" if found.seconds_left else ""
        sys.stderr.write(f"\r{self._import.done_rows:,} rows {share} {rate} {left}".ljust(70))
        sys.stderr.flush()

    def end(self) -> None:
        sys.stderr.write("\n")
