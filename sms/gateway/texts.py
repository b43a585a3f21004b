"""A user's text as it goes to the gateway. Pure.

The gateway replaces bracketed words wherever they stand: the place of the tracked link, and the contact's
names from the phone's own address book (W). A user who writes or quotes such a word must not set it off.
"""

from __future__ import annotations

import re

LINK_PLACE = "{link}"  # what a user writes where the link goes
LIVE = re.compile(r"\[(\s*(?:lien_tracking|link|nom_contact|prenom_contact)\s*)\]", re.IGNORECASE)


def neutralise(text: str, marker: str = "") -> str:
    """`text` with the gateway's own words made harmless: `[Lien_Tracking]` becomes `(Lien_Tracking)`.

    A visible change of two characters rather than an invisible one in between, which would force UCS-2 and
    double the price. `marker` is the line's marker, made harmless too when it is a word of its own.
    """
    if marker and not LIVE.fullmatch(marker):
        harmless = f"({marker.strip('[]{}()<>%$#*')})"
        text = re.sub(re.escape(marker), lambda _: harmless, text, flags=re.IGNORECASE)
    return LIVE.sub(r"(\1)", text)


def place_link(text: str, url: str, marker: str) -> str:
    """`text` with the line's `marker` where the link goes, for a message whose `url` is not "".

    The place is the first `{link}`; a further one becomes the plain address, since one request names one
    tracked link. Without a place the marker follows the text. Without a url the text is left as it is.
    """
    if not url:
        return text
    before, place, after = text.partition(LINK_PLACE)
    if place:
        return before + marker + after.replace(LINK_PLACE, url)
    return f"{text.rstrip()} {marker}" if text.strip() else marker


def wire_text(text: str, url: str, marker: str) -> str:
    """The `message` of a request: harmless words, then the live marker."""
    return place_link(neutralise(text, marker), url, marker)
