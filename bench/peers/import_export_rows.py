"""django-import-export as its guide shows it: a resource, row by row, and in its bulk mode."""

import csv
from itertools import islice
from pathlib import Path
from typing import Any

import phonenumbers
import tablib
from import_export.resources import ModelResource

from contacts.models import Contact, ContactPhone
from teams.models import Team


def _number(written: str) -> str:
    """Raises ValueError."""
    try:
        parsed = phonenumbers.parse(written, "FR")
    except phonenumbers.NumberParseException as error:
        raise ValueError(str(error)) from error
    if not phonenumbers.is_valid_number(parsed):
        raise ValueError("not a number")
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


class People(ModelResource):  # type: ignore[misc] # it has no types
    """A row is a person and their number; somebody who is there is found by the number."""

    class Meta:
        model = Contact
        fields = ("first_name", "last_name", "email", "company")
        import_id_fields = ("first_name",)  # asked for; `get_instance` looks by the number
        skip_unchanged = True
        report_skipped = False

    team: Team

    def before_import_row(self, row: dict[str, Any], **_kwargs: Any) -> None:
        row["number"] = _number(row["phone"])

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Contact | None:
        return Contact.objects.filter(team=self.team, phones__number=row["number"]).first()

    def before_save_instance(self, instance: Contact, row: dict[str, Any], **_kwargs: Any) -> None:
        instance.team = self.team
        instance.number = row["number"]  # type: ignore[attr-defined]

    def after_save_instance(self, instance: Contact, row: dict[str, Any], **_kwargs: Any) -> None:
        if not self._meta.use_bulk:
            ContactPhone.objects.get_or_create(
                team=self.team, number=row["number"], defaults={"contact": instance, "is_primary": True}
            )


class PeopleInBulk(People):
    class Meta(People.Meta):
        use_bulk = True
        batch_size = 1_000
        skip_diff = True
        # It compares with what the database holds: in bulk there is nobody yet.
        skip_unchanged = False

    def bulk_create(self, *args: Any, **kwargs: Any) -> None:
        made = list(self.create_instances)
        super().bulk_create(*args, **kwargs)
        ContactPhone.objects.bulk_create(
            [
                ContactPhone(team=self.team, contact=each, number=each.number, is_primary=True)
                for each in made
            ],
            ignore_conflicts=True,
        )


def run(path: Path, team: Team, count: int, *, bulk: bool) -> int:
    """How many people were written of the first `count` rows."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        data = tablib.Dataset(
            *islice(reader, count), headers=["first_name", "last_name", "phone", "email", "company"]
        )
    resource = PeopleInBulk() if bulk else People()
    resource.team = team
    resource.import_data(data, dry_run=False, raise_errors=False, use_transactions=False)
    return Contact.objects.filter(team=team).count()
