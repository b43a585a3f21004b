"""The page where a segment is built: by round trips of its form, and by htmx."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import SavedView, Segment, Tag
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.contacts.people.conftest import sign_in

from .world import World

pytestmark = pytest.mark.django_db
NEW = reverse("contacts:segment-new")


class Form(HTMLParser):
    """What a browser would post of the builder's form, without its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.given: dict[str, list[str]] = {}
        self._select: str | None = None
        self._begun = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        name = at.get("name", "")
        if tag == "input" and name and (at.get("type") != "checkbox" or "checked" in at):
            self.given.setdefault(name, []).append(at.get("value", ""))
        elif tag == "select":
            self._select, self._begun = name, False
        elif tag == "option" and self._select:
            if not self._begun:
                self._begun = True
                self.given[self._select] = [at["value"]]
            if "selected" in at:
                self.given[self._select] = [at["value"]]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None


class Builder:
    """Somebody without script, before the page."""

    def __init__(self, client: Client, address: str = NEW) -> None:
        self.client = client
        self.address = address
        self.answer: Any = client.get(address)
        assert self.answer.status_code == 200

    @property
    def page(self) -> str:
        return str(self.answer.content.decode())

    @property
    def form(self) -> dict[str, list[str]]:
        return Form(self.page).given

    def press(self, do: str, /, **typed: Any) -> Any:
        given: dict[str, Any] = {**self.form, **{k.replace("_", "-"): v for k, v in typed.items()}, "do": do}
        self.answer = self.client.post(self.address, given)
        return self.answer


def _tag(world: World) -> str:
    return str(world.ids["tag"]["pompe à chaleur"])


def test_built_without_script_condition_by_condition(agent: Member, world: World) -> None:
    page = Builder(sign_in(agent))
    page.press("look", **{"0-field": "tag"})
    assert "pompe à chaleur" in page.page
    page.press("add", **{"0-value": [_tag(world)]})
    page.press("look", **{"1-field": "clicked"})
    page.press("look", **{"1-op": "in_last"})
    page.press("look", **{"1-value": "14"})
    assert "Camille" in page.page
    answer = page.press("save", name="Chauds à relancer")
    segment = Segment.objects.get(team=world.team)
    assert answer.headers["Location"] == f"{reverse('contacts:list')}?segment={segment.pk}"
    assert segment.definition == {
        "match": "all",
        "conditions": [
            {"field": "tag", "op": "any", "value": [int(_tag(world))]},
            {"field": "clicked", "op": "in_last", "value": 14},
        ],
    }
    assert segment.created_by == agent.user
    assert AuditEntry.objects.filter(action="segment.saved", actor=agent.user).exists()


def test_groups_are_added_filled_and_removed(agent: Member, world: World) -> None:
    page = Builder(sign_in(agent))
    page.press("add-group", **{"0-field": "opted_out"})
    page.press("add:1", **{"1-0-field": "replied"})
    page.press("look", **{"1-1-field": "follow_up", "1-0-op": "ever"})
    assert page.form["1-match"] == ["any"]
    page.press("add-group")
    page.press("remove:2-0")  # with its last condition the group goes
    page.press("save", name="Un groupe")
    definition = Segment.objects.get(team=world.team).definition
    assert definition["conditions"][1] == {
        "match": "any",
        "conditions": [{"field": "replied", "op": "ever"}, {"field": "follow_up", "op": "open"}],
    }
    again = Builder(sign_in(agent), reverse("contacts:segment-edit", args=[Segment.objects.get().pk]))
    again.press("remove:1")
    assert "1-match" not in again.form
    assert list(again.form["row"]) == ["0"]


def test_a_value_of_another_control_is_dropped(agent: Member, world: World) -> None:
    page = Builder(sign_in(agent))
    page.press("look", **{"0-field": "company"})
    page.press("look", **{"0-value": "Aubertin"})
    page.press("look", **{"0-op": "begins"})
    assert page.form["0-value"] == ["Aubertin"]
    page.press("look", **{"0-field": "clicked", "0-op": "in_last"})
    assert page.form["0-value"] == [""]
    page.press("look", **{"0-field": "tag"})
    page.press("look", **{"0-value": [_tag(world)]})
    page.press("look", **{"0-field": "list"})
    assert "0-value" not in page.form


