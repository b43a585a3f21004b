"""Which addresses an access key may be sent to. Pure: nothing is resolved."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from sms.gateway.errors import BaseUrlRefused

# The vendor's own (S, H, N). An admin adds others on purpose, one by one.
GATEWAY_HOSTS = frozenset({"www.ardary-sms.com", "ardary-sms.com", "www.insim.app", "insim.app"})

PLAIN = re.compile(r"[!-~]+", re.ASCII)  # printable ASCII: no space, no control, no look-alike letter
HOST = re.compile(r"[a-z0-9]([a-z0-9.\-]*[a-z0-9])?|[0-9a-f:.]+", re.ASCII)


def is_loopback(host: str) -> bool:
    """Whether `host` (lower case, without port or brackets) is this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_nobodys(host: str) -> bool:
    """Whether `host` is an address no gateway can have: link-local (a cloud's metadata), multicast, 0.0.0.0."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_link_local or address.is_multicast or address.is_unspecified


def check_base_url(url: str, allowed_hosts: Collection[str] = ()) -> None:
    """Raise BaseUrlRefused, with a sentence for whoever typed it, unless `url` may get an access key.

    `allowed_hosts` are those an admin added; the gateway's own and loopback are always allowed. https is
    required except for loopback. User names, queries and fragments are refused: each can make an address
    look like another, and none belongs in a base URL.
    """
    if not PLAIN.fullmatch(url) or "\\" in url or '"' in url:
        raise BaseUrlRefused("The address holds a space or a character that does not belong in one.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise BaseUrlRefused("The address can't be read.") from None
    if parts.scheme.lower() not in ("https", "http"):
        raise BaseUrlRefused("The address must start with https://.")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise BaseUrlRefused("The address must not hold a user name or a password.")
    if "?" in url or "#" in url:
        raise BaseUrlRefused("The address must not hold a question mark or a number sign.")
    if not HOST.fullmatch(host) or port == 0:
        raise BaseUrlRefused("The address names no host.")
    if is_nobodys(host):
        raise BaseUrlRefused("No gateway can have this address.")
    local = is_loopback(host)
    if parts.scheme.lower() == "http" and not local:
        raise BaseUrlRefused("The address must start with https://: the access key travels in the request.")
    if not local and host not in GATEWAY_HOSTS and host not in {each.lower() for each in allowed_hosts}:
        raise BaseUrlRefused(f"The host {host} is not on the list of allowed gateways.")


def join(base_url: str, path: str) -> str:
    """The address of an endpoint. Raises BaseUrlRefused for a path that is more than a path."""
    if not PLAIN.fullmatch(path or "/") or any(each in path for each in "?#\\"):
        raise BaseUrlRefused("The path holds a character that does not belong in one.")
    if any(each in (".", "..") for each in path.split("/")):
        raise BaseUrlRefused("The path must not climb.")
    return base_url.rstrip("/") + "/" + path.lstrip("/")
