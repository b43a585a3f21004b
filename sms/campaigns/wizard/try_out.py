"""One real text to oneself: the message of a draft as the person of the preview would get it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts import phones
from contacts.people.forms import NumberField
from sms.models import Line, Message
from sms.sending.queue import Draft, enqueue
from teams import idempotency
from teams.models import Team, User


class TestForm(forms.Form):
    """Part of the message's own form. `key` makes a double click one text."""

    __test__ = False  # no test of pytest's

    number = NumberField(label=_("Your number"), max_length=64)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, team: Team, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].region = team.region  # type: ignore[attr-defined]
        self.fields["key"].initial = uuid4
        if lines:
            # Whoever holds the phone reads it there.
            self.fields["number"].initial = phones.display(lines[0].number, team.region)


def send(line: Line, number: str, text: str, url: str, *, key: UUID, by: User) -> Message:
    """Once for each form's `key`. Raises idempotency.KeyReused where the form comes back with another text."""

    def make() -> list[int]:
        draft = Draft(line=line, number=number, text=text, url=url)
        return [message.pk for message in enqueue(line.team, [draft], by=by)]

    digest = idempotency.digest_of(f"{line.pk} {number} {text} {url}".encode())
    made, _new = idempotency.once(
        team=line.team, scope=f"form:{by.pk}", key=f"campaign-test:{key}", digest=digest, make=make
    )
    return Message.objects.for_team(line.team).get(pk=made[0])
