"""Drafts that name a segment: what whoever changes or deletes it must know."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from contacts.models import Segment
from contacts.segments import uses
from sms.models import Campaign


def of_segment(segment: Segment) -> Iterable[str]:
    """A campaign that was started has its people already, whatever becomes of the segment."""
    drafts = Campaign.objects.for_team(segment.team).filter(state=Campaign.State.DRAFT)
    for side in ("include", "exclude"):
        named = drafts.filter(audience__contains={side: [{"segment": segment.pk}]})
        for name in named.order_by("pk").values_list("name", flat=True):
            yield _("the draft campaign “%(name)s”") % {"name": name}


def register() -> None:
    uses.register(of_segment)
