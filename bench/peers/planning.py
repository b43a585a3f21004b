"""Peers of the fan-out: a campaign's rows as one makes them with the ORM, one by one and in bulk."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from contacts.models import Contact, ContactPhone
from sms.models import Campaign, CampaignLine, Message
from sms.models.message import new_id_sms_api
from sms.sending.rules import LEFT

BATCH = 1_000
GROUNDS = ("opted_in", "customer", "professional")


def save(campaign: Campaign, most: int) -> int:
    """Each row by `save()`, in a loop and without a transaction around it, as it is usually written."""
    made = 0
    for batch in _batches(campaign, most):
        for message in batch:
            message.save()
        made += len(batch)
    return made


def bulk_create(campaign: Campaign, most: int) -> int:
    made = 0
    for batch in _batches(campaign, most):
        made += len(Message.objects.bulk_create(batch))
    return made


def _batches(campaign: Campaign, most: int) -> Iterator[list[Message]]:
    line = CampaignLine.objects.get(campaign=campaign).line_id
    numbers = _numbers(campaign)[:most].iterator(chunk_size=BATCH)
    while found := list(islice(numbers, BATCH)):
        yield _rows(campaign, line, found)


def _numbers(campaign: Campaign) -> "QuerySet[ContactPhone]":
    """Whom the rules let in: no row for the others, and no reason."""
    since = timezone.now() - timedelta(days=campaign.rest_days or 0)
    people = (
        Contact.objects.filter(
            pk__in=campaign.team.contactlist_set.get(
                pk=campaign.audience["include"][0]["list"]
            ).members.values("pk"),
            opted_out_at=None,
            consent__in=GROUNDS,
        )
        .exclude(first_name="")
        .exclude(custom__town=None)
    )
    texted = Message.objects.filter(
        contact=OuterRef("contact"), direction="out", state__in=LEFT, happened_at__gt=since
    )
    return ContactPhone.objects.filter(~Exists(texted), contact__in=people, is_primary=True, textable=True)


def _rows(campaign: Campaign, line: int, numbers: Sequence[ContactPhone]) -> list[Message]:
    now = timezone.now()
    return [
        Message(
            team_id=campaign.team_id,
            line_id=line,
            contact_id=each.contact_id,
            campaign=campaign,
            zone=campaign.team.time_zone,
            direction=Message.Direction.OUT,
            number=each.number,
            url=campaign.url,
            state=Message.State.PLANNED,
            id_sms_api=new_id_sms_api(),
            lane=Message.Lane.CAMPAIGN,
            happened_at=now,
            received_at=now,
        )
        for each in numbers
    ]
