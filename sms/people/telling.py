"""What passed through the lines about a person, told to them: their part of contacts/privacy/tell.py."""

from collections.abc import Iterator
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Contact
from contacts.privacy import tell, traces
from contacts.privacy.tell import Row, Section, rows_of
from sms.callbacks import forget
from sms.models import AddressBookEntry, Call, Callback, Click, Message, Note, Qualification


def _facts(model: Any, names: dict[str, str]) -> Any:
    def rows(contact: Contact) -> Iterator[Row]:
        found = model.objects.filter(contact=contact).order_by("-happened_at", "-pk")
        return rows_of(found, {"happened_at": "happened_at"} | names)

    return rows


def _callbacks(contact: Contact) -> Iterator[Row]:
    """The raw bytes as text: how they came, percent-encoded."""
    found = traces.of(contact)
    ids = forget.of_person(found, (), ())
    for at in range(0, len(ids), tell.STEP):
        rows = Callback.objects.filter(pk__in=ids[at : at + tell.STEP]).order_by("-pk")
        for row in rows_of(
            rows, {"received_at": "received_at", "line": "line__name", "state": "state", "raw": "query"}
        ):
            yield row | {"raw": bytes(row["raw"]).decode("utf-8", "replace")}


def _books(contact: Contact) -> Iterator[Row]:
    found = AddressBookEntry.objects.filter(contact=contact).order_by("-pushed_at")
    names = {name: name for name in ("pushed_at", "number", "result", "detail")}
    return rows_of(found, names | {"line": "line__name"})


def _words(**choices: type[TextChoices]) -> dict[str, dict[str, Any]]:
    return {key: dict(of.choices) for key, of in choices.items()}


WHEN, LINE, NUMBER, TEXT = _("When"), _("Line"), _("Number"), pgettext_lazy("of a message", "Text")
MESSAGE = {
    "direction": "direction",
    "number": "number",
    "text": "text",
    "link": "url",
    "state": "state",
    "state_reason": "state_reason",
    "line": "line__name",
    "by": "created_by__full_name",
    "sent_at": "sent_at",
    "delivered_at": "delivered_at",
    "id_sms_api": "id_sms_api",
}


def register() -> None:
    for section in (
        Section(
            "messages",
            _("Messages"),
            {
                "happened_at": WHEN,
                "direction": _("Direction"),
                "number": NUMBER,
                "text": TEXT,
                "state": _("State"),
                "line": LINE,
            },
            _facts(Message, MESSAGE),
            _words(direction=Message.Direction, state=Message.State),
        ),
        Section(
            "calls",
            _("Calls"),
            {
                "happened_at": WHEN,
                "direction": _("Direction"),
                "number": NUMBER,
                "duration_s": _("Seconds"),
                "line": LINE,
            },
            _facts(
                Call,
                {
                    "direction": "direction",
                    "number": "number",
                    "duration_s": "duration_s",
                    "line": "line__name",
                },
            ),
            _words(direction=Call.Direction),
        ),
        Section(
            "clicks",
            _("Opened links"),
            {"happened_at": WHEN, "link": _("Link"), "doubtful": _("Doubtful")},
            _facts(Click, {"link": "link", "doubtful": "doubtful", "line": "line__name"}),
        ),
        Section(
            "qualifications",
            _("Qualifications"),
            {"happened_at": WHEN, "text": TEXT, "source": _("Where it comes from"), "line": LINE},
            _facts(
                Qualification, {"text": "text", "source": "source", "number": "number", "line": "line__name"}
            ),
            _words(source=Qualification.Source),
        ),
        Section(
            "notes",
            _("Notes"),
            {"happened_at": WHEN, "text": TEXT, "by": _("By")},
            _facts(Note, {"text": "text", "by": "author__full_name"}),
        ),
        Section(
            "address_books",
            _("Phones' address books"),
            {"pushed_at": WHEN, "line": LINE, "number": NUMBER, "result": _("Result")},
            _books,
        ),
        Section(
            "callbacks",
            _("As the gateway told it"),
            {"received_at": WHEN, "line": LINE, "raw": _("Raw")},
            _callbacks,
        ),
    ):
        tell.register(section)