def test_what_is_wrong_stands_at_its_condition_and_what_was_typed_is_kept(
    agent: Member, world: World
) -> None:
    page = Builder(sign_in(agent))
    page.press("look", **{"0-field": "clicked"})
    answer = page.press("save", name="", **{"0-value": "plenty"})
    assert answer.status_code == 422
    assert "Give a number of days." in page.page
    assert "Give it a name." in page.page
    assert page.form["0-value"] == ["plenty"]
    assert not Segment.objects.exists()


def test_nobody_saves_a_segment_of_everybody(agent: Member, world: World) -> None:
    page = Builder(sign_in(agent))
    page.press("remove:0")
    assert page.press("save", name="Tous").status_code == 422
    assert "Add a condition" in page.page


def test_an_unfinished_condition_is_left_out_of_the_count(agent: Member, world: World) -> None:
    page = Builder(sign_in(agent))
    page.press("add", **{"0-field": "opted_out"})
    assert "One condition is left out" in page.page
    assert ">6<" in page.page.replace(" ", "")


def test_a_name_is_taken_whatever_its_case(agent: Member, world: World) -> None:
    Segment.objects.create(team=world.team, name="Chauds", definition={"conditions": []})
    page = Builder(sign_in(agent))
    page.press("look", **{"0-field": "opted_out"})
    assert page.press("save", name="CHAUDS").status_code == 422
    assert "There is a segment of this name." in page.page


def _segment(team: Team, name: str = "Chauds", **condition: Any) -> Segment:
    given = condition or {"field": "opted_out", "op": "no"}
    return Segment.objects.create(team=team, name=name, definition={"match": "all", "conditions": [given]})


def test_saved_again_and_saved_as_a_new_one(agent: Member, world: World) -> None:
    segment = _segment(world.team)
    page = Builder(sign_in(agent), reverse("contacts:segment-edit", args=[segment.pk]))
    assert page.press("copy").status_code == 422  # two of one name
    page.press("copy", name="Froids", **{"0-op": "yes"})
    page = Builder(sign_in(agent), reverse("contacts:segment-edit", args=[segment.pk]))
    page.press("save", name="Tièdes")
    found = {each.name: each.definition["conditions"][0]["op"] for each in Segment.objects.all()}
    assert found == {"Froids": "yes", "Tièdes": "no"}


def test_a_definition_comes_with_the_address(agent: Member, world: World) -> None:
    given = json.dumps(
        {"match": "any", "conditions": [{"field": "company", "op": "contains", "value": "aub"}]}
    )
    page = Builder(sign_in(agent), f"{NEW}?f={given}")
    assert page.form["0-value"] == ["aub"]
    assert page.form["match"] == ["any"]
    for nonsense in ("[[", "7", '{"conditions": 3}', "[" * 10_000):
        assert sign_in(agent).get(NEW, {"f": nonsense}).status_code == 200


def test_what_is_gone_is_said_and_can_be_mended(agent: Member, world: World) -> None:
    segment = _segment(world.team, field="tag", op="any", value=[int(_tag(world))])
    Tag.objects.filter(pk=_tag(world)).delete()
    page = Builder(sign_in(agent), reverse("contacts:segment-edit", args=[segment.pk]))
    assert "One that is chosen here is gone." in page.page
    assert "something deleted" in page.page
    assert page.press("save").status_code == 422
    other = str(world.ids["tag"]["aides 2026"])
    assert page.press("save", **{"0-value": [other]}).status_code == 302


def test_htmx_gets_the_parts_it_asks_for(agent: Member, world: World) -> None:
    client = sign_in(agent)
    form = Builder(client).form | {"0-field": ["opted_out"], "do": ["look"]}
    preview = client.post(NEW, form, headers={"HX-Request": "true", "HX-Target": "preview"}).content.decode()
    assert "not opted out" in preview
    assert "<form" not in preview and 'id="conditions"' not in preview
    rows = client.post(NEW, form, headers={"HX-Request": "true", "HX-Target": "conditions"}).content.decode()
    assert 'id="conditions"' in rows and 'hx-swap-oob="true"' in rows
    assert "<html" not in rows


