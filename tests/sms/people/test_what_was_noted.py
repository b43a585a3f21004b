"""What a person's page says beside texts and calls: follow-ups, merges, imports, consent; and its neighbours."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.custom_fields import keeping
from contacts.follow_ups import doing
from contacts.models import ConsentChange, Contact, ContactList, FollowUp, Import, ListMember, Merge
from contacts.people import neighbours, ordering
from contacts.privacy import ledger
from contacts.tags import tagging
from sms.models import Call, Click, Line, Message, Note, Qualification
from teams.access import Member
from teams.models import Team
from teams.models.team import Visibility
from tests.contacts.people.conftest import camille, make_contact, sign_in

__all__ = ["camille"]
pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def page_of(member: Member, contact: Contact, **query: str) -> str:
    return sign_in(member).get(reverse("sms:contact", args=[contact.pk]), query).content.decode()


def timeline_of(member: Member, contact: Contact, **query: str) -> str:
    page = page_of(member, contact, **query)
    return page[page.index('id="newest"') :]


def owed(contact: Contact, text: str, hours: float, owner: Member | None = None) -> FollowUp:
    due = timezone.now() + timedelta(hours=hours)
    return doing.add(contact, text, due, owner.user if owner else None, by=owner.user if owner else None)


def test_a_follow_up_is_dashed_above_today_until_it_is_due(agent: Member, camille: Contact) -> None:
    owed(camille, "la plus lointaine", 24 * 40, agent)
    owed(camille, "la prochaine", 24 * 2, agent)
    owed(camille, "en retard", -24, agent)
    line = timeline_of(agent, camille)
    ahead = re.findall(r'id="ev-ahead-\d+".*?<bdi>([^<]+)</bdi>', line)
    assert ahead == ["la plus lointaine", "la prochaine"]
    assert line.index("la prochaine") < line.index("ev-day-")


def test_what_is_to_come_stands_above_everything_and_changes_alone(agent: Member, camille: Contact) -> None:
    owed(camille, "la prochaine", 24 * 2, agent)
    assert "ev-ahead" in timeline_of(agent, camille, kind="changes")
    assert "ev-ahead" not in timeline_of(agent, camille, kind="messages")


def test_done_and_planned_ones_stand_on_the_line(agent: Member, manager: Member, camille: Contact) -> None:
    one = owed(camille, "rappeler", 2, agent)
    doing.done(one, manager.user)
    line = timeline_of(agent, camille)
    assert "Inès did: <b><bdi>rappeler</bdi></b>" in line
    assert "Follow-up for" in line


def test_a_merge_says_who_the_other_was(agent: Member, manager: Member, camille: Contact) -> None:
    gone = {"fields": {"first_name": "C.", "last_name": "<b>Aubertin</b>"}, "phones": ["+33639984218"]}
    Merge.objects.create(
        team=camille.team, kept=camille, gone_id=99, gone=gone, by=manager.user, happened_at=timezone.now()
    )
    assert "Merged with <b><bdi>C. &lt;b&gt;Aubertin&lt;/b&gt;</bdi></b>, Inès" in timeline_of(agent, camille)


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ({"phones": [{"number": "+33639984218"}]}, "06\u00a039\u00a098\u00a042\u00a018"),
        ({"fields": None, "phones": ["+33639984218"]}, "06\u00a039\u00a098\u00a042\u00a018"),
        ({}, "Merged with somebody else"),
        ([], "Merged with somebody else"),
    ],
)
def test_a_merge_of_somebody_without_a_name_is_told_too(
    agent: Member, camille: Contact, gone: Any, said: str
) -> None:
    Merge.objects.create(team=camille.team, kept=camille, gone_id=99, gone=gone, happened_at=timezone.now())
    assert said in timeline_of(agent, camille)


def test_the_address_of_somebody_merged_leads_to_the_one_kept(
    agent: Member, outsider: Member, camille: Contact
) -> None:
    Merge.objects.create(team=camille.team, kept=camille, gone_id=99_999, gone={}, happened_at=timezone.now())
    gone = reverse("sms:contact", args=[99_999])
    assert sign_in(agent).get(gone).headers["Location"] == camille.get_absolute_url()
    assert sign_in(outsider).get(gone).status_code == 404


def test_the_import_that_brought_somebody_is_named(agent: Member, manager: Member, camille: Contact) -> None:
    run = Import.objects.create(team=camille.team, by=manager.user, name="salon-<rennes>.csv")
    Contact.objects.filter(pk=camille.pk).update(imported_by=run)
    assert "Added by the import <b><bdi>salon-&lt;rennes&gt;.csv</bdi></b>, Inès" in timeline_of(
        agent, camille
    )


def test_consent_says_what_from_where_in_which_words(agent: Member, camille: Contact) -> None:
    ledger.grant(
        camille.team_id, [camille.pk], basis="opted_in", source="Formulaire du site",
        wording="J'accepte.", proof="192.0.2.17, 18:22",
    )  # fmt: skip
    line = timeline_of(agent, camille)
    assert "<b>Opted in</b> to commercial texts, <bdi>Formulaire du site</bdi>" in line
    assert "<bdi>“J&#x27;accepte.”</bdi>" in line
    assert "192.0.2.17, 18:22" in line


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("withdrawn", "<b>Withdrew</b> the consent"),
        ("do_not_call", "<b>Asked not to be called</b>"),
        ("may_call", "<b>May be called again</b>"),
    ],
)
def test_every_change_of_consent_has_its_sentence(
    agent: Member, camille: Contact, kind: str, said: str
) -> None:
    ConsentChange.objects.create(
        team=camille.team, contact=camille, kind=kind, source="rep", by=agent.user, happened_at=timezone.now()
    )
    line = timeline_of(agent, camille)
    assert said in line
    assert "noted by Théo" in line


def test_filters_say_how_much_there_is_and_never_count_on(agent: Member, camille: Contact) -> None:
    Note.objects.bulk_create(
        Note(team=camille.team, contact=camille, text="x", happened_at=timezone.now()) for _ in range(120)
    )
    owed(camille, "rappeler", 2, agent)
    picks = dict(
        re.findall(r'kind=(\w+)"[^>]*>\w+ <span class="num">([^<]*)</span>', page_of(agent, camille))
    )
    assert picks == {
        "all": "99+", "messages": "", "calls": "", "clicks": "", "notes": "99+", "changes": "1",
    }  # fmt: skip


def test_tags_lists_and_own_fields_stand_beside(agent: Member, manager: Member, camille: Contact) -> None:
    keeping.add(camille.team, label="Ville", kind="text", choices=(), by=manager.user)
    tagging.put(tagging.named(camille.team, ["salon"]).values(), Contact.objects.filter(pk=camille.pk))
    on = ContactList.objects.create(team=camille.team, name="Clients 2025")
    ListMember.objects.create(list=on, contact=camille)
    page = page_of(agent, camille)
    assert "<bdi>salon</bdi>" in page
    assert "<bdi>Clients 2025</bdi>" in page
    assert 'aria-label="Add: Ville"' in page


def test_a_list_is_joined_and_left_on_the_page(agent: Member, outsider: Member, camille: Contact) -> None:
    on = ContactList.objects.create(team=camille.team, name="Clients 2025")
    add = reverse("contacts:list-on", args=[camille.pk])
    off = reverse("contacts:list-off", args=[camille.pk, on.pk])
    assert sign_in(outsider).post(add, {"list": on.pk}).status_code == 404
    client = sign_in(agent)
    assert "Clients 2025" in client.post(add, {"list": on.pk}, headers=HTMX).content.decode()
    assert ListMember.objects.filter(contact=camille).exists()
    assert sign_in(outsider).post(off).status_code == 404
    client.post(off, headers=HTMX)
    assert not ListMember.objects.filter(contact=camille).exists()
    assert client.post(add, {"list": "x"}).status_code == 404


def test_of_a_colleagues_person_an_agent_sees_their_own_follow_ups_alone(
    agent: Member, manager: Member, team: Team, camille: Contact, line: Line
) -> None:
    owed(camille, "la sienne", 30, manager)
    owed(camille, "la mienne", 30, agent)
    Message.objects.create(
        team=team, line=line, contact=camille, direction="in", number="+33639984217", text="secret",
        state="received", happened_at=timezone.now(), received_at=timezone.now(),
    )  # fmt: skip
    from sms.models import Conversation

    Conversation.objects.create(contact=camille, team=team, last_at=timezone.now(), assignee=manager.user)
    team.agents_see = Visibility.OWN
    team.save()
    page = page_of(agent, camille)
    assert "secret" not in page
    assert "la sienne" not in page
    assert "la mienne" in page


def _everything(camille: Contact, line: Line, member: Member) -> None:
    """One event of every kind, and something in every block."""
    common: dict[str, Any] = {"team": camille.team, "contact": camille, "happened_at": timezone.now()}
    message = Message.objects.create(
        **common, line=line, direction="in", number="+33639984217", text="a", state="received",
        received_at=timezone.now(),
    )  # fmt: skip
    Call.objects.create(**common, line=line, direction="missed", received_at=timezone.now())
    Click.objects.create(
        **common, line=line, message=message, link="https://x.example", received_at=timezone.now()
    )
    Qualification.objects.create(**common, line=line, text="oui", received_at=timezone.now())
    Note.objects.create(**common, text="note", author=member.user)
    Merge.objects.create(
        team=camille.team, kept=camille, gone_id=99, gone={}, by=member.user, happened_at=timezone.now()
    )
    run = Import.objects.create(team=camille.team, by=member.user, name="salon.csv")
    Contact.objects.filter(pk=camille.pk).update(imported_by=run)
    ledger.grant(camille.team_id, [camille.pk], basis="opted_in", source="rep", by=member.user)
    doing.done(owed(camille, "faite", -2, member), member.user)
    for number in range(3):
        owed(camille, f"à faire {number}", 24 * number + 3, member)
        keeping.add(camille.team, label=f"Champ {number}", kind="text", choices=(), by=member.user)
    tagging.put(tagging.named(camille.team, ["a", "b"]).values(), Contact.objects.filter(pk=camille.pk))


def _statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_a_page_with_everything_on_it_keeps_to_its_statements(
    manager: Member, team: Team, camille: Contact, line: Line
) -> None:
    client, address = sign_in(manager), reverse("sms:contact", args=[camille.pk])
    bare = _statements(client, address)
    assert bare <= 12
    _everything(camille, line, manager)
    full = _statements(client, address)
    # One for each kind of event that is shown, and one for the qualifications of its calls.
    assert full <= bare + 11
    _everything_more = [owed(camille, f"encore {number}", 5 + number, manager) for number in range(10)]
    assert _everything_more
    assert _statements(client, address) == full
    # From a table with an order of its own: whom stands before and after, by at most six more.
    for number in range(5):
        make_contact(team, first_name=f"P{number}")
    assert _statements(client, f"{address}?in=sort%3D-added") <= full + 6


@pytest.mark.parametrize(
    "sort", ["", "sort=-name", "sort=-added", "sort=added", "sort=company", "sort=event"]
)
def test_before_and_after_are_those_of_the_table(team: Team, sort: str) -> None:
    from django.http import QueryDict

    from contacts.people.choice import Choice

    for number in range(7):
        make_contact(team, last_name=f"N{number % 3}", company="" if number % 2 else f"C{number}")
    choice = Choice.parse(QueryDict(sort), team)
    people: list[int] = []
    after = None
    while True:
        page = ordering.page(choice.found(team), order=choice.sort, after=after, size=3)
        people += [person.pk for person in page.contacts]
        if page.next is None:
            break
        after = page.next
    found = [neighbours.of(pk, choice.found(team), choice.sort) for pk in people]
    assert [each.after for each in found] == [*people[1:], None]
    assert [each.before for each in found] == [None, *people[:-1]]


def test_the_page_leads_to_the_next_of_the_same_table(agent: Member, team: Team) -> None:
    first, second = make_contact(team, last_name="Aa"), make_contact(team, last_name="Ab")
    make_contact(team, last_name="Zz")
    page = page_of(agent, first, **{"in": "q=a"})
    assert f"/contacts/{second.pk}/?in=q%3Da" in page
    assert 'rel="prev"' not in page
    assert f"{reverse('contacts:list')}?q=a" in page
    assert 'rel="next"' not in page_of(agent, second, **{"in": "q=a"})


@pytest.mark.parametrize(
    "given",
    [
        "segment=999999",
        "sort=nothing",
        "f={",
        "f=%7B%22conditions%22%3A%5B%7B%7D%5D%7D",
        "x" * 30_000,
        "\0",
        "ids=x",
    ],
)
def test_a_table_that_is_gone_leaves_the_person(agent: Member, camille: Contact, given: str) -> None:
    answer = sign_in(agent).get(reverse("sms:contact", args=[camille.pk]), {"in": given})
    assert answer.status_code == 200
