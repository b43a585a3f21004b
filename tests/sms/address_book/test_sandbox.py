"""Against the pretend gateway as a process: the phone knows the people by name."""

from collections.abc import Iterator

import pytest

from contacts.models import Contact
from sms.address_book import push, state
from sms.models import Conversation, Line
from teams.access import Member
from teams.models import Team
from tests.conftest import contact_of, make_line
from tests.sms.sandbox.process import SandboxProcess, running_sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with running_sandbox() as process:
        yield process


@pytest.fixture
def line(team: Team, sandbox: SandboxProcess, agent: Member) -> Line:
    sandbox.api("POST", "start-over", {})
    return make_line(team, base_url=sandbox.url, holder=agent.user, push_contacts=True)


def person(line: Line, number: str, **fields: object) -> None:
    pk = contact_of(line.team, number)
    Contact.objects.filter(pk=pk).update(**fields)
    Conversation.objects.create(
        contact_id=pk, team=line.team, line=line, last_at=line.created_at, last_kind="in"
    )


def test_phone_shows_the_names(line: Line, sandbox: SandboxProcess) -> None:
    person(line, "+33639984217", first_name="Camille", last_name="Aubertin")
    person(line, "+33639984218", company="Énergie Bréhat", email="no address")
    push.push(line.pk)
    page = sandbox.http.get(f"{sandbox.url}/?line={line.login}", timeout=10).text
    assert "Camille Aubertin" in page
    assert "Énergie Bréhat" in page
    book = state.of_line(line)
    assert (book.word, book.inside, book.refused) == ("complete", 2, 0)
    assert [str(each.words) for each in book.remarks] == [
        "Added without the e-mail address: the gateway takes it for none."
    ]


def test_wrong_key_stops_the_book_until_it_is_right(line: Line, sandbox: SandboxProcess) -> None:
    person(line, "+33639984217", first_name="Camille")
    sandbox.api("PUT", "faults", {"refuse_key": True})
    try:
        push.push(line.pk)
    finally:
        sandbox.api("PUT", "faults", {"refuse_key": False})
    assert state.of_line(line).word == "stopped"
    assert str(state.of_line(line).stopped_why) == "the gateway refused the login or the access key."
