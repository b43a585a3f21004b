"""A message's tracked link as people meet it: written, counted, read. Pure."""

from sms.gateway.texts import LINK_PLACE, LIVE, neutralise, place_link

# As long as the gateway's short links ("https://arsms.co/oloe00en5QPi"), for counting before it answers.
SAMPLE = "https://arsms.co/000000000000"


def with_place(text: str, url: str, marker: str) -> str:
    """`text` with one {link} when there is a url.

    Whoever gives a url and writes the gateway's own word for its place means that place. Without a url such
    a word is only text, and the client makes it harmless.
    """
    if not url or LINK_PLACE in text:
        return text
    if marker in text:
        return text.replace(marker, LINK_PLACE, 1)
    for found in LIVE.finditer(text):
        if "nom_contact" not in found[1].lower():
            return text[: found.start()] + LINK_PLACE + text[found.end() :]
    return place_link(text, url, LINK_PLACE)


def as_counted(text: str, url: str) -> str:
    """The text as long as it will be on the phone, for counting segments."""
    return place_link(neutralise(text), url, SAMPLE)


def as_read(text: str, url: str) -> str:
    """The text as a person reads it in a list: the address in its place."""
    return place_link(text, url, url)
