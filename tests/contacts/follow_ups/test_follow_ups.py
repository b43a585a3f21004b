"""What the team owes its people: the list, and what is done with one of them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.follow_ups import doing, listing
from contacts.models import Contact, FollowUp
from teams.access import Member
from teams.models import Team
from teams.models.team import Visibility
from tests.contacts.people.conftest import make_contact, sign_in

pytestmark = pytest.mark.django_db
LIST = reverse("contacts:follow-ups")
HTMX = {"HX-Request": "true"}


def owed(contact: Contact, text: str, hours: float, owner: Member | None = None) -> FollowUp:
    due = timezone.now() + timedelta(hours=hours)
    return doing.add(contact, text, due, owner.user if owner else None, by=None)


def page_of(member: Member, **query: str) -> str:
    return sign_in(member).get(LIST, query).content.decode()


def test_mine_are_shown_first_and_everybodys_when_asked(
    agent: Member, manager: Member, camille: Contact
) -> None:
    owed(camille, "la mienne", 2, agent)
    owed(camille, "celle d'une autre", 2, manager)
    owed(camille, "à personne", 2)
    mine, everybodys = page_of(agent), page_of(agent, whose="all")
    assert "la mienne" in mine
    assert "à personne" not in mine
    for text in ("la mienne", "celle d&#x27;une autre", "à personne"):
        assert text in everybodys


def test_overdue_today_and_later_stand_apart_soonest_first(agent: Member, camille: Contact) -> None:
    for text, hours in (("plus tard", 24 * 9), ("en retard", -30), ("très en retard", -60)):
        owed(camille, text, hours, agent)
    page = page_of(agent)
    places = [page.index(text) for text in ("Overdue", "très en retard", ">en retard", "Later", "plus tard")]
    assert places == sorted(places)


def test_what_is_due_before_midnight_is_todays(agent: Member, camille: Contact) -> None:
    with timezone.override("Europe/Paris"):
        groups = listing.grouped(
            [
                FollowUp(text=text, due_at=timezone.now() + ahead)
                for text, ahead in (
                    ("a", -timedelta(minutes=1)),
                    ("b", timedelta(seconds=5)),
                    ("c", timedelta(days=2)),
                )
            ]
        )
    assert [group.key for group in groups][0] == "overdue"
    assert [group.key for group in groups][-1] == "later"


def test_done_ones_leave_the_list_and_stand_among_the_done(agent: Member, camille: Contact) -> None:
    one = owed(camille, "rappeler", 2, agent)
    answer = sign_in(agent).post(reverse("contacts:follow-up-done", args=[one.pk]), headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "ligne:changed")
    assert "rappeler" not in page_of(agent)
    assert "rappeler" in page_of(agent, show="done")
    one.refresh_from_db()
    assert one.done_by == agent.user


def test_a_second_press_changes_nothing_and_says_so(agent: Member, manager: Member, camille: Contact) -> None:
    one = owed(camille, "rappeler", 2, agent)
    address = reverse("contacts:follow-up-done", args=[one.pk])
    sign_in(agent).post(address)
    assert sign_in(manager).post(address, headers=HTMX).status_code == 409
    one.refresh_from_db()
    assert one.done_by == agent.user


def test_what_is_done_is_opened_again(agent: Member, camille: Contact) -> None:
    one = owed(camille, "rappeler", 2, agent)
    doing.done(one, agent.user)
    sign_in(agent).post(reverse("contacts:follow-up-done", args=[one.pk]), {"open": "1"})
    one.refresh_from_db()
    assert (one.done_at, one.done_by) == (None, None)


@pytest.mark.parametrize("way", ["hour", "tomorrow", "days", "monday"])
def test_putting_off_by_one_press(agent: Member, camille: Contact, way: str) -> None:
    one = owed(camille, "rappeler", -5, agent)
    sign_in(agent).post(reverse("contacts:follow-up-snooze", args=[one.pk]), {"until": way})
    one.refresh_from_db()
    assert one.due_at > timezone.now() + timedelta(minutes=59)


def test_putting_off_to_a_day_of_ones_own_is_that_morning(agent: Member, camille: Contact) -> None:
    one = owed(camille, "rappeler", -5, agent)
    day = timezone.localdate() + timedelta(days=20)
    sign_in(agent).post(reverse("contacts:follow-up-snooze", args=[one.pk]), {"day": day.isoformat()})
    one.refresh_from_db()
    with timezone.override(agent.team.time_zone):
        assert timezone.localtime(one.due_at).strftime("%Y-%m-%d %H:%M") == f"{day} 09:00"


@pytest.mark.parametrize(
    "given", [{}, {"until": "never"}, {"day": "2001-01-01"}, {"day": "x"}, {"day": "9999-12-31"}]
)
def test_putting_off_to_nowhere_is_refused(agent: Member, camille: Contact, given: dict[str, str]) -> None:
    one = owed(camille, "rappeler", -5, agent)
    address = reverse("contacts:follow-up-snooze", args=[one.pk])
    assert sign_in(agent).post(address, given).status_code == 422
    due = one.due_at
    one.refresh_from_db()
    assert one.due_at == due


def test_what_is_nobodys_becomes_that_of_who_puts_it_off(agent: Member, camille: Contact) -> None:
    one = owed(camille, "rappeler", -5)
    sign_in(agent).post(reverse("contacts:follow-up-snooze", args=[one.pk]), {"until": "hour"})
    one.refresh_from_db()
    assert one.owner == agent.user


def test_one_is_added_for_a_person(agent: Member, camille: Contact) -> None:
    given = {"text": "Visite témoin", "due_at": "2031-11-26T17:30", "owner": str(agent.user.pk)}
    answer = sign_in(agent).post(reverse("contacts:follow-up-new", args=[camille.pk]), given)
    assert answer.status_code == 302
    one = FollowUp.objects.get()
    assert (one.team, one.owner, one.created_by) == (camille.team, agent.user, agent.user)
    with timezone.override("Europe/Paris"):
        assert timezone.localtime(one.due_at).hour == 17


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "  "},
        {"due_at": ""},
        {"due_at": "2001-01-01T09:00"},
        {"due_at": "x"},
        {"due_at": "9999-12-31T23:59"},
        {"due_at": "2027-03-28T02:30"},
        {"text": "x" * 201},
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_was_typed(
    agent: Member, camille: Contact, wrong: dict[str, str]
) -> None:
    given = {"text": "Visite témoin", "due_at": "2031-11-26T17:30", "owner": ""} | wrong
    answer = sign_in(agent).post(reverse("contacts:follow-up-new", args=[camille.pk]), given, headers=HTMX)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'class="wrong"' in page
    assert given["text"].strip() in page
    assert FollowUp.objects.count() == 0


def test_a_colleague_of_another_team_owns_nothing_here(
    agent: Member, outsider: Member, camille: Contact
) -> None:
    given = {"text": "Visite", "due_at": "2031-11-26T17:30", "owner": str(outsider.user.pk)}
    answer = sign_in(agent).post(reverse("contacts:follow-up-new", args=[camille.pk]), given)
    assert answer.status_code == 422


def test_an_overdue_one_keeps_its_time_while_its_words_change(agent: Member, camille: Contact) -> None:
    one = owed(camille, "rappeler", -50, agent)
    client = sign_in(agent)
    address = reverse("contacts:follow-up", args=[one.pk])
    typed = re.search(r'name="due_at" value="([^"]+)"', client.get(address).content.decode())
    assert typed
    answer = client.post(
        address, {"text": "rappeler demain", "due_at": typed[1], "owner": str(agent.user.pk)}
    )
    assert answer.status_code == 302
    due = one.due_at
    one.refresh_from_db()
    assert (one.text, one.due_at) == ("rappeler demain", due)


@pytest.mark.parametrize("name", ["follow-up", "follow-up-done", "follow-up-snooze", "follow-up-remove"])
def test_an_outsider_changes_nothing(outsider: Member, agent: Member, camille: Contact, name: str) -> None:
    one = owed(camille, "rappeler", 2, agent)
    address = reverse(f"contacts:{name}", args=[one.pk])
    assert sign_in(outsider).post(address, {"until": "hour"}).status_code == 404
    one.refresh_from_db()
    assert one.done_at is None


def test_an_outsider_adds_nothing_and_sees_nothing(outsider: Member, agent: Member, camille: Contact) -> None:
    owed(camille, "secret", 2, agent)
    address = reverse("contacts:follow-up-new", args=[camille.pk])
    assert sign_in(outsider).post(address, {"text": "x", "due_at": "2031-11-26T17:30"}).status_code == 404
    assert sign_in(outsider).get(reverse("contacts:follow-ups-of", args=[camille.pk])).status_code == 404
    assert "secret" not in page_of(outsider, whose="all")


def test_an_agent_who_sees_only_their_own_sees_theirs_and_nobodys(
    agent: Member, manager: Member, team: Team, camille: Contact
) -> None:
    team.agents_see = Visibility.OWN
    team.save()
    theirs = owed(camille, "une autre", 2, manager)
    owed(camille, "à personne", 2)
    owed(camille, "la mienne", 2, agent)
    page = page_of(agent, whose="all")
    assert "une autre" not in page
    assert "à personne" in page
    assert "la mienne" in page
    assert sign_in(agent).post(reverse("contacts:follow-up-done", args=[theirs.pk])).status_code == 404
    beside = sign_in(agent).get(reverse("contacts:follow-ups-of", args=[camille.pk]), headers=HTMX)
    assert "une autre" not in beside.content.decode()


def test_the_navigation_counts_ones_own_overdue(agent: Member, manager: Member, camille: Contact) -> None:
    counted = re.compile(r'id="overdue"[^>]*>(\d*)<')
    owed(camille, "a", -5, agent)
    owed(camille, "b", -50, agent)
    owed(camille, "c", 5, agent)
    one = owed(camille, "d", -5, manager)
    for member, number in ((agent, "2"), (manager, "1")):
        assert counted.findall(page_of(member)) == [number]
    client = sign_in(manager)
    client.post(reverse("contacts:follow-up-done", args=[one.pk]), headers=HTMX)
    # What is fetched again brings the number with it.
    for address in (LIST, reverse("contacts:follow-ups-of", args=[camille.pk])):
        assert counted.findall(client.get(address, headers=HTMX).content.decode()) == [""]


def test_pages_follow_each_other_by_link_and_by_htmx(agent: Member, camille: Contact) -> None:
    due = timezone.now() + timedelta(days=3)
    FollowUp.objects.bulk_create(
        FollowUp(team=camille.team, contact=camille, text=f"n{number:03};", due_at=due, owner=agent.user)
        for number in range(listing.PAGE + 7)
    )
    client = sign_in(agent)
    first = client.get(LIST).content.decode()
    more = re.search(r'class="link-q" href="([^"]*after=[^"]*)"', first)
    assert more
    address = more[1].replace("&amp;", "&")
    for headers in ({}, HTMX):
        rest = client.get(address, headers=headers).content.decode()
        assert re.findall(r"n(\d+);", re.sub(r'(aria-label|title)="[^"]*"', "", rest)) == [
            f"{number:03}" for number in range(listing.PAGE, listing.PAGE + 7)
        ]
    assert "<html" not in rest
    assert "<h2" not in rest, "the group goes on under the heading of the page before"


def test_what_is_fetched_again_is_as_long_as_it_was(agent: Member, camille: Contact) -> None:
    due = timezone.now() + timedelta(days=3)
    FollowUp.objects.bulk_create(
        FollowUp(team=camille.team, contact=camille, text="x", due_at=due, owner=agent.user)
        for _ in range(listing.PAGE * 3)
    )
    again = sign_in(agent).get(LIST, {"shown": ["50", "50"]}, headers=HTMX).content.decode()
    assert again.count('class="owe"') == 100


@pytest.mark.parametrize("after", ["x", "~", "20260101T000000.000000~0", "20260101T000000.000000~x", "é~1"])
def test_a_made_up_place_is_not_found(agent: Member, after: str) -> None:
    assert sign_in(agent).get(LIST, {"after": after}).status_code == 404


def test_as_many_statements_for_one_as_for_a_page_full(agent: Member, team: Team) -> None:
    client = sign_in(agent)

    def statements() -> int:
        client.get(LIST)
        with CaptureQueriesContext(connection) as caught:
            client.get(LIST, {"whose": "all"})
        return len(caught)

    owed(make_contact(team, "+33639984217", first_name="A"), "x", 2, agent)
    few = statements()
    for number in range(20):
        owed(make_contact(team, f"+336399850{number:02}", first_name=f"B{number}"), "x", 30 * number, agent)
    assert statements() == few <= 8


def test_words_are_only_text(agent: Member, camille: Contact) -> None:
    owed(camille, '<script>alert(1)</script>\u202e"><img src=x>', 2, agent)
    client = sign_in(agent)
    for address in (LIST, reverse("sms:contact", args=[camille.pk])):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<bdi>&lt;script&gt;" in page


def test_the_way_back_is_never_to_another_site(agent: Member, camille: Contact) -> None:
    one = owed(camille, "rappeler", 2, agent)
    address = reverse("contacts:follow-up-done", args=[one.pk])
    for evil in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"):
        answer = sign_in(agent).post(address, {"next": evil})
        assert answer.headers["Location"].startswith("/contacts/")


def test_whoever_is_owed_something_has_changed(camille: Contact, agent: Member) -> None:
    before = Contact.objects.get(pk=camille.pk).updated_at
    owed(camille, "rappeler", 2, agent)
    assert Contact.objects.get(pk=camille.pk).updated_at > before
