"""The first step: parts that are added and taken out, the purpose, the rest, and the line of figures beside them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, ContactList, ContactTag, Segment, Tag
from contacts.segments import find
from sms.campaigns import blockers
from sms.campaigns import people as pages
from sms.campaigns.wizard import figures, parts
from sms.models import Campaign, LineRecipient, Message
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import Team
from tests.contacts.people.conftest import sign_in
from tests.sms.campaigns.conftest import make_list, make_people

from .browser import Browser
from .conftest import HTMX, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(browser: Browser, draft: Campaign) -> Browser:
    return browser.open(at(draft, "audience"))


def _parts(campaign: Campaign) -> dict[str, Any]:
    campaign.refresh_from_db()
    return dict(campaign.audience)


def test_from_those_who_match_through_each_reason_to_those_who_get_it(page: Browser) -> None:
    assert "6 people match" in page.words
    assert "Opted out −1" in page.words
    assert "No number −1" in page.words
    assert "4 will receive it" in page.words
    assert "2 people left out. The report will say why." in page.words


def test_every_number_opens_its_people(page: Browser, people: list[int]) -> None:
    Contact.objects.filter(pk=people[4]).update(last_name="Opposée")
    start = page.address
    page.follow("Opted out: 1 person left out")
    assert "Camille Opposée" in page.words
    assert f'href="/contacts/{people[4]}/"' in page.page
    assert page.words.count("Camille") == 1
    page.open(start).follow("See all 4 people")
    assert page.words.count("Camille") == 4
    page.open(start).follow("6")
    assert page.words.count("Camille") == 6


def test_a_few_of_them_with_their_consent_and_where_they_are_from(page: Browser) -> None:
    few = page.words.partition("A few of them")[2]
    assert few.count("06 39 98 00 0") == 4
    assert few.count("Opted in") == 4
    assert few.count("Salon de Rennes") == 4


def test_parts_are_added_and_taken_out_one_by_one(
    page: Browser, draft: Campaign, team: Team, people: list[int]
) -> None:
    tag = Tag.objects.create(team=team, name="déjà équipé")
    ContactTag.objects.create(tag=tag, contact_id=people[0])
    assert "déjà équipé" not in page.words, "menus are made when they are opened"
    page.open(f"{page.address}?add=exclude").press("déjà équipé")
    listed = draft.audience["include"][0]
    assert _parts(draft) == {"include": [listed], "exclude": [{"tag": tag.pk}]}
    assert "Tag déjà équipé 1" in page.words
    assert "3 will receive it" in page.words
    page.press("Remove déjà équipé")
    assert _parts(draft) == {"include": [listed], "exclude": []}
    page.press("Remove Salon de Rennes")
    assert _parts(draft) == {"include": [], "exclude": []}
    assert "Nobody yet" in page.words


def test_a_result_of_an_earlier_campaign_is_a_part(page: Browser, draft: Campaign, team: Team) -> None:
    earlier = Campaign.objects.create(team=team, name="Rentrée chaudières", state="finished")
    page.open(f"{page.address}?add=exclude").press(f"add:exclude:campaign:{earlier.pk}:not_clicked")
    assert _parts(draft)["exclude"] == [{"campaign": earlier.pk, "result": "not_clicked"}]
    assert "Campaign Rentrée chaudières did not click 0" in page.words


def test_what_can_be_added_is_found_by_its_name(page: Browser, team: Team) -> None:
    for number in range(15):
        Tag.objects.create(team=team, name=f"Étiquette {number:02}")
    Segment.objects.create(team=team, name="Chauds", definition={"match": "all", "conditions": []})
    page.open(f"{page.address}?add=include")
    assert "Étiquette 00" in page.words
    assert "Étiquette 14" not in page.words
    assert "There are more: search for them by name." in page.words
    page.press("Find", q="etiquette 14")
    assert "Étiquette 14" in page.words
    assert "Étiquette 00" not in page.words
    page.press("add:include:tag:" + str(Tag.objects.get(name="Étiquette 14").pk))
    assert "Tag Étiquette 14" in page.words


def test_htmx_is_given_the_menu_and_what_changed_alone(client: Client, draft: Campaign, team: Team) -> None:
    tag = Tag.objects.create(team=team, name="pompe à chaleur")
    menu = client.get(f"{at(draft, 'audience')}?add=include", headers=HTMX).content.decode()
    assert "pompe à chaleur" in menu
    assert "<html" not in menu
    answer = client.post(at(draft, "audience"), {"do": f"add:include:tag:{tag.pk}"}, headers=HTMX)
    changed = answer.content.decode()
    assert "<html" not in changed
    assert changed.count("hx-swap-oob") == 2, "the figures and the bar follow"
    assert "pompe à chaleur" in changed


def test_a_part_of_another_team_is_none(client: Client, draft: Campaign, other_team: Team) -> None:
    foreign = Tag.objects.create(team=other_team, name="Of others")
    before = _parts(draft)
    saved = draft.updated_at
    for value in (
        f"tag:{foreign.pk}",
        "tag:x",
        "contacts:1",
        f"campaign:{draft.pk}:clicked",
        "campaign:0:clicked",
        "tag",
        "",
    ):
        client.post(at(draft, "audience"), {"do": f"add:include:{value}"})
        client.post(at(draft, "audience"), {"do": f"remove:include:{value}"})
        client.post(at(draft, "audience"), {"do": f"add:neither:{value}"})
    assert _parts(draft) == before
    assert draft.updated_at == saved


def test_a_part_that_was_deleted_says_so_and_lets_nobody_in(page: Browser, draft: Campaign) -> None:
    ContactList.objects.all().delete()
    page.open(page.address)
    assert "List deleted" in page.words
    assert "A part of the audience was deleted" in page.words
    assert "will receive it" not in page.words
    page.press("Remove List")
    assert _parts(draft) == {"include": [], "exclude": []}


def test_people_named_one_by_one_are_a_part_as_well(
    browser: Browser, draft: Campaign, people: list[int]
) -> None:
    Campaign.objects.update(audience={"include": [{"contacts": people[:2]}]})
    browser.open(at(draft, "audience"))
    assert "Chosen people 2" in browser.words
    browser.press("Remove Chosen people")
    assert _parts(draft) == {"include": [], "exclude": []}


def test_the_purpose_says_what_it_asks(page: Browser, draft: Campaign, team: Team) -> None:
    strangers = make_list(team, make_people(team, 2, begin=50), "Inconnus")
    page.open(f"{page.address}?add=include").press(f"add:include:list:{strangers.pk}")
    assert "No consent to commercial texts −2" in page.words
    page.press("kind:service")
    draft.refresh_from_db()
    assert draft.kind == "service"
    assert "Needs no opt-in" in page.words
    assert "No consent" not in page.words.partition("will receive it")[0]


def test_a_text_that_becomes_commercial_says_at_once_what_it_must(
    client: Client, draft: Campaign, team: Team
) -> None:
    Campaign.objects.update(kind="service", text="Bonjour")
    client.post(at(draft, "audience"), {"do": "kind:commercial"})
    draft.refresh_from_db()
    assert "STOP" in draft.text
    assert draft.text.startswith("Bonjour")


def test_whoever_was_texted_lately_is_left_out_for_so_many_days(
    page: Browser, draft: Campaign, people: list[int]
) -> None:
    _texted(draft, people[0], days_ago=9)
    page.press("Set", days="14")
    draft.refresh_from_db()
    assert draft.rest_days == 14
    assert "Texted in the last 14 days −1" in page.words
    page.press("Set", days="5")
    assert "Texted" not in page.words.partition("will receive it")[0].partition("Leave out anyone texted")[0]
    page.press("Set", days="")
    draft.refresh_from_db()
    assert draft.rest_days is None


@pytest.mark.parametrize("days", ["0", "366", "soon"])
def test_a_rest_that_can_not_be_is_said_beside_it(page: Browser, draft: Campaign, days: str) -> None:
    page.press("Set", days=days)
    assert page.status == 422
    assert 'id="id_days_error"' in page.page
    assert f'value="{days}"' in page.page
    draft.refresh_from_db()
    assert draft.rest_days is None


def _texted(campaign: Campaign, contact: int, *, days_ago: int) -> None:
    line = campaign.lines.get()
    number = Contact.objects.get(pk=contact).phones.get().number
    [sent] = enqueue(campaign.team, [Draft(line=line, number=number, text="Bonjour")], by=None)
    then = timezone.now() - timedelta(days=days_ago)
    Message.objects.filter(pk=sent.pk).update(state="delivered", happened_at=then)


def test_what_the_sim_bears_and_when_it_would_end(page: Browser, draft: Campaign) -> None:
    line = draft.lines.get()
    line.day_budget, line.month_budget, line.name = 1, 120, "Malik"
    line.save()
    month = timezone.localdate().replace(day=1)
    LineRecipient.objects.bulk_create(
        LineRecipient(line=line, month=month, number=f"+3363998{index:04d}") for index in range(60)
    )
    page.open(page.address)
    assert "60 of 120 people" in page.words
    assert 'value="50"' in page.page
    assert "At 1 texts a day this takes 4 days, until" in page.words


def test_counting_that_takes_too_long_stops_nobody(
    page: Browser, draft: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_args: object, **_given: object) -> None:
        raise find.TakesTooLong

    monkeypatch.setattr(blockers, "counts", stopped)
    page.open(page.address)
    assert "Counting them takes too long while you edit." in page.words
    page.press("kind:service")
    draft.refresh_from_db()
    assert draft.kind == "service"


def test_more_than_are_counted_while_one_edits(page: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "COUNTED", 3)
    monkeypatch.setattr(parts, "COUNTED", 3)
    page.open(page.address)
    assert "3+ people match" in page.words
    assert "Salon de Rennes 3+" in page.words
    assert "While you edit, the count stops here." in page.words


def test_the_people_behind_a_number_come_page_by_page(
    client: Client, draft: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    first = client.get(at(draft, "left-out")).content.decode()
    assert first.count('class="name"') == 2
    more = first.partition('<a class="link-q" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = client.get(more, headers=HTMX).content.decode()
    assert second.count('class="name"') == 2
    assert "More people" not in second
    assert "<html" not in second


def test_reasons_nobody_knows_are_not_found(client: Client, draft: Campaign) -> None:
    for query in ("reason=sang", "reason=&after=x", "reason=field_emptyx"):
        assert client.get(f"{at(draft, 'left-out')}?{query}").status_code == 404


PAGES = ("audience", "message", "when", "review", "left-out", "templates")


@pytest.mark.parametrize("page", PAGES)
def test_managers_of_the_team_alone(draft: Campaign, agent: Member, outsider: Member, page: str) -> None:
    assert sign_in(agent).get(at(draft, page)).status_code == 403
    assert sign_in(outsider).get(at(draft, page)).status_code == 404


@pytest.mark.parametrize("page", ["audience", "message", "when", "start", "test", "rename", "discard"])
def test_nobody_else_changes_it(draft: Campaign, agent: Member, outsider: Member, page: str) -> None:
    given = {
        "do": "kind:service",
        "text": "X",
        "at": "now",
        "credit_days": "3",
        "recipients": "4",
        "name": "X",
    }
    assert sign_in(agent).post(at(draft, page), given).status_code == 403
    assert sign_in(outsider).post(at(draft, page), given).status_code == 404
    draft.refresh_from_db()
    assert (draft.state, draft.kind, draft.name, draft.credit_days) == (
        "draft",
        "commercial",
        "Devis de novembre",
        7,
    )
