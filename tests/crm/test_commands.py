"""create_team, connect_line and load_demo: what an operator and ./run call."""

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import responses
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from contacts.models import Contact
from crm.demo import people
from crm.demo.campaigns import SENT
from crm.demo.happenings import Opened
from crm.demo.stories import STORIES
from crm.management.commands import load_demo
from sms.models import Call, Click, Conversation, GatewayHost, Line, Message
from sms.models.line import hash_of
from teams.models import Membership, Team, User

pytestmark = pytest.mark.django_db

SANDBOX = "http://127.0.0.1:8001"


def run(command: str, *args: str) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


def create_team(
    name: str = "Essai",
    email: str = "a@brehat.example",
    password: str = "x",  # noqa: S107
    *more: str,
) -> Any:
    return json.loads(run("create_team", name, "--admin", email, "--password", password, "--json", *more))


class TestCreateTeam:
    def test_prints_json_alone_and_the_token_works(self) -> None:
        made = create_team()
        assert set(made) == {"team", "user", "api_token"}
        assert Membership.objects.get(team=made["team"], user=made["user"]).role == "admin"
        client = Client(headers={"authorization": f"Bearer {made['api_token']}"})
        assert client.get("/api/v1/callbacks").status_code == 200
        assert User.objects.get().check_password("x")

    def test_speaks_in_sentences_without_json(self) -> None:
        told = run("create_team", "Essai", "--admin", "a@brehat.example", "--password", "x")
        assert "Essai" in told
        assert "lgn_" in told

    def test_first_account_reaches_the_admin_and_later_ones_on_request(self) -> None:
        create_team()
        create_team("B", "b@brehat.example")
        create_team("C", "c@brehat.example", "x", "--superuser")
        assert dict(User.objects.values_list("email", "is_superuser")) == {
            "a@brehat.example": True,
            "b@brehat.example": False,
            "c@brehat.example": True,
        }

    def test_known_person_joins_with_their_password(self) -> None:
        first = create_team()
        second = create_team("Autre", "A@Brehat.example")
        assert first["user"] == second["user"]
        assert Membership.objects.filter(user=first["user"]).count() == 2
        with pytest.raises(CommandError, match="not its password"):
            create_team("Troisième", password="wrong")
        assert not Team.objects.filter(name="Troisième").exists()
        assert User.objects.get().check_password("x")

    @pytest.mark.parametrize(
        ("name", "email", "password", "words"),
        [
            ("Essai", "b@brehat.example", "x", "already"),
            (" Essai ", "b@brehat.example", "x", "already"),
            (" ", "b@brehat.example", "x", "empty"),
            ("x" * 121, "b@brehat.example", "x", "longer"),
            ("B", "nobody", "x", "no e-mail"),
            ("B", "b@brehat.example", "", "password is empty"),
        ],
    )
    def test_refusals_say_why_and_leave_nothing(
        self, name: str, email: str, password: str, words: str
    ) -> None:
        create_team()
        with pytest.raises(CommandError, match=words):
            create_team(name, email, password)
        assert Team.objects.count() == User.objects.count() == 1


class TestConnectLine:
    @pytest.fixture(autouse=True)
    def _team(self) -> None:
        create_team()

    def connect(self, *more: str, url: str = "http://127.0.0.1:9") -> Any:
        given = ["--team", "Essai", "--login", "malik", "--access-key", "secret", "--base-url", url]
        return json.loads(run("connect_line", *given, "--json", *more))

    def test_prints_json_alone_and_the_callback_address_works(self) -> None:
        made = self.connect()
        line = Line.objects.get(pk=made["line"])
        assert made == {"line": line.pk, "callback_path": f"/cb/{line.callback_token}"}
        assert line.callback_token_hash == hash_of(made["callback_path"].removeprefix("/cb/"))
        assert (line.pace, line.send_path, line.access_key) == (0, "/api/sendSms", "secret")
        assert line.automation_accepted_at is None
        assert Client().get(made["callback_path"]).status_code == 200

    def test_options(self) -> None:
        made = self.connect(
            "--send-path", "/sendsms.php", "--name", "Bureau", "--number", "06 39 98 10 20", "--pace", "12",
            "--holder", "A@brehat.example", "--accept-automation", "--day-budget", "80", "--month-budget", "1200",
            url="https://gateway.example/",
        )  # fmt: skip
        line = Line.objects.get(pk=made["line"])
        assert (line.name, line.number, line.pace) == ("Bureau", "+33639981020", 12)
        assert (line.base_url, line.send_path) == ("https://gateway.example", "/sendsms.php")
        assert line.holder == User.objects.get()
        assert line.automation_accepted_at is not None
        assert (line.day_budget, line.month_budget) == (80, 1200)
        assert GatewayHost.objects.get().host == "gateway.example"

    def test_lines_of_one_login_are_numbered(self) -> None:
        names = [Line.objects.get(pk=self.connect()["line"]).name for _ in range(3)]
        assert names == ["malik", "malik 2", "malik 3"]

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            (["--base-url", "http://gateway.example"], "must start with https"),
            (["--base-url", "ftp://127.0.0.1"], "must start with https"),
            (["--team", "Nobody"], "no team"),
            (["--access-key", ""], "--access-key is empty"),
            (["--login", " "], "--login is empty"),
            (["--number", "12"], "no phone number"),
            (["--holder", "x@brehat.example"], "no member"),
            (["--pace", "-1"], "--pace"),
            (["--day-budget", "-1"], "--day-budget"),
            (["--month-budget", "1000001"], "--month-budget"),
            (["--send-path", "/../x"], "climb"),
            (["--name", "x" * 81], "longer"),
        ],
    )
    def test_refusals_say_why_and_leave_nothing(self, more: list[str], words: str) -> None:
        with pytest.raises(CommandError, match=words):
            self.connect(*more)
        assert not Line.objects.exists()
        assert not GatewayHost.objects.exists()

    def test_name_that_is_taken(self) -> None:
        self.connect("--name", "Bureau")
        with pytest.raises(CommandError, match="already"):
            self.connect("--name", "Bureau")


