"""The client against real servers that answer, hang, drip, reset and lie."""

from __future__ import annotations

import json
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from sms.gateway import client, wire
from sms.gateway.results import HeldReason, LineAccess, OutgoingMessage, SendResult
from tests.ports import refusing_port
from tests.sms.gateway.servers import (
    Answer,
    drip,
    read_request,
    reply,
    serving,
    silence,
    then_close,
    then_reset,
)

KEY = "s3cret#+!%&"
# A machine may do much else; without a deadline these would take ten seconds and more.
SOON = 8.0
OK = json.dumps([{"id_sms_api": "A", "sent": 1, "sms_per_message": 1}]).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture(autouse=True)
def _closed_sessions() -> Iterator[None]:
    client.close_sessions()
    yield
    client.close_sessions()


def access(base_url: str, line_id: int = 1, *, hosts: frozenset[str] | None = None) -> LineAccess:
    return LineAccess(line_id, "user@example.com", KEY, base_url=base_url, allowed_hosts=hosts)


def send(base_url: str, *, deadline_s: float = 20.0, ids: tuple[str, ...] = ("A",)) -> SendResult:
    messages = [OutgoingMessage(each, "+33639984217", "Bonjour") for each in ids]
    return client.send(access(base_url), messages, deadline_s=deadline_s)


def state(result: SendResult) -> tuple[str, str]:
    outcome = result.outcomes["A"]
    return outcome.state, outcome.reason


def test_request_is_as_the_gateway_documents_it() -> None:
    messages = [
        OutgoingMessage("A", "+33639984217", "Voir {link} [Link]", "https://example.com/a", 2),
        OutgoingMessage("B", "+33639984218", "Été", priority=0),
    ]
    with serving(reply(200, OK)) as heard:
        result = client.send(access(heard.url), messages)
    assert {each: outcome.state for each, outcome in result.outcomes.items()} == {
        "A": "submitted",
        "B": "uncertain",
    }
    head, _, body = heard.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/sendSms HTTP/1.1\r\n")
    assert b"content-type: application/json" in head.lower()
    assert KEY.encode() not in head
    assert json.loads(body) == {
        "header": {"login": "user@example.com", "accessKey": KEY, "mode": "prod", "priority": 2},
        "messages": [
            {
                "phone_number": "+33639984217",
                "message": "Voir [Lien_Tracking] (Link)",
                "url": "https://example.com/a",
                "id_sms_api": "A",
                "priority": 2,
                "priorite": 2,
            },
            {
                "phone_number": "+33639984218",
                "message": "Été",
                "url": "",
                "id_sms_api": "B",
                "priority": 0,
                "priorite": 0,
            },
        ],
    }


def test_connection_is_kept_for_the_next_batch() -> None:
    with serving(*[reply(200, OK)] * 3) as heard:
        for _ in range(3):
            assert state(send(heard.url)) == ("submitted", "")
    assert (heard.connections, len(heard.requests)) == (1, 3)


def test_no_descriptor_is_left_behind() -> None:
    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    with serving(*[reply(200, OK, close=True)] * 20) as heard:
        send(heard.url)
        time.sleep(0.05)
        before = opened()
        for _ in range(10):
            send(heard.url)
        time.sleep(0.05)
        assert opened() <= before + 1


def test_each_thread_and_line_has_its_own_session() -> None:
    with serving(*[reply(200, OK)] * 3) as heard:
        message = OutgoingMessage("A", "+33639984217", "Bonjour")
        client.send(access(heard.url, 1), [message])
        client.send(access(heard.url, 2), [message])
        other = threading.Thread(target=send, args=(heard.url,))
        other.start()
        other.join()
    assert heard.connections == 3


def test_kept_connection_that_the_server_closed_is_replaced_not_resent() -> None:
    def close_soon(connection: socket.socket) -> None:
        reply(200, OK)(connection)
        connection.close()

    with serving(close_soon, reply(200, OK)) as heard:
        assert state(send(heard.url)) == ("submitted", "")
        time.sleep(0.1)
        assert state(send(heard.url)) == ("submitted", "")
    assert len(heard.requests) == 2


