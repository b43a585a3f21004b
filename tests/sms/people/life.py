"""Somebody of whom every table knows something, and the whole database as text."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from contacts.models import (
    Contact,
    ContactList,
    ContactTag,
    DuplicatePair,
    Export,
    FollowUp,
    Import,
    ImportChange,
    ImportRow,
    ListMember,
    Merge,
    SavedView,
    Tag,
)
from contacts.people import numbers
from contacts.privacy import ledger
from sms.callbacks import apply
from sms.models import AddressBook, AddressBookEntry, Callback, Line, Message, Note, SendAttempt
from sms.sending.queue import Draft, enqueue
from teams import audit, files
from teams.access import Member
from teams.models import IdempotencyKey, Team
from tests.conftest import contact_of, make_line

NUMBER, SECOND, OTHER = "+33639984217", "+33639981203", "+33639989999"
# However somebody wrote them down: the digits that every writing ends with.
DIGITS = ("639984217", "39984217", "639981203")
SECRETS = ("camille.aubertin@exemple.example", "aubertin", "pompe à chaleur", "jeudi après 17", "granit rose")


def callback(line: Line, payload: dict[str, Any], param: str = "message") -> Callback:
    """As the gateway's door keeps it."""
    query = f"{param}={quote(json.dumps(payload, ensure_ascii=False))}".encode()
    return Callback.objects.create(team=line.team, line=line, query=query, received_at=timezone.now())