class TestLoadDemo:
    @pytest.fixture(autouse=True)
    def _sandbox(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
        settings.SANDBOX_URL = SANDBOX
        settings.LOCAL_URL = "http://127.0.0.1:8000"
        settings.PUBLIC_URL = ""
        monkeypatch.setattr(load_demo, "PATIENCE_S", 0)
        with responses.RequestsMock(assert_all_requests_are_fired=False) as sandbox:
            sandbox.put(f"{SANDBOX}/sandbox/api/callbacks", json={})
            yield sandbox

    def load(self) -> list[dict[str, str]]:
        logins: list[dict[str, str]] = json.loads(run("load_demo", "--json"))["logins"]
        return logins

    def test_fills_an_empty_database_once(self, _sandbox: responses.RequestsMock) -> None:
        logins = self.load()
        assert [(each["email"], each["role"]) for each in logins] == [
            ("malik@brehat.example", "admin"),
            ("ines@brehat.example", "manager"),
            ("theo@brehat.example", "agent"),
        ]
        for each in logins:
            assert User.objects.get(email=each["email"]).check_password(each["password"])
        counts = [model.objects.count() for model in (Team, User, Contact, Message, Call, Click, Line)]
        assert self.load() == logins
        assert [
            model.objects.count() for model in (Team, User, Contact, Message, Call, Click, Line)
        ] == counts

    def test_inbox_is_as_one_would_find_it(self) -> None:
        self.load()
        by_key = {each.key: each.numbers[0] for each in people.PEOPLE}

        def of(key: str) -> Conversation:
            return Conversation.objects.get(contact__phones__number=by_key[key])

        # A campaign and clicks on its link stay out of the inbox until somebody answers.
        answered = {
            key
            for sent in SENT
            for key, deeds in sent.deeds.items()
            if not all(isinstance(each, Opened) for each in deeds)
        }
        assert Conversation.objects.count() == len(STORIES.keys() | answered)
        assert (of("camille").waiting_since is not None, of("camille").trouble) == (True, "uncertain")
        assert (of("yann").last_kind, of("yann").unread) == ("missed", 1)
        assert of("stranger").unread == 2
        assert of("patricia").trouble == "failed"
        assert (of("loic").last_kind, of("loic").waiting_since) == ("stop", None)
        assert of("loic").contact.opted_out_at is not None
        assert of("info").waiting_since is None
        assert of("emilie").waiting_since is None
        newest = Conversation.objects.order_by("-last_at").first()
        assert newest == of("sofia")

    def test_sandbox_is_told_each_time(self, _sandbox: responses.RequestsMock, settings: Settings) -> None:
        self.load()
        line = Line.objects.get()
        assert (line.login, line.access_key, line.pace, line.is_sandbox) == ("demo", "sandbox", 0, True)
        address = f"http://127.0.0.1:8000/cb/{line.callback_token}"
        for call in _sandbox.calls:
            body = json.loads(call.request.body or b"")
            assert body["login"] == "demo"
            assert {body[each] for each in ("status", "message", "clics", "calls", "qualification")} == {
                address
            }
        # The next start may find another port free.
        settings.SANDBOX_URL = "http://127.0.0.1:8011"
        _sandbox.put("http://127.0.0.1:8011/sandbox/api/callbacks", json={})
        self.load()
        assert Line.objects.get().base_url == "http://127.0.0.1:8011"
        assert len(_sandbox.calls) == 2

    def test_sandbox_that_is_away_is_only_a_warning(
        self, _sandbox: responses.RequestsMock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _sandbox.reset()
        assert len(self.load()) == 3
        assert "not told" in capsys.readouterr().err

    def test_database_with_teams_of_its_own_is_left_alone(self, _sandbox: responses.RequestsMock) -> None:
        create_team()
        assert self.load() == []
        assert (Team.objects.count(), Contact.objects.count()) == (1, 0)
        assert not _sandbox.calls

    def test_logins_whose_password_was_changed_are_not_told(self) -> None:
        self.load()
        theo = User.objects.get(email="theo@brehat.example")
        theo.set_password("another")
        theo.save()
        theo.refresh_from_db()
        assert [each["email"] for each in self.load()] == ["malik@brehat.example", "ines@brehat.example"]

    def test_refused_where_others_reach_the_site(self, settings: Settings) -> None:
        settings.PUBLIC_URL = "https://ligne.example"
        with pytest.raises(CommandError, match="LIGNE_PUBLIC_URL"):
            self.load()
        assert not Team.objects.exists()

    def test_takes_few_statements(self, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
        # However many people: about fifty for them and their stories, as many again for each campaign.
        with django_assert_max_num_queries(180):
            self.load()

    @pytest.mark.parametrize("key", STORIES)
    def test_stories_are_told_in_order(self, key: str) -> None:
        for hour in range(24):
            now = datetime(2026, 11, 24, hour, 5, tzinfo=UTC)
            moments = [each.at(now) for each in STORIES[key]]
            assert moments == sorted(moments)

    def test_everybody_is_invented(self) -> None:
        for someone in people.PEOPLE:
            for number in someone.numbers:
                assert number == "INFO" or number.startswith(("+3363998", "+3319900"))
