"""Which addresses may get an access key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.gateway.addresses import check_base_url, join
from sms.gateway.errors import BaseUrlRefused


@pytest.mark.parametrize(
    "url",
    [
        "https://www.ardary-sms.com",
        "https://www.insim.app/api/v1",
        "HTTPS://WWW.INSIM.APP/",
        "https://www.insim.app:8443",
        "https://relay.example",
        "http://127.0.0.1:8001",
        "http://localhost:8001/",
        "http://[::1]:8001",
        "https://127.1.2.3",
    ],
)
def test_allowed(url: str) -> None:
    check_base_url(url, ["Relay.example"])


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.insim.app",
        "//www.insim.app",
        "http://www.insim.app",
        "ftp://www.insim.app",
        "https://",
        "https://evil.example",
        "https://insim.app.evil.example",
        "https://evil-insim.app",
        "https://www.insim.app.",
        "https://user:pw@www.insim.app",
        "https://www.insim.app@evil.example",
        "https://evil.example#@www.insim.app",
        "https://evil.example?www.insim.app",
        "https://www.insim.app?x=1",
        "https://www.insim.app/#",
        "https://www.insim.app?",
        "https://evil.example\\@www.insim.app",
        "https://www.insim.app:99999",
        "https://www.insim.app:0",
        "https://www.insim.app:port",
        " https://www.insim.app",
        "https://www.insim.app\n.evil.example",
        "https://www.insım.app",
        "https://www%2einsim.app",
        "https://[::1",
        "https://10.0.0.1",
        "http://169.254.169.254",
        "http://[::ffff:10.0.0.1]",
        "http://2130706433",
        "http://0.0.0.0",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(BaseUrlRefused) as refused:
        check_base_url(url, ["relay.example"])
    assert str(refused.value).endswith(".") or ": " in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_refused_or_allowed(url: str) -> None:
    for each in (url, f"https://{url}", f"https://www.insim.app{url}"):
        try:
            check_base_url(each)
        except BaseUrlRefused:
            continue


def test_join() -> None:
    assert join("https://www.insim.app/api/v1/", "/sendsms") == "https://www.insim.app/api/v1/sendsms"
    assert join("http://127.0.0.1:8001", "sendsms.php") == "http://127.0.0.1:8001/sendsms.php"
    for path in ("/send?x=1", "/send#x", "/../admin", "/a b", "\\evil", "/send\r\nX: y"):
        with pytest.raises(BaseUrlRefused):
            join("https://www.insim.app", path)


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "[fe80::1]", "[::]"])
def test_address_that_no_gateway_can_have_is_refused_whoever_allows_it(host: str) -> None:
    with pytest.raises(BaseUrlRefused):
        check_base_url(f"https://{host}", {host.strip("[]")})
