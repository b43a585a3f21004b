"""Saves a part of a draft that several people may have open: what is saved last stands, but nobody overwrites unseen.

A form brings along what its part was when it was opened, as a digest. Where the part is another one by now, whoever
saves is told first. Other parts of the draft may have changed meanwhile: they are not touched.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from sms.campaigns import writing
from sms.models import Campaign, CampaignLine

WHEN = ("starts_at", "expires_at", "window", "pace", "credit_days")
# What people write of each part.
_PARTS: Mapping[str, tuple[str, ...]] = {"message": ("text", "url"), "when": WHEN}


class Started(Exception):
    """It is no draft any more."""


class Changed(Exception):
    """Somebody else saved this part since the form was opened. `now`: its digest, with which it can be saved."""

    def __init__(self, campaign: Campaign, now: str) -> None:
        super().__init__(now)
        self.campaign, self.now = campaign, now


def seen(campaign: Campaign, part: str) -> str:
    """What the form of a part remembers of it."""
    values: list[Any] = [getattr(campaign, name) for name in _PARTS[part]]
    if part == "when":
        values.append(lines_of(campaign))
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()[:16]


def lines_of(campaign: Campaign) -> list[int]:
    return sorted(CampaignLine.objects.filter(campaign=campaign).values_list("line", flat=True))


def change(campaign: Campaign, change: Callable[[Campaign], tuple[str, ...]]) -> Campaign:
    """Has `change` write into the draft's row, under its lock; it gives the names of its columns. Raises Started."""
    with transaction.atomic():
        held = _held(campaign)
        columns = change(held)
        if columns:
            held.save(update_fields=[*columns, "updated_at"])
    return held


def message(campaign: Campaign, text: str, url: str, *, known: str) -> Campaign:
    """Raises Changed, Started, and merge_fields.Wrong for a text that can't be filled in."""
    with transaction.atomic():
        held = _held(campaign)
        now = seen(held, "message")
        writing.set_message(held, text, url)
        if seen(held, "message") != now:
            _refuse_unseen(held, "message", known, now)
            held.save(update_fields=[*writing.MESSAGE, "updated_at"])
    return held


def when(campaign: Campaign, values: Mapping[str, Any], lines: list[int], *, known: str) -> Campaign:
    """`values` by WHEN. Raises Changed and Started."""
    with transaction.atomic():
        held = _held(campaign)
        now = seen(held, "when")
        if sorted(lines) == lines_of(held) and all(getattr(held, name) == values[name] for name in WHEN):
            return held
        _refuse_unseen(held, "when", known, now)
        for name in WHEN:
            setattr(held, name, values[name])
        held.save(update_fields=[*WHEN, "updated_at"])
        CampaignLine.objects.filter(campaign=held).exclude(line__in=lines).delete()
        CampaignLine.objects.bulk_create(
            [CampaignLine(campaign=held, line_id=line) for line in lines], ignore_conflicts=True
        )
    return held


def _held(campaign: Campaign) -> Campaign:
    found = Campaign.objects.select_for_update(of=("self",)).select_related("team")
    held = found.filter(pk=campaign.pk, state=Campaign.State.DRAFT).first()
    if held is None:
        raise Started
    return held


def _refuse_unseen(held: Campaign, part: str, known: str, now: str) -> None:
    if known != now:
        raise Changed(Campaign.objects.select_related("team").get(pk=held.pk), now)