def dump() -> str:
    """Every row of every table as text, bytes as what they say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        told = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                cells = (
                    bytes(cell).decode("utf-8", "replace")
                    if isinstance(cell, bytes | memoryview)
                    else str(cell)
                    for cell in row
                )
                told.append(f"{table}: {' | '.join(cells)}".replace("\n", " "))
    return "\n".join(told)


def traces_in(text: str) -> list[str]:
    """Lines in which a digit string or a secret stands, whatever is between the digits and however encoded."""
    found = []
    for line in text.splitlines():
        for plain in (line, quote_free(line), quote_free(quote_free(line))):
            squeezed = "".join(each for each in plain if each.isalnum()).lower()
            if any(each in squeezed for each in DIGITS) or any(each in plain.lower() for each in SECRETS):
                found.append(line[:300])
                break
    return found


def quote_free(text: str) -> str:
    from urllib.parse import unquote_plus

    return unquote_plus(text)


class Life:
    """Somebody of whom every table knows something."""

    def __init__(self, team: Team, admin: Member) -> None:
        self.team, self.admin, self.line = team, admin, make_line(team)
        now = timezone.now()
        self.person = Contact.objects.create(
            team=team,
            first_name="Camille",
            last_name="Aubertin",
            email="camille.aubertin@exemple.example",
            company="Chez Aubertin",
            address="12 rue du Granit rose",
            custom={"project": "Pompe à chaleur"},
        )
        for number in (NUMBER, SECOND):
            numbers.add(self.person, number)
        self._known(now)
        self._happened(now)
        self._filed(now)
        self._noted()

    def _known(self, now: datetime) -> None:
        tag = Tag.objects.create(team=self.team, name="salon")
        ContactTag.objects.create(contact=self.person, tag=tag)
        chosen = ContactList.objects.create(team=self.team, name="Rennes")
        ListMember.objects.create(contact=self.person, list=chosen)
        FollowUp.objects.create(team=self.team, contact=self.person, text="Rappeler Mme Aubertin", due_at=now)
        ledger.grant(
            self.team.pk,
            [self.person.pk],
            basis="opted_in",
            source="Salon",
            wording="Camille Aubertin accepte",
            proof="06 39 98 42 17",
        )
        neighbour = Contact.objects.get(pk=contact_of(self.team, OTHER))
        first, second = sorted((self.person, neighbour), key=lambda each: each.pk)
        DuplicatePair.objects.create(team=self.team, first=first, second=second, why="name")
        Merge.objects.create(
            team=self.team,
            kept=self.person,
            gone_id=987654,
            gone={"fields": {"last_name": "Aubertin", "email": "camille.aubertin@exemple.example"}},
            happened_at=now,
        )

    def _happened(self, now: datetime) -> None:
        line = self.line
        sent = enqueue(self.team, [Draft(line, NUMBER, "Votre pompe à chaleur")], by=self.admin.user)[0]
        attempt = SendAttempt.objects.create(
            line=line,
            messages_count=2,
            duration_ms=12,
            http_status=200,
            answer=json.dumps(
                {
                    "success": True,
                    "results": [
                        {"id_sms_api": sent.id_sms_api, "phone_number": "0639984217", "status": 1},
                        {"id_sms_api": "theirs12345", "phone_number": "+33639989999", "status": 1},
                    ],
                }
            ),
        )
        broken = SendAttempt.objects.create(
            line=line, messages_count=1, duration_ms=9, answer="<b>+33 6 39 98 42 17</b> accepted"
        )
        Message.objects.filter(pk=sent.pk).update(state="delivered", attempt=attempt, attempts=2)
        SendAttempt.objects.filter(pk=broken.pk).update(at=sent.created_at)
        enqueue(self.team, [Draft(line, SECOND, "À jeudi après 17 h ?")], by=self.admin.user)
        when = now.astimezone(UTC).isoformat()
        text = {
            "title": "incoming_sms",
            "from": "06 39 98 42 17",
            "message": "Oui, jeudi après 17 h",
            "date": when,
        }
        status = {"id_sms_api": sent.id_sms_api, "status": "received", "date_status": when}
        click = {
            "title": "click",
            "id_sms_api": sent.id_sms_api,
            "phone_number": NUMBER,
            "link": "l.example/a",
            "date": when,
        }
        call = {"title": "missed_call", "phone_number": "0033639981203", "call_time": when, "duration": "22"}
        noted = {
            "title": "qualification_mobile",
            "from": NUMBER,
            "qualification": "Pompe à chaleur",
            "date": when,
        }
        for payload, param in (
            (text, "message"),
            (text, "message"),
            (status, "status"),
            (click, "click"),
            (call, "call"),
            (noted, "qualification"),
        ):
            callback(line, payload, param)
        # One that nobody understands, one of two people, one that waits for a message, one that is not applied yet.
        callback(line, {"odd": "06.39.98.42.17"}, "strange")
        both = [text | {"message": "granit rose"}, text | {"from": OTHER, "message": "Bonjour"}]
        line_of_two = f"message={quote(json.dumps(both))}"
        Callback.objects.create(team=self.team, line=line, query=line_of_two.encode(), received_at=now)
        callback(
            line,
            {
                "id_sms_api": "unknown",
                "phone_number": "+33 6 39 98 42 17",
                "status": "sent",
                "date_status": when,
            },
            "status",
        )
        while apply.apply_batch():
            pass
        callback(line, text | {"message": "Encore : granit rose"})
        Note.objects.create(
            team=self.team, contact=self.person, author=self.admin.user, text="Granit rose", happened_at=now
        )
        AddressBook.objects.create(line=line, last_error="+33 6 39 98 42 17 refused")
        AddressBookEntry.objects.create(
            team=self.team,
            line=line,
            contact=self.person,
            number=NUMBER,
            digest="0" * 32,
            result="made",
            pushed_at=now,
        )
        Line.objects.filter(pk=line.pk).update(last_error="0639984217 is not valid")

    def _filed(self, now: datetime) -> None:
        keep = timedelta(days=7)
        table = b"Nom;Tel\nAubertin;06 39 98 42 17\n"
        stored = files.store(self.team, "salon.csv", [table], by=None, keep=keep)
        waiting = {"team": self.team, "state": "checked", "encoding": "utf-8", "delimiter": ";"}
        run = Import.objects.create(name="salon.csv", file=stored, header=["Nom", "Tel"], **waiting)
        ImportRow.objects.create(run=run, line=2, number=NUMBER, fields={"name": "Aubertin"})
        ImportRow.objects.create(run=run, line=3, number="", raw=["Aubertin", "06/39/98/12/03"])
        ImportRow.objects.create(run=run, line=4, number="", fields={"name": "Camille Aubertin"})
        self.kept_row = ImportRow.objects.create(run=run, line=5, number=OTHER, fields={"name": "Le Goff"})
        ImportChange.objects.create(run=run, contact=self.person, before={}, after={"last_name": "Aubertin"})
        self.run = run
        self.export = Export.objects.create(
            team=self.team,
            format="csv",
            columns=["last_name"],
            language="fr",
            state="finished",
            ids=[self.person.pk],
            file=files.store(self.team, "contacts.csv", [table], by=None, keep=keep),
        )
        ended = Import.objects.create(
            team=self.team, name="Camille Aubertin.xlsx", state="finished", header=["Aubertin", "0639984217"]
        )
        ImportRow.objects.create(run=ended, line=2, number=SECOND, raw=["Aubertin"])
        others = files.store(self.team, "voisins.csv", [b"Nom;Tel\nLe Goff;0639989999\n"], by=None, keep=keep)
        self.clean = Import.objects.create(name="voisins.csv", file=others, **waiting)
        ImportRow.objects.create(run=self.clean, line=2, number=OTHER)

    def _noted(self) -> None:
        audit.record(self.team, "contact.changed", self.person, actor=self.admin.user, was="Aubertin")
        audit.record(self.team, "contact.merged", self.team, actor=self.admin.user, who="Camille Aubertin")
        LogEntry.objects.create(
            user=self.admin.user,
            content_type=ContentType.objects.get_for_model(Contact),
            object_id=str(self.person.pk),
            object_repr="Camille Aubertin",
            action_flag=CHANGE,
            change_message="+33639984217",
        )
        SavedView.objects.create(team=self.team, user=self.admin.user, query="q=06+39+98+42+17")
        IdempotencyKey.objects.create(team=self.team, scope="api:1", key=f"welcome {NUMBER}", digest="0")
