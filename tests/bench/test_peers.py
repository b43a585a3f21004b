"""A peer that does less than ours would be no peer."""

from collections.abc import Callable
from functools import partial

import pytest

from bench import campaigns, mixed, world
from bench.jobs.apply import facts
from bench.peers import per_row, planning
from contacts.models import Contact
from sms.callbacks import apply
from sms.campaigns.plan import plan
from sms.models import Callback, Campaign, Message


@pytest.mark.django_db(transaction=True)
def test_callback_at_a_time_makes_the_same_facts_as_batches() -> None:
    arrived = mixed.arrivals(200)
    made = []
    for work in (apply.drain, per_row.apply_all):
        line = mixed.line()
        mixed.stand(line, len(arrived))
        mixed.store(line, arrived)
        assert work() == len(arrived)
        assert not Callback.objects.exclude(state="applied").exists()
        made.append(facts())
    assert len(made[0]) > len(arrived) / 2
    assert made[0] == made[1]


@pytest.mark.django_db(transaction=True)
def test_rows_by_the_orm_are_those_that_planning_makes() -> None:
    team = world.team()
    line = world.line(team, "Malik")
    campaigns.people(team, 20)
    everybody = campaigns.first(team, 20)
    campaigns.texted_before(everybody, line)
    people = list(Contact.objects.order_by("pk"))
    Contact.objects.filter(pk=people[0].pk).update(consent="")
    Contact.objects.filter(pk=people[1].pk).update(custom={})
    Message.objects.filter(contact=people[2]).update(happened_at=people[2].created_at)

    def ours(campaign: Campaign) -> None:
        while plan(campaign.pk):
            pass

    made = []
    ways: list[Callable[[Campaign], object]] = [
        ours,
        partial(planning.bulk_create, most=20),
        partial(planning.save, most=20),
    ]
    for way in ways:
        campaign = campaigns.draft(everybody, [line], Campaign.Kind.COMMERCIAL)
        campaigns.start(campaign)
        way(campaign)
        rows = Message.objects.filter(campaign=campaign, state="planned")
        assert all(len(name) == 15 for name in rows.values_list("id_sms_api", flat=True))
        same = (
            "contact",
            "number",
            "line",
            "zone",
            "direction",
            "lane",
            "url",
            "text",
            "attempts",
            "segments",
        )
        made.append(sorted(rows.values_list(*same)))
        rows.delete()
    assert len(made[0]) == 17
    assert made[0] == made[1] == made[2]
