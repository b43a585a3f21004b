"""Makes a team, its first admin and an API token for them."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from teams import audit
from teams.models import ApiToken, Membership, Role, Team, User


class Command(BaseCommand):
    help = (
        "Makes a team with its first admin and prints an API token, which can't be read again. "
        "An address that has an account already joins the new team, when the password is that account's. "
        "The password may be any but an empty one: whoever runs this decides."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the team's name")
        parser.add_argument("--admin", required=True, metavar="E-MAIL", help="who signs in as its admin")
        parser.add_argument("--password", required=True, help="their password")
        parser.add_argument("--full-name", default="", help="their name, as colleagues see it")
        parser.add_argument(
            "--superuser",
            action="store_true",
            help="also open the administration pages to them (the first account of an installation always may)",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        name = _name(options["name"])
        email = _email(options["admin"])
        if not options["password"]:
            raise CommandError("The password is empty.")
        try:
            with transaction.atomic():
                team = Team.objects.create(name=name)
                user = _admin(
                    email, options["password"], full_name=options["full_name"], superuser=options["superuser"]
                )
                Membership.objects.create(team=team, user=user, role=Role.ADMIN)
                _, token = ApiToken.issue(team=team, user=user, name="create_team")
                audit.record(team, "team.created", team, actor=None, admin=email)
        except IntegrityError as error:
            if "name" in str(error):
                raise CommandError(f'There is a team named "{name}" already.') from None
            raise
        if options["json"]:
            self.stdout.write(json.dumps({"team": team.pk, "user": user.pk, "api_token": token}))
        else:
            self.stdout.write(f'Team "{team}" is made; {email} is its admin.')
            self.stdout.write(f"API token, shown only now: {token}")


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name:
        raise CommandError("The team's name is empty.")
    longest = Team._meta.get_field("name").max_length or 0
    if len(name) > longest:
        raise CommandError(f"The team's name is longer than {longest} characters.")
    return name


def _email(given: str) -> str:
    email = given.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f'"{given}" is no e-mail address.') from None
    return email


def _admin(email: str, password: str, *, full_name: str, superuser: bool) -> User:
    """The account with this address, made when there is none. Inside a transaction."""
    first = not User.objects.exists()
    user = User.objects.filter(email=email).first()
    if user is None:
        may = superuser or first
        return User.objects.create_user(
            email, password, full_name=full_name.strip()[:150], is_staff=may, is_superuser=may
        )
    # Whoever types another person's address by mistake must not hand them the keys of a team.
    if not user.is_active or not user.check_password(password):
        raise CommandError(
            f"{email} has an account already, and this is not its password. "
            "Give that account's password to let it join the new team."
        )
    if superuser and not user.is_superuser:
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
    return user
