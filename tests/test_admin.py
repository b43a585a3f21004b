"""The administration: everything found by search, nothing secret shown, the quarantined replayed."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from sms.callbacks import apply
from sms.models import Callback, Campaign, CampaignLine, Line, Message, SendAttempt
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import AuditEntry, Membership, Team, User
from tests.conftest import make_line, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(team: Team) -> Member:
    member = make_member(team, "staff@brehat.example", "admin", "Sam Staff")
    member.user.is_staff = member.user.is_superuser = True
    member.user.save()
    return member


@pytest.fixture
def client(staff: Member) -> Client:
    signed_in = Client()
    signed_in.force_login(staff.user, backend="teams.accounts.Backend")
    return signed_in


def found(client: Client, name: str, **query: str) -> set[int]:
    answer = client.get(reverse(f"admin:{name}_changelist"), query)
    assert answer.status_code == 200
    return {row.pk for row in answer.context["cl"].result_list}


def test_messages_are_found_by_number_text_and_id_and_never_changed(
    client: Client, team: Team, line: Line
) -> None:
    one, two = enqueue(
        team,
        [
            Draft(line=line, number="+33639984217", text="Votre devis"),
            Draft(line=line, number="+33639984218", text="Autre"),
        ],
        by=None,
    )
    assert found(client, "sms_message", q="06 39 98 42 17") == {one.pk}
    assert found(client, "sms_message", q="devis") == {one.pk}
    assert found(client, "sms_message", q=two.id_sms_api) == {two.pk}
    assert found(client, "sms_message", state__exact="queued", direction__exact="out", lane__exact="0") == {
        one.pk,
        two.pk,
    }
    assert client.post(reverse("admin:sms_message_change", args=[one.pk]), {"text": "x"}).status_code == 403
    assert Message.objects.get(pk=one.pk).text == "Votre devis"


@pytest.mark.parametrize(
    "name",
    [
        "sms_message",
        "sms_campaign",
        "sms_callback",
        "sms_sendattempt",
        "contacts_contact",
        "teams_auditentry",
    ],
)
def test_big_tables_are_never_counted(client: Client, name: str) -> None:
    with CaptureQueriesContext(connection) as caught:
        client.get(reverse(f"admin:{name}_changelist"))
    assert not [q["sql"] for q in caught if "COUNT(" in q["sql"] and name in q["sql"]]


def test_campaigns_are_found_with_their_messages_and_never_changed(
    client: Client, team: Team, other_team: Team, line: Line
) -> None:
    rentree = Campaign.objects.create(
        team=team,
        name="Rentrée chaudières",
        text="<b>Bonjour</b> {{ contact.first_name }}",
        state="running",
        audience={"include": [{"segment": 7}]},
        counts={"states": {"queued": 2}},
    )
    CampaignLine.objects.create(campaign=rentree, line=line)
    salon = Campaign.objects.create(team=other_team, name="Salon", kind="service")
    assert (
        found(client, "sms_campaign", q="chaudières")
        == found(client, "sms_campaign", q="Bonjour")
        == {rentree.pk}
    )
    assert found(client, "sms_campaign", kind__exact="service") == {salon.pk}
    assert found(client, "sms_campaign", state__exact="running", team__id__exact=str(team.pk)) == {rentree.pk}
    drafts = [Draft(line=line, number=f"+3363998421{n}", text="x") for n in range(3)]
    one, two, _other = enqueue(team, drafts, by=None)
    Message.objects.filter(pk__in=[one.pk, two.pk]).update(campaign=rentree)
    address = reverse("admin:sms_campaign_change", args=[rentree.pk])
    page = client.get(address).content.decode()
    assert "&quot;segment&quot;: 7" in page
    assert "&lt;b&gt;Bonjour" in page and "<b>Bonjour" not in page
    assert f"?campaign__id__exact={rentree.pk}" in page
    assert found(client, "sms_message", campaign__id__exact=str(rentree.pk)) == {one.pk, two.pk}
    assert client.post(address, {"name": "x"}).status_code == 403
    assert client.post(reverse("admin:sms_campaign_delete", args=[rentree.pk])).status_code == 403
    assert Campaign.objects.get(pk=rentree.pk).name == "Rentrée chaudières"


def test_contacts_are_found_by_name_and_number(client: Client, team: Team, line: Line) -> None:
    enqueue(team, [Draft(line=line, number="+33639984217", text="x")], by=None)
    contact = Contact.objects.get()
    Contact.objects.filter(pk=contact.pk).update(first_name="Émilie")
    assert found(client, "contacts_contact", q="emilie") == {contact.pk}
    assert found(client, "contacts_contact", q="06 39 98 42") == {contact.pk}
    assert found(client, "contacts_contact", q="bruno") == set()


def test_the_access_key_goes_in_and_is_never_shown(client: Client, team: Team) -> None:
    line = make_line(team, access_key="s3cret-key", base_url="https://gateway.example")
    address = reverse("admin:sms_line_change", args=[line.pk])
    page = client.get(address).content.decode()
    assert "s3cret-key" not in page
    assert line.callback_token not in page
    given = {
        "name": "Malik", "login": "a@b.example", "base_url": "https://gateway.example", "send_path": "/api/sendSms",
        "marker": "[Lien_Tracking]", "time_zone": "Europe/Paris", "pace": "5", "new_access_key": "another-key",
    }  # fmt: skip
    assert client.post(address, given).status_code == 302
    line.refresh_from_db()
    assert (line.access_key, line.pace) == ("another-key", 5)
    assert client.post(address, {**given, "new_access_key": ""}).status_code == 302
    line.refresh_from_db()
    assert line.access_key == "another-key"
    assert client.post(address, {**given, "base_url": "http://gateway.example"}).status_code == 200
    history = client.get(reverse("admin:sms_line_history", args=[line.pk])).content.decode()
    assert "another-key" not in history


def test_a_quarantined_callback_is_shown_and_replayed(
    client: Client, team: Team, line: Line, staff: Member
) -> None:
    made = {
        state: Callback.objects.create(
            team=team,
            line=line,
            query=b"data=%3Cb%3Edevis%3C%2Fb%3E&nope",
            state=state,
            received_at=timezone.now(),
        )
        for state in ("quarantined", "parked", "applied")
    }
    page = client.get(reverse("admin:sms_callback_change", args=[made["quarantined"].pk])).content.decode()
    assert "data=%3Cb%3Edevis" in page
    assert "<b>devis" not in page
    assert found(client, "sms_callback", q="<b>devis") == {each.pk for each in made.values()}
    assert found(client, "sms_callback", state__exact="parked") == {made["parked"].pk}
    chosen = {"action": "replay", "_selected_action": [each.pk for each in made.values()]}
    client.post(reverse("admin:sms_callback_changelist"), chosen)
    assert dict(Callback.objects.values_list("pk", "state")) == {
        made["quarantined"].pk: "received", made["parked"].pk: "received", made["applied"].pk: "applied",
    }  # fmt: skip
    assert AuditEntry.objects.filter(action="callback.replayed", actor=staff.user).count() == 2
    apply.drain()
    assert Callback.objects.get(pk=made["quarantined"].pk).state == "quarantined"


def test_replay_is_not_for_those_who_may_only_look(team: Team, line: Line) -> None:
    looker = make_member(team, "looker@brehat.example").user
    looker.is_staff = True
    looker.save()
    looker.user_permissions.add(Permission.objects.get(codename="view_callback"))
    client = Client()
    client.force_login(looker, backend="teams.accounts.Backend")
    callback = Callback.objects.create(
        team=team, line=line, query=b"x", state="quarantined", received_at=timezone.now()
    )
    client.post(
        reverse("admin:sms_callback_changelist"), {"action": "replay", "_selected_action": [callback.pk]}
    )
    callback.refresh_from_db()
    assert callback.state == "quarantined"
    assert client.get(reverse("admin:sms_message_changelist")).status_code == 403


def test_a_person_is_made_with_a_password_and_joins_a_team(client: Client, team: Team) -> None:
    given = {
        "email": "Nora@Brehat.example",
        "full_name": "Nora",
        "password1": "correct horse 9",
        "password2": "correct horse 9",
    }
    given["usable_password"] = "true"
    answer = client.post(reverse("admin:teams_user_add"), given)
    assert answer.status_code == 302, answer.context["adminform"].errors
    nora = User.objects.get(email="nora@brehat.example")
    assert nora.check_password("correct horse 9")
    change = client.post(
        reverse("admin:teams_team_change", args=[team.pk]),
        {
            "name": team.name, "time_zone": team.time_zone, "region": "FR", "agents_see": "own", "stop_words": "assez",
            "start_words": "", "retention_months": 36, "sender_name": "Bréhat", "pause_percent": 20,
            "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0,
            "memberships-0-team": team.pk, "memberships-0-user": nora.pk, "memberships-0-role": "manager",
        },
    )  # fmt: skip
    assert change.status_code == 302
    assert Membership.objects.get(user=nora).role == "manager"
    team.refresh_from_db()
    assert (team.agents_see, team.stop_words, team.sender_name) == ("own", ["assez"], "Bréhat")


def test_another_writing_of_a_known_address_is_said_and_no_error_page(client: Client, staff: Member) -> None:
    given = {"email": "STAFF@brehat.example", "password1": "correct horse 9", "password2": "correct horse 9"}
    answer = client.post(reverse("admin:teams_user_add"), given)
    assert answer.status_code == 200
    assert "email" in answer.context["adminform"].errors


def test_a_password_is_changed(client: Client, agent: Member) -> None:
    given = {"password1": "another horse 9", "password2": "another horse 9", "usable_password": "true"}
    assert (
        client.post(reverse("admin:auth_user_password_change", args=[agent.user.pk]), given).status_code
        == 302
    )
    agent.user.refresh_from_db()
    assert agent.user.check_password("another horse 9")


def test_foreign_text_in_an_answer_is_only_text(client: Client, line: Line) -> None:
    attempt = SendAttempt.objects.create(
        line=line, messages_count=1, duration_ms=1, answer="<script>x</script>"
    )
    page = client.get(reverse("admin:sms_sendattempt_change", args=[attempt.pk])).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_the_admin_speaks_the_readers_language(client: Client, staff: Member) -> None:
    staff.user.language = "fr"
    staff.user.save()
    assert 'lang="fr"' in client.get(reverse("admin:index")).content.decode()
