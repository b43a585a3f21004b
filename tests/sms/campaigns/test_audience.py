"""Whom a campaign is for: anyone in one of its parts and in none of the others; what is gone lets nobody in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Contact, ContactTag, Segment, Tag
from contacts.segments import uses
from sms.campaigns import blockers
from sms.campaigns.audience import Audience, Wrong
from sms.models import Campaign, Line, Message
from teams.models import Team
from tests.sms.campaigns.conftest import Make, go, make_list, make_people

pytestmark = pytest.mark.django_db


def people(team: Team, **sides: list[dict[str, Any]]) -> set[int]:
    return set(Audience.parse(sides, team).people(team).values_list("pk", flat=True))


def test_anyone_in_one_part_and_in_none_of_the_excluded(team: Team, make: Make, line: Line) -> None:
    ids = make_people(team, 10)
    salon = make_list(team, ids[:4])
    tag = Tag.objects.create(team=team, name="pompe à chaleur")
    ContactTag.objects.bulk_create(ContactTag(tag=tag, contact_id=pk) for pk in ids[3:6])
    Contact.objects.filter(pk=ids[8]).update(company="Aubertin SA")
    segment = Segment.objects.create(
        team=team,
        name="Aubertin",
        definition={"match": "all", "conditions": [{"field": "company", "op": "is", "value": "aubertin sa"}]},
    )
    earlier = go(make(ids[:3]), 3)
    Message.objects.filter(campaign=earlier, contact=ids[0]).update(state="delivered")
    parts: list[dict[str, Any]] = [
        {"list": salon.pk},
        {"tag": tag.pk},
        {"segment": segment.pk},
        {"contacts": [ids[9]]},
    ]
    assert people(team, include=parts) == {*ids[:6], ids[8], ids[9]}
    got_it = {"campaign": earlier.pk, "result": "delivered"}
    assert people(team, include=parts, exclude=[got_it]) == {*ids[1:6], ids[8], ids[9]}
    assert people(team, include=[got_it]) == {ids[0]}
    assert people(team, include=[{"campaign": earlier.pk}], exclude=[{"tag": tag.pk}]) == {*ids[:3]}


def test_nobody_without_a_part_and_nobody_where_a_part_is_gone(team: Team) -> None:
    salon = make_list(team, make_people(team, 3))
    assert people(team) == set()
    stored = {"include": [{"list": salon.pk}], "exclude": [{"tag": 99}]}
    with pytest.raises(Wrong) as wrong:
        Audience.parse(stored, team)
    assert list(wrong.value.problems) == ["exclude.0"]
    shown = Audience.stored(stored, team)
    assert [item.kind for item in shown.gone] == ["tag"]
    assert not shown.people(team).exists()


def test_what_other_teams_have_is_gone_here(team: Team, other_team: Team) -> None:
    theirs = make_list(other_team, make_people(other_team, 3))
    with pytest.raises(Wrong):
        Audience.parse({"include": [{"list": theirs.pk}]}, team)
    mine = make_people(team, 1)
    foreign = list(Contact.objects.for_team(other_team).values_list("pk", flat=True))
    assert people(team, include=[{"contacts": [*foreign, *mine]}]) == set(mine)


def test_it_is_stored_as_it_was_said(team: Team) -> None:
    salon = make_list(team, make_people(team, 1))
    data = {"include": [{"list": salon.pk}, {"contacts": [5, 6]}], "exclude": []}
    assert Audience.parse(data, team).as_json() == data


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["include", "exclude", "list", "tag", "campaign", "contacts"]), inner
        )
    ),
    max_leaves=8,
)


@given(data=_JSON)
def test_anything_else_is_refused_with_a_sentence(data: Any) -> None:
    team = Team(pk=0)
    try:
        found = Audience.parse(data, team)
    except Wrong as wrong:
        assert all(wrong.problems.values())
    else:
        assert set(found.as_json()) == {"include", "exclude"}
    Audience.stored(data, team)


def test_figures_and_people_before_anything_is_sent(make: Make, team: Team) -> None:
    ids = make_people(team, 8)
    Contact.objects.filter(pk__in=ids[:2]).update(first_name="")
    campaign = make(ids)
    found = blockers.counts(campaign)
    assert (found.match, found.receive, found.reasons) == (8, 6, {"field_empty:first_name": 2})
    assert [pk for pk, _number in blockers.people(campaign, "field_empty:first_name", size=1)] == ids[:1]
    assert [pk for pk, _number in blockers.people(campaign, "field_empty:first_name", after=ids[0])] == ids[
        1:2
    ]
    assert len(blockers.people(campaign)) == 6
    capped = blockers.counts(campaign, cap=5)
    assert capped.capped and capped.match == 6


def test_a_percent_sign_in_a_segment_is_text(make: Make, team: Team) -> None:
    ids = make_people(team, 2)
    Contact.objects.filter(pk=ids[0]).update(company="100 % Toiture {x}")
    segment = Segment.objects.create(
        team=team,
        name="Toiture",
        definition={
            "match": "all",
            "conditions": [{"field": "company", "op": "contains", "value": "100 % toiture {x}"}],
        },
    )
    campaign = make(ids)
    campaign.audience = {"include": [{"segment": segment.pk}]}
    campaign.save()
    assert blockers.counts(campaign).match == 1
    assert list(uses.of(segment)) == ["the draft campaign “Devis de novembre”"]
    go(campaign, 1)
    assert list(uses.of(segment)) == []
    assert Campaign.objects.get(pk=campaign.pk).messages.get().contact_id == ids[0]
