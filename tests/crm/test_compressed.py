"""Pages go compressed to whoever takes that; what streams goes as it is."""

import gzip

from django.test import Client
from django.urls import reverse

TAKES = {"Accept-Encoding": "gzip"}


def test_a_page_is_compressed(signed_in: Client) -> None:
    address = reverse("contacts:list")
    plain, packed = signed_in.get(address), signed_in.get(address, headers=TAKES)
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed["Vary"]
    assert b"</html>" in gzip.decompress(packed.content)
    assert len(packed.content) * 2 < len(plain.content)


def test_the_stream_of_events_is_not(signed_in: Client) -> None:
    stream = signed_in.get(reverse("teams:events"), headers=TAKES)
    assert stream.streaming and "Content-Encoding" not in stream
    stream.close()
