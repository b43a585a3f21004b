"""One change to many people: those who were picked, or all that were found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, ContactList, ContactTag, ListMember, Tag
from teams.access import Member
from teams.models import AuditEntry, Team

from .conftest import make_contact, sign_in

pytestmark = pytest.mark.django_db
BULK = reverse("contacts:bulk")


@pytest.fixture
def crowd(team: Team) -> list[Contact]:
    return [make_contact(team, f"+336399800{number:02}", last_name=f"Nom {number:02}") for number in range(5)]


def tagged(name: str) -> list[str]:
    return sorted(ContactTag.objects.filter(tag__name=name).values_list("contact__last_name", flat=True))


def said(answer: object) -> list[str]:
    return [str(message) for message in answer.context["messages"]]  # type: ignore[attr-defined]


def test_tags_those_who_were_picked_and_says_how_many(agent: Member, crowd: list[Contact]) -> None:
    given = {"ids": [crowd[0].pk, crowd[3].pk], "do": "tag", "put_tag": "VIP, à rappeler"}
    answer = sign_in(agent).post(BULK, given, follow=True)
    assert tagged("VIP") == tagged("à rappeler") == ["Nom 00", "Nom 03"]
    assert said(answer) == ["2 people tagged “VIP, à rappeler”."]


def test_all_that_were_found_without_naming_them(agent: Member, crowd: list[Contact], team: Team) -> None:
    make_contact(team, last_name="Autre")
    given = {"q": "nom", "all": "1", "ids": [crowd[0].pk], "do": "tag", "put_tag": "vip"}
    answer = sign_in(agent).post(BULK, given, follow=True)
    assert len(tagged("vip")) == 5
    assert said(answer) == ["5 people tagged “vip”."]
    assert answer.redirect_chain[0][0] == "/contacts/?q=nom&sort=name"


def test_a_tag_is_taken_off(agent: Member, crowd: list[Contact]) -> None:
    client = sign_in(agent)
    client.post(BULK, {"all": "1", "do": "tag", "put_tag": "vip"})
    answer = client.post(BULK, {"ids": crowd[1].pk, "do": "untag", "put_tag": "VIP"}, follow=True)
    assert "Nom 01" not in tagged("vip")
    assert said(answer)[-1] == "“vip” taken off 1 person."


def test_twice_is_once(agent: Member, crowd: list[Contact]) -> None:
    client = sign_in(agent)
    given = {"all": "1", "do": "tag", "put_tag": "vip"}
    client.post(BULK, given)
    answer = client.post(BULK, given, follow=True)
    assert ContactTag.objects.count() == 5
    assert said(answer)[-1] == "All of them had the tag “vip” already."
    assert AuditEntry.objects.filter(action="contacts.tag").count() == 1


def test_an_owner_is_given_and_taken(agent: Member, manager: Member, crowd: list[Contact]) -> None:
    client = sign_in(agent)
    before = timezone.now() - timedelta(days=1)
    Contact.objects.update(updated_at=before)
    given = {"ids": f"{crowd[0].pk},{crowd[1].pk}", "do": "assign", "to_owner": manager.user.pk}
    answer = client.post(BULK, given, follow=True)
    assert said(answer) == ["2 people given to Inès Marchal."]
    assert Contact.objects.filter(owner=manager.user).count() == 2
    assert Contact.objects.get(pk=crowd[0].pk).updated_at > before
    client.post(BULK, {"ids": crowd[0].pk, "do": "assign", "to_owner": "0"})
    assert Contact.objects.filter(owner=manager.user).count() == 1


def test_a_list_is_made_filled_and_emptied(agent: Member, team: Team, crowd: list[Contact]) -> None:
    client = sign_in(agent)
    given = {"ids": [crowd[0].pk, crowd[1].pk], "do": "enlist", "new_list": "Salon  de Rennes"}
    for _time in range(2):
        client.post(BULK, given)
    made = ContactList.objects.get(team=team)
    assert (made.name, made.created_by) == ("Salon de Rennes", agent.user)
    assert ListMember.objects.filter(list=made).count() == 2
    answer = client.post(BULK, {"all": "1", "do": "unlist", "to_list": made.pk}, follow=True)
    assert said(answer)[-1] == "2 people taken off “Salon de Rennes”."


def test_without_a_button_the_field_that_was_filled_says_what(agent: Member, crowd: list[Contact]) -> None:
    sign_in(agent).post(BULK, {"ids": crowd[0].pk, "put_tag": "vip", "do": ""})
    assert tagged("vip") == ["Nom 00"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"do": "tag", "put_tag": " , "}, "Write the name of a tag."),
        ({"do": "untag", "put_tag": "unheard of"}, "There is no such tag."),
        ({"do": "assign"}, "Choose an owner, or nobody."),
        ({"do": "assign", "to_owner": "99999"}, "Select a valid choice"),
        ({"do": "enlist"}, "Choose a list, or give the new one a name."),
        ({"do": "unlist", "to_list": "99999"}, "Select a valid choice"),
        ({"do": "enlist", "new_list": "x" * 81}, "at most 80 characters"),
        ({"do": "burn"}, "Nothing was chosen to be done."),
    ],
)
def test_what_is_missing_is_said_beside_its_field(
    agent: Member, crowd: list[Contact], given: dict[str, str], error: str
) -> None:
    answer = sign_in(agent).post(BULK, {"ids": crowd[0].pk, "q": "nom", **given})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert error in page
    assert f'name="ids" value="{crowd[0].pk}"' in page
    assert not ContactTag.objects.exists()
    assert not ContactList.objects.exists()


def test_nobody_selected_changes_nobody(agent: Member, crowd: list[Contact]) -> None:
    answer = sign_in(agent).post(BULK, {"do": "tag", "put_tag": "vip"}, follow=True)
    assert said(answer) == ["Nobody is selected."]
    assert not ContactTag.objects.exists()


def test_another_teams_people_stay_as_they_are(outsider: Member, crowd: list[Contact]) -> None:
    client = sign_in(outsider)
    client.post(BULK, {"ids": [each.pk for each in crowd], "do": "tag", "put_tag": "vip"})
    client.post(BULK, {"ids": crowd[0].pk, "do": "assign", "to_owner": outsider.user.pk})
    assert not ContactTag.objects.exists()
    assert not Contact.objects.exclude(owner=None).exists()


def test_another_teams_lists_and_colleagues_can_not_be_chosen(
    agent: Member, outsider: Member, crowd: list[Contact], other_team: Team
) -> None:
    theirs = ContactList.objects.create(team=other_team, name="Leurs")
    client = sign_in(agent)
    assert client.post(BULK, {"all": "1", "do": "enlist", "to_list": theirs.pk}).status_code == 422
    given = {"all": "1", "do": "assign", "to_owner": outsider.user.pk}
    assert client.post(BULK, given).status_code == 422
    assert client.post(BULK, {"all": "1", "list": theirs.pk, "do": "assign"}).status_code == 404


def test_the_audit_trail_says_who_changed_how_many(agent: Member, team: Team, crowd: list[Contact]) -> None:
    sign_in(agent).post(BULK, {"all": "1", "q": "nom", "do": "tag", "put_tag": "vip"})
    entry = AuditEntry.objects.get(team=team, action="contacts.tag")
    assert entry.actor == agent.user
    assert entry.detail == {"tags": ["vip"], "people": 5, "query": "q=nom"}


def test_the_words_of_a_tag_are_only_text(agent: Member, crowd: list[Contact]) -> None:
    page = (
        sign_in(agent)
        .post(BULK, {"all": "1", "do": "tag", "put_tag": "<script>alert(1)</script>"}, follow=True)
        .content.decode()
    )
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


_MANY = """
INSERT INTO contacts_contact (team_id, first_name, last_name, company, email, created_at, updated_at)
SELECT %s, 'Prénom', 'Nom ' || n, '', '', now(), now() FROM generate_series(1, 50000) n RETURNING id
"""


def test_fifty_thousand_in_a_few_statements(agent: Member, team: Team) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MANY, [team.pk])
        ids = [row[0] for row in cursor.fetchall()]
    client = sign_in(agent)
    few = _statements(client, {"ids": str(ids[0]), "do": "tag", "put_tag": "vip"})
    assert _statements(client, {"all": "1", "q": "nom", "do": "tag", "put_tag": "vip"}) <= few + 1
    assert ContactTag.objects.count() == 50_000
    picked = ",".join(map(str, ids))
    assert _statements(client, {"ids": picked, "do": "assign", "to_owner": str(agent.user.pk)}) <= few + 3
    assert Contact.objects.filter(owner=agent.user).count() == 50_000
    assert _statements(client, {"all": "1", "do": "enlist", "new_list": "Tous"}) <= few + 5
    assert ListMember.objects.count() == 50_000


_LOOKED_THROUGH = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'contacts_contact'"


def test_many_are_found_by_their_keys_by_a_connection_that_began_with_few(agent: Member, team: Team) -> None:
    """What PostgreSQL plans for the checks of foreign keys while a table is small is kept, and wrong when it is not."""
    crowd = [make_contact(team, last_name=f"Nom {n}") for n in range(500)]
    tag = Tag.objects.create(team=team, name="early")
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS; SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        for contact in crowd[:10]:
            ContactTag.objects.create(contact=contact, tag=tag)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL enable_indexscan = on; SET LOCAL enable_bitmapscan = on")
        sign_in(agent).post(BULK, {"all": "1", "q": "nom", "do": "tag", "put_tag": "vip"})
        assert len(tagged("vip")) == 500
        cursor.execute(_LOOKED_THROUGH)
        before = cursor.fetchone()[0]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_LOOKED_THROUGH)
        assert cursor.fetchone()[0] - before < 500


def _statements(client: object, given: dict[str, str]) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.post(BULK, given).status_code == 302  # type: ignore[attr-defined]
    return len(caught)


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_at_once_never_block_each_other(agent: Member, manager: Member, team: Team) -> None:
    Contact.objects.bulk_create(Contact(team=team, last_name=f"Nom {n}") for n in range(400))
    ids = list(Contact.objects.values_list("pk", flat=True))
    clients = [sign_in(agent), sign_in(manager)]
    orders = [ids, ids[::-1]]

    def work(number: int) -> None:
        try:
            for turn in range(5):
                picked = ",".join(map(str, orders[number]))
                owner = [agent, manager][(number + turn) % 2].user.pk
                tag = {"do": ["tag", "untag"][turn % 2], "put_tag": "vip"}
                clients[number].post(BULK, {"ids": picked, "do": "assign", "to_owner": owner})
                clients[number].post(BULK, {"ids": picked, **tag})
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, number) for number in (0, 1)]:
            done.result(60)  # a deadlock would stand here as its error
    assert Contact.objects.exclude(owner=None).count() == 400
    assert Tag.objects.get().name == "vip"
