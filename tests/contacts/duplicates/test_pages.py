"""Proposals, two people side by side, and the click that makes them one; and where old addresses lead."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.duplicates import find, proposals
from contacts.duplicates.merge import merge
from contacts.models import Contact, CustomField, DuplicatePair, Merge
from sms.models import Line, Message, Note
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.contacts.duplicates.test_find import somebody

pytestmark = pytest.mark.django_db

LIST = reverse("contacts:duplicates")


def compare(kept: Contact, gone: Contact) -> str:
    return reverse("contacts:duplicate-compare", args=[kept.pk, gone.pk])


def merging(kept: Contact, gone: Contact) -> str:
    return reverse("contacts:duplicate-merge", args=[kept.pk, gone.pk])


@pytest.fixture
def client(manager: Member) -> Client:
    signed_in = Client()
    signed_in.force_login(manager.user, backend="teams.accounts.Backend")
    return signed_in


@pytest.fixture
def camille(team: Team) -> Contact:
    return somebody(
        team, "+33639984217", first_name="Camille", last_name="Aubertin", email="camille@exemple.example"
    )


@pytest.fixture
def double(team: Team) -> Contact:
    return somebody(team, "+33639984218", first_name="Cam", email="Camille@exemple.example")


@pytest.fixture
def pair(team: Team, camille: Contact, double: Contact) -> Iterator[DuplicatePair]:
    find.scan(team)
    yield DuplicatePair.objects.get()


def test_pair_stands_with_its_reason(client: Client, pair: DuplicatePair) -> None:
    page = client.get(LIST).content.decode()
    assert "One pair may be one person." in page
    assert "Same e-mail" in page
    assert "Camille Aubertin" in page
    # Of whom more is known stands first.
    assert compare(pair.first, pair.second) in page


def test_nobody_twice(client: Client, team: Team) -> None:
    assert "Nobody twice" in client.get(LIST).content.decode()


def test_look_again_finds_at_once_in_a_small_team(client: Client, camille: Contact, double: Contact) -> None:
    assert client.post(reverse("contacts:duplicates-look-again")).headers["Location"] == LIST
    assert "One pair may be" in client.get(LIST).content.decode()


def test_look_again_in_a_large_team_wakes_a_worker(
    client: Client, team: Team, camille: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[Any] = []
    monkeypatch.setattr("contacts.duplicates.views.LOOKED_AT_ONCE", 0)
    monkeypatch.setattr("contacts.duplicates.views.after_commit", lambda *args: woken.append(args))
    client.post(reverse("contacts:duplicates-look-again"))
    assert woken == [("contacts.tasks.find_duplicates", team.pk)]


def test_pages_follow_each_other(client: Client, team: Team) -> None:
    people = [somebody(team, first_name=f"P{index:03}") for index in range(70)]
    DuplicatePair.objects.bulk_create(
        DuplicatePair(team=team, first=one, second=other, why="name", likeness=0.5 + index % 3 / 10)
        for index, (one, other) in enumerate(zip(people[::2], people[1::2], strict=True))
    )
    first = proposals.page(team)
    second = proposals.page(team, after=first.next)
    assert [len(first.pairs), len(second.pairs), second.next] == [30, 5, ""]
    assert {pair.pk for pair in first.pairs}.isdisjoint(pair.pk for pair in second.pairs)
    found = [pair.likeness for pair in (*first.pairs, *second.pairs)]
    assert found == sorted(found, reverse=True)
    rows = client.get(LIST, {"after": first.next}, headers={"HX-Request": "true"}).content.decode()
    assert rows.count("<li>") == 5
    assert client.get(LIST, {"after": "nan_1"}).status_code == 404
    assert client.get(LIST, {"after": "x"}).status_code == 404


def test_list_asks_a_fixed_number_of_times(
    client: Client, pair: DuplicatePair, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14):
        client.get(LIST)


def test_word_against_a_pair_stands(client: Client, team: Team, pair: DuplicatePair, manager: Member) -> None:
    address = reverse("contacts:duplicate-dismiss", args=[pair.pk])
    assert client.post(address, headers={"HX-Request": "true"}).headers["HX-Trigger"] == "ligne:changed"
    assert client.post(address).status_code == 302
    pair.refresh_from_db()
    assert pair.dismissed_by == manager.user
    assert AuditEntry.objects.filter(action="contact.not_duplicate").count() == 1
    find.scan(team)
    assert "Nobody twice" in client.get(LIST).content.decode()


def test_what_differs_is_a_choice_and_the_newer_is_chosen(
    client: Client, camille: Contact, double: Contact
) -> None:
    page = client.get(compare(camille, double)).content.decode()
    assert 'name="field.first_name" value="gone" aria-describedby="row-1" checked' in page
    assert 'name="field.last_name"' not in page
    Contact.objects.filter(pk=double.pk).update(updated_at=timezone.now() - timedelta(days=1))
    page = client.get(compare(camille, double)).content.decode()
    assert 'name="field.first_name" value="kept" aria-describedby="row-1" checked' in page
    assert "Merge into Camille Aubertin" in page


def test_stricter_consent_is_told_in_words(client: Client, camille: Contact, double: Contact) -> None:
    neither = "Neither opted out, and neither gave a consent to commercial texts."
    assert neither in client.get(compare(camille, double)).content.decode()
    since = timezone.now().replace(year=2025, month=3, day=5)
    Contact.objects.filter(pk=double.pk).update(opted_out_at=since, consent="withdrawn", consent_at=since)
    Contact.objects.filter(pk=camille.pk).update(
        consent="opted_in", consent_at=timezone.now(), do_not_call_at=since
    )
    page = client.get(compare(camille, double)).content.decode()
    assert "Cam opted out on 5 March 2025: nobody can text any of these numbers." in page
    assert "Cam withdrew the consent: it stays withdrawn" in page
    assert "Camille Aubertin asked not to be called on 5 March 2025" in page


def test_merge_takes_what_was_chosen(client: Client, team: Team, camille: Contact, double: Contact) -> None:
    CustomField.objects.create(team=team, key="town", label="Town")
    Contact.objects.filter(pk=camille.pk).update(custom={"town": "Pordic"})
    Contact.objects.filter(pk=double.pk).update(custom={"town": "Binic"})
    given = {
        "field.first_name": "kept",
        "field.email": "gone",
        "field.custom.town": "gone",
        "primary": double.phones.get().pk,
    }
    assert client.post(merging(camille, double), given).headers["Location"] == camille.get_absolute_url()
    kept = Contact.objects.get()
    assert (kept.first_name, kept.email, kept.custom) == (
        "Camille",
        "Camille@exemple.example",
        {"town": "Binic"},
    )
    assert kept.primary_number == "+33639984218"


@pytest.mark.parametrize("primary", ["", "x", "99999999999999999999", "-1", "²"])
def test_any_form_merges(client: Client, camille: Contact, double: Contact, primary: str) -> None:
    client.post(merging(camille, double), {"primary": primary, "field.first_name": "what"})
    assert Contact.objects.get().first_name == "Camille"


def test_after_a_merge_from_the_list_the_next_pair_comes(
    client: Client, team: Team, camille: Contact, double: Contact
) -> None:
    somebody(team, email="x@exemple.example"), somebody(team, email="x@exemple.example")
    find.scan(team)
    assert client.post(merging(camille, double), {"next": "list"}).headers["Location"] == LIST


def test_double_click_and_a_colleague_find_who_is_left(
    client: Client, camille: Contact, double: Contact
) -> None:
    client.post(merging(camille, double))
    for address in (merging(camille, double), merging(double, camille)):
        assert client.post(address).headers["Location"] == camille.get_absolute_url()
    assert client.get(compare(double, camille)).headers["Location"] == camille.get_absolute_url()
    page = client.get(camille.get_absolute_url()).content.decode()
    assert "They were merged already: this is who they are now." in page
    assert Merge.objects.count() == 1


def test_merge_with_somebody_found_by_search(client: Client, camille: Contact, double: Contact) -> None:
    address = reverse("contacts:merge-with", args=[camille.pk])
    # Whoever is near is offered at once.
    assert compare(camille, double) in client.get(address).content.decode()
    found = client.get(address, {"q": "06 39 98 42 18"}).content.decode()
    assert compare(camille, double) in found
    found = client.get(address, {"q": "aubertin"}).content.decode()
    assert reverse("contacts:duplicate-compare", args=[camille.pk, camille.pk]) not in found
    assert "Nobody matches" in client.get(address, {"q": "zzzzzz"}).content.decode()


def test_agents_and_other_teams_merge_nobody(
    camille: Contact, double: Contact, pair: DuplicatePair, agent: Member, outsider: Member
) -> None:
    for member, status in ((agent, 403), (outsider, 404)):
        other = Client()
        other.force_login(member.user, backend="teams.accounts.Backend")
        assert other.get(compare(camille, double)).status_code == status
        assert other.post(merging(camille, double)).status_code == status
        assert other.post(reverse("contacts:duplicate-dismiss", args=[pair.pk])).status_code == status
        assert other.get(reverse("contacts:merge-with", args=[camille.pk])).status_code == status
    assert Contact.objects.count() == 2


def test_one_person_is_not_two(client: Client, camille: Contact) -> None:
    assert client.get(compare(camille, camille)).status_code == 404
    assert client.post(merging(camille, camille)).status_code == 404


# Old addresses.


def test_pages_of_the_one_who_is_gone_lead_to_the_kept_one(
    client: Client, line: Line, camille: Contact, double: Contact
) -> None:
    merge(camille.pk, double.pk, None)
    for name, argument in (("sms:contact", "pk"), ("contacts:edit", "pk"), ("sms:thread", "contact_id")):
        answer = client.get(reverse(name, kwargs={argument: double.pk}) + "?tab=details")
        assert answer.status_code == 302
        assert answer.headers["Location"] == reverse(name, kwargs={argument: camille.pk}) + "?tab=details"


def test_what_was_being_written_to_the_one_who_is_gone_reaches_the_kept_one(
    client: Client, line: Line, camille: Contact, double: Contact
) -> None:
    merge(camille.pk, double.pk, None)
    given = {"kind": "note", "text": "Rappeler jeudi", "key": "a" * 32}
    answer = client.post(reverse("sms:note", args=[double.pk]), given, follow=True)
    assert answer.redirect_chain[0] == (reverse("sms:note", args=[camille.pk]), 307)
    assert Note.objects.get().contact_id == camille.pk
    assert Message.objects.count() == 0


def test_gone_is_gone_for_another_team(outsider: Member, camille: Contact, double: Contact) -> None:
    merge(camille.pk, double.pk, None)
    other = Client()
    other.force_login(outsider.user, backend="teams.accounts.Backend")
    assert other.get(reverse("sms:contact", args=[double.pk])).status_code == 404


def test_nobody_there_is_a_404_still(client: Client, camille: Contact) -> None:
    assert client.get(reverse("sms:contact", args=[camille.pk + 1000])).status_code == 404
    assert client.get("/contacts/nowhere/").status_code == 404