def test_kept_connection_that_closes_on_the_request_is_uncertain_and_asked_once() -> None:
    with serving(reply(200, OK), then_close(), reply(200, OK)) as heard:
        assert state(send(heard.url)) == ("submitted", "")
        assert state(send(heard.url)) == ("uncertain", "connection_lost")
    assert len(heard.requests) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (then_close(), "connection_lost"),
        (then_reset(), "connection_lost"),
        (then_reset(HEAD + b"Content-Length: 500\r\n\r\n" + OK[:30]), "connection_lost"),
        (then_close(HEAD + b"Content-Length: 500\r\n\r\n" + OK[:30]), "connection_lost"),
        (then_close(b"nonsense\r\n\r\n"), "connection_lost"),
        (then_close(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200), "connection_lost"),
        (then_close(HEAD + b"\r\n" + OK[:20]), "unreadable"),
        (then_close(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "connection_lost"),
        (then_close(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"), "connection_lost"),
    ],
)
def test_answer_that_breaks_off_is_uncertain(answer: Answer, reason: str) -> None:
    with serving(answer) as heard:
        assert state(send(heard.url)) == ("uncertain", reason)
    assert len(heard.requests) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (silence, {"deadline", "read_timeout"}),
        (drip(HEAD + b"Content-Length: 5000\r\n\r\n"), {"deadline"}),
        (drip(HEAD + b"Connection: close\r\nContent-Length: 5000\r\n\r\n"), {"deadline"}),
        (drip(HEAD + b"Connection: close\r\n\r\n["), {"deadline"}),
        (drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n", b"1\r\n \r\n"), {"deadline"}),
        (drip(HEAD + b"X-Slow: ", b"x"), {"deadline"}),
        (drip(b"HTT", b"P"), {"deadline"}),
        (drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), {"deadline"}),
    ],
)
def test_whole_exchange_ends_at_the_deadline(answer: Answer, reason: set[str]) -> None:
    with serving(answer) as heard:
        started = time.monotonic()
        got_state, got_reason = state(send(heard.url, deadline_s=0.4))
        took = time.monotonic() - started
    assert (got_state, got_reason in reason) == ("uncertain", True), got_reason
    assert 0.3 <= took < SOON


def test_complete_answer_counts_though_the_connection_drips_on() -> None:
    with serving(drip(HEAD + b"Connection: close\r\n\r\n" + OK)) as heard:
        assert state(send(heard.url, deadline_s=1.0)) == ("submitted", "")
    with serving(then_close(HEAD + b"Content-Length: 5000\r\n\r\n" + OK)) as heard:
        assert state(send(heard.url)) == ("submitted", "")


def test_huge_answer_is_cut_off() -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 52428800\r\n\r\n")
        for _ in range(800):
            connection.sendall(b"x" * 65536)

    with serving(flood) as heard:
        result = send(heard.url)
    assert state(result) == ("uncertain", "body_over_limit")
    assert len(result.raw) <= 8_000


def test_refusing_status_counts_though_its_body_never_ends() -> None:
    with serving(drip(b"HTTP/1.1 401 No\r\nContent-Length: 900\r\n\r\n")) as heard:
        result = send(heard.url, deadline_s=1.0)
    assert result.line_held == HeldReason.CREDENTIALS
    with serving(drip(b"HTTP/1.1 503 No\r\nContent-Length: 900\r\n\r\n")) as heard:
        assert state(send(heard.url, deadline_s=0.4))[0] == "uncertain"


def test_redirect_is_not_followed() -> None:
    with serving(reply(200, OK)) as other:
        places = [f"{other.url}/api/sendSms", "//[", "", "\\xff", "ftp://x"]
        answers = [
            reply(status, b"", f"Location: {place}\r\n") for status in (301, 307, 308) for place in places
        ]
        with serving(*answers, drip(b"HTTP/1.1 302 X\r\nLocation: /a\r\n\r\n")) as heard:
            for _ in range(len(answers) + 1):
                assert send(heard.url, deadline_s=1.0).line_held == HeldReason.REDIRECT
    assert other.requests == []


def test_refused_connection_is_retryable() -> None:
    with refusing_port() as port:
        assert state(send(f"http://127.0.0.1:{port}")) == ("retryable", "connect_refused")


