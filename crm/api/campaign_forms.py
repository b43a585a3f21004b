"""What a program may say of a campaign."""

from datetime import datetime
from typing import Annotated, Any, Literal

import pydantic
from django.utils import timezone

from crm.api.bodies import Asked, Line, Moment, NotBlank, Text
from crm.api.contact_forms import List as Named
from crm.api.drafts import FURTHEST, LONGEST_URL, web_address
from crm.api.hours import HELP, Hours
from crm.api.lines import LARGEST_PACE
from crm.api.pages import Id
from sms.campaigns.audience import MOST as MOST_PARTS
from sms.campaigns.audience import MOST_CONTACTS
from sms.merge_fields.reading import LONGEST_SOURCE

MOST_LINES = 50

Name = Annotated[Line, pydantic.Field(max_length=80), NotBlank]
Kind = Annotated[
    Literal["commercial", "service", "appointment"],
    pydantic.Field(
        description="`commercial` texts need a recorded consent, keep the hours of the law, and say who sends them "
        "and how to stop: what is missing of that is put at the end of the text."
    ),
]
CampaignText = Annotated[
    Text,
    pydantic.Field(
        max_length=LONGEST_SOURCE,
        description='With merge fields: `{{ contact.first_name }}`, `{{ contact.custom.KEY | default: "…" }}`. '
        "`{link}` marks the place of `url`; without it, the end. Who lacks a field that it needs is left out.",
    ),
    NotBlank,
]
Url = Annotated[
    Text,
    pydantic.Field(
        max_length=LONGEST_URL, description="An address whose opening is reported: a tracked link."
    ),
    pydantic.AfterValidator(web_address),
]
Lines = Annotated[
    list[Named],
    pydantic.Field(
        min_length=1,
        max_length=MOST_LINES,
        description="Ids or names. Who talks with one of them already gets it from there; the others are spread.",
    ),
]
Strict = Annotated[Id, pydantic.Strict()]
Part = dict[str, Any]
Parts = Annotated[list[Part], pydantic.Field(max_length=MOST_PARTS)]

# Whom it is for: exactly one of these five.
OfSegment = Annotated[Strict | None, pydantic.Field(description="Who is in this segment when it starts.")]
OfList = Annotated[Strict | None, pydantic.Field(description="Who is on this list when it starts.")]
OfTag = Annotated[Strict | None, pydantic.Field(description="Who has this tag (its id) when it starts.")]
Contacts = Annotated[
    Annotated[list[Strict], pydantic.Field(min_length=1, max_length=MOST_CONTACTS)] | None,
    pydantic.Field(description="Ids of contacts."),
]
Full = Annotated[
    Part | None,
    pydantic.Field(
        description="Instead of these: `{include: [part, …], exclude: [part, …]}`, who is in at least one part of "
        "`include` and in none of `exclude`. A part is `{segment: id}`, `{list: id}`, `{tag: id}`, "
        "`{contacts: [ids]}`, or `{campaign: id, result: …}`: whoever has this result of another campaign."
    ),
]
Excluded = Annotated[
    Parts | None, pydantic.Field(description="Parts as `audience` has them: who is in one is left out.")
]
Rest = Annotated[
    Annotated[int, pydantic.Strict(), pydantic.Field(ge=1, le=365)] | None,
    pydantic.Field(description="Whoever was texted in so many days is left out."),
]


def _near(at: datetime) -> datetime:
    if at > timezone.now() + FURTHEST:
        raise ValueError(f"The time is more than {FURTHEST.days} days ahead.")
    return at


def _ahead(at: datetime) -> datetime:
    if at <= timezone.now():
        raise ValueError("This is past.")
    return at


SendAt = Annotated[
    Annotated[Moment, pydantic.AfterValidator(_near)] | None,
    pydantic.Field(
        description="Nothing leaves before; with an offset. Not given, or past: as soon as it is started."
    ),
]
Expires = Annotated[
    Annotated[Moment, pydantic.AfterValidator(_ahead), pydantic.AfterValidator(_near)] | None,
    pydantic.Field(description="What has not left by then is skipped (`expired`)."),
]
Window = Annotated[
    Hours | None, pydantic.Field(description=f"{HELP} null: those that its kind and its lines have.")
]
Pace = Annotated[
    int,
    pydantic.Strict(),
    pydantic.Field(
        ge=0, le=LARGEST_PACE, description="Messages a minute over all lines; 0 = as these allow."
    ),
]
CreditDays = Annotated[
    int,
    pydantic.Strict(),
    pydantic.Field(
        ge=1,
        le=90,
        description="An answer, a call or an opt-out so many days after its message is the campaign's.",
    ),
]


class CampaignAsked(Asked):
    name: Name
    kind: Kind
    text: CampaignText
    url: Url | None = None
    lines: Lines
    segment: OfSegment = None
    list: OfList = None
    tag: OfTag = None
    contacts: Contacts = None
    audience: Full = None
    exclude: Excluded = None
    rest_days: Rest = None
    send_at: SendAt = None
    expires_at: Expires = None
    window: Window = None
    pace: Pace = 0
    credit_days: CreditDays = 7


class CampaignChange(Asked):
    """What to change; what is not given stays. null empties `rest_days`, `send_at`, `expires_at` and `window`."""

    name: Name | None = None
    kind: Kind | None = None
    text: CampaignText | None = None
    url: Url | None = None
    lines: Lines | None = None
    segment: OfSegment = None
    list: OfList = None
    tag: OfTag = None
    contacts: Contacts = None
    audience: Full = None
    exclude: Excluded = None
    rest_days: Rest = None
    send_at: SendAt = None
    expires_at: Expires = None
    window: Window = None
    pace: Pace | None = None
    credit_days: CreditDays | None = None


class StartAsked(Asked):
    recipients: Annotated[
        int,
        pydantic.Strict(),
        pydantic.Field(
            ge=0,
            le=2**31 - 1,
            description="How many people you expect: all of its audience, or those who will receive it.",
        ),
    ]