def test_any_form_at_all_is_answered(agent: Member, world: World) -> None:
    client = sign_in(agent)
    for given in (
        {"row": ["0", "0", "../x", "9-9-9", "é"], "do": "remove:99999999999"},
        {"row": ["0"], "0-field": "tag", "0-was": "several:tag", "0-value": ["x", "99999999999999999999"]},
        {"row": ["0"], "0-field": "clicked", "0-line": "x", "0-days": "-4", "do": "add:7"},
        {"row": ["0"], "0-field": "custom.surface", "0-op": "between", "0-was": "between:", "0-value": ["1"]},
        {"row": ["0"], "0-field": "company", "0-was": "text:", "0-value": "a\0b", "do": "save", "name": "x"},
        {"row": [str(number) for number in range(500)], "do": "add"},
    ):
        assert client.post(NEW, given).status_code in (200, 422), given


def test_another_teams_segment_is_not_there(outsider: Member, world: World) -> None:
    segment = _segment(world.team)
    client = sign_in(outsider)
    for name in ("segment-edit", "segment-delete", "segment-to-list"):
        assert client.get(reverse(f"contacts:{name}", args=[segment.pk])).status_code == 404
    assert client.post(reverse("contacts:segment-duplicate", args=[segment.pk])).status_code == 404
    assert "Chauds" not in client.get(reverse("contacts:segments")).content.decode()


def test_the_list_of_segments_says_what_each_means(agent: Member, world: World) -> None:
    assert "No segments yet" in sign_in(agent).get(reverse("contacts:segments")).content.decode()
    segment = _segment(world.team)
    SavedView.objects.create(team=world.team, user=agent.user, name="Le matin", query=f"segment={segment.pk}")
    page = sign_in(agent).get(reverse("contacts:segments"), {"count": segment.pk}).content.decode()
    assert "not opted out" in page
    assert "Le matin" in page
    assert "6 people" in page
    headers = {"HX-Request": "true", "HX-Target": ""}
    part = sign_in(agent).get(reverse("contacts:segments"), {"count": segment.pk}, headers=headers)
    assert part.content.decode().strip() == '<span class="m num">6 people</span>'


def test_deleting_says_where_it_is_used(agent: Member, world: World) -> None:
    segment = _segment(world.team)
    SavedView.objects.create(
        team=world.team, user=agent.user, name="Le matin", query=f"q=a&segment={segment.pk}"
    )
    client = sign_in(agent)
    address = reverse("contacts:segment-delete", args=[segment.pk])
    assert "Le matin" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert not Segment.objects.exists()
    assert AuditEntry.objects.filter(action="segment.deleted").exists()


def test_duplicates_have_names_of_their_own(agent: Member, world: World) -> None:
    segment = _segment(world.team, name="N" * 80)
    for _time in range(3):
        sign_in(agent).post(reverse("contacts:segment-duplicate", args=[segment.pk]))
    names = sorted(Segment.objects.values_list("name", flat=True))
    assert len(set(names)) == 4
    assert all(len(name) <= 80 for name in names)


def test_a_list_of_a_segment_stays_when_people_change(agent: Member, world: World) -> None:
    segment = _segment(world.team, field="tag", op="any", value=[int(_tag(world))])
    client = sign_in(agent)
    address = reverse("contacts:segment-to-list", args=[segment.pk])
    assert "2 people" in client.get(address).content.decode()
    assert client.post(address, {"name": "Rennes"}).status_code == 422  # a list has that name
    client.post(address, {"name": "Salon"})
    made = world.team.contactlist_set.get(name="Salon")
    Tag.objects.filter(pk=_tag(world)).delete()
    assert {each.first_name for each in made.members.all()} == {"Camille", "Bruno"}


def _statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        client.get(address)
    return len(caught)


def test_pages_take_the_same_statements_however_much_there_is(agent: Member, world: World) -> None:
    client = sign_in(agent)
    first = _segment(world.team, field="tag", op="any", value=[int(_tag(world))])
    few = _statements(client, reverse("contacts:segments"))
    builder = _statements(client, reverse("contacts:segment-edit", args=[first.pk]))
    for number in range(20):
        _segment(world.team, f"N {number}", field="tag", op="none", value=[int(_tag(world))])
    many = [{"field": "tag", "op": "any", "value": [int(_tag(world))]}] * 30
    Segment.objects.filter(pk=first.pk).update(definition={"match": "any", "conditions": many})
    assert _statements(client, reverse("contacts:segments")) == few <= 12
    # Savepoint and the statement timeout are statements too.
    assert _statements(client, reverse("contacts:segment-edit", args=[first.pk])) == builder <= 22