def test_unknown_name_is_retryable() -> None:
    with mock.patch.object(socket, "getaddrinfo", side_effect=socket.gaierror(-2, "Name not known")):
        assert state(send("https://gateway.example")) == ("retryable", "dns")


def test_slow_name_server_never_writes_after_the_deadline() -> None:
    resolve = socket.getaddrinfo

    def slowly(*args: object, **kwargs: object) -> object:
        time.sleep(0.3)
        return resolve(*args, **kwargs)  # type: ignore[arg-type]

    with serving(reply(200, OK)) as heard, mock.patch.object(socket, "getaddrinfo", slowly):
        assert state(send(heard.url, deadline_s=0.1)) == ("retryable", "connect_timeout")
    assert heard.requests == []


def test_connect_timeout_is_retryable() -> None:
    # A listener whose queue is full answers no SYN.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        started = time.monotonic()
        assert state(send(f"http://127.0.0.1:{port}", deadline_s=0.5)) == ("retryable", "connect_timeout")
        assert time.monotonic() - started < SOON
        for each in waiting:
            each.close()


def test_second_address_is_tried_when_the_first_refuses() -> None:
    with serving(reply(200, OK)) as heard, refusing_port() as refusing:
        port = int(heard.url.rpartition(":")[2])
        dead = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", refusing))
        alive = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        with mock.patch.object(socket, "getaddrinfo", return_value=[dead, alive]):
            assert state(send(heard.url)) == ("submitted", "")


def test_tls_that_fails_is_retryable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def no_tls() -> None:
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        threading.Thread(target=no_tls, daemon=True).start()
        result = send(f"https://127.0.0.1:{listener.getsockname()[1]}")
    assert state(result) == ("retryable", "tls")


def test_tls_handshake_that_hangs_is_retryable_by_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started = time.monotonic()
        result = send(f"https://127.0.0.1:{listener.getsockname()[1]}", deadline_s=0.4)
    assert result.outcomes["A"].state == "retryable"
    assert time.monotonic() - started < SOON


def test_self_signed_certificate_is_refused_before_the_key_leaves(tmp_path: Path) -> None:
    pytest.importorskip("cryptography")
    context = self_signed(tmp_path)
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def with_tls() -> None:
            connection, _ = listener.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    got.append(read_request(secure))
            except OSError:
                got.append(b"")

        server = threading.Thread(target=with_tls, daemon=True)
        server.start()
        result = send(f"https://localhost:{listener.getsockname()[1]}")
        server.join(60)
    assert state(result) == ("retryable", "tls")
    assert "certificate" in result.error
    assert got == [b""]


def self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_nothing_in_the_environment_redirects_a_request() -> None:
    with refusing_port() as port, serving(reply(200, OK)) as heard:
        proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), f"http://127.0.0.1:{port}")
        with mock.patch.dict(os.environ, proxies | {"NO_PROXY": "", "no_proxy": ""}):
            assert state(send(heard.url)) == ("submitted", "")


def test_key_is_in_no_repr_log_or_result(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"error": f"access key {KEY} is wrong"}).encode()
    with serving(reply(200, echo), then_reset()) as heard, refusing_port() as port:
        results = [send(heard.url), send(heard.url), send(f"http://127.0.0.1:{port}")]
    assert KEY not in repr(access(heard.url)) + repr(results) + caplog.text


@pytest.mark.parametrize(
    "base_url",
    [
        "http://gateway.example",
        "https://gateway.example",
        "https://www.insim.app@gateway.example",
        "ftp://127.0.0.1",
        "not a url",
        "",
    ],
)
def test_address_that_is_not_allowed_holds_the_line_and_sends_nothing(base_url: str) -> None:
    message = OutgoingMessage("A", "+33639984217", "Bonjour")
    with mock.patch.object(wire, "connect", side_effect=AssertionError):
        result = client.send(access(base_url, hosts=frozenset()), [message])
    assert result.line_held == HeldReason.ADDRESS
    assert state(result) == ("held", "address")


def test_nothing_to_send_asks_nothing() -> None:
    assert client.send(access("http://127.0.0.1:1"), []).outcomes == {}
