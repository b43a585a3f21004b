"""What becomes of each candidate of a claim, decided under its row's lock. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sms import merge_fields, segments_of_text, tracked_link
from sms.merge_fields.fields import CUSTOM, SENDER


class Candidate(NamedTuple):
    """A row that is due, as the claim read it. `campaign` is None for what a person or a program wrote.

    `reason`: why the database's rules leave it out; "" for none. `person` holds what merge fields can name.
    """

    id: int
    id_sms_api: str
    number: str
    text: str
    url: str
    priority: int
    campaign: int | None
    segments: int
    reason: str
    contact: int
    person: Mapping[str, Any]


class Verdict(NamedTuple):
    """A candidate as it is written back: `sending`, or `skipped` with the reason."""

    candidate: Candidate
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Template:
    """A campaign's text on one line. `shared`: what the fields of sender, line and team say."""

    text: str
    url: str
    shared: Mapping[str, Any]


def fillable(template: Template) -> bool:
    """Whether all that the text needs can be said of anybody. Without a holder on the line, or with a field that the
    team deleted, nobody could get it: the campaign waits until somebody mends that, and nobody is left out for it.
    """
    try:
        needed = merge_fields.compile(template.text).required
    except merge_fields.Wrong:
        return True  # judge says what is wrong with it
    known = template.shared.get("fields", {})
    own = [key.removeprefix(CUSTOM) for key in needed if key.startswith(CUSTOM)]
    return all(key in known for key in own) and (SENDER not in needed or bool(template.shared.get("sender")))


def judge(candidate: Candidate, template: Template | None) -> Verdict:
    """`template` is the campaign's, None for what is written already."""
    if candidate.reason:
        return Verdict(candidate, "skipped", candidate.reason)
    if template is None:
        return Verdict(candidate, "sending")
    try:
        text = merge_fields.compile(template.text).render(
            merge_fields.values_of(candidate.person, **template.shared)
        )
    except merge_fields.Empty as empty:
        return Verdict(candidate, "skipped", f"field_empty:{empty.key}")
    except merge_fields.Wrong as wrong:
        # It was looked at when it was saved; a field may have been deleted since.
        return Verdict(candidate, "skipped", f"text_wrong: {wrong}"[:300])
    segments = segments_of_text.count(tracked_link.as_counted(text, template.url)).segments
    return Verdict(candidate._replace(text=text, url=template.url, segments=segments), "sending")
