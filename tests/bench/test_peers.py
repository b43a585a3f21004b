"""A peer that does less than ours would be no peer."""

import pytest

from bench import mixed
from bench.jobs.apply import facts
from bench.peers import per_row
from sms.callbacks import apply
from sms.models import Callback


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
