"""What becomes of each candidate of a claim, decided under its row's lock. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sms import merge_fields, segments_of_text, tracked_link


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
