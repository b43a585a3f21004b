"""What is logged of a request."""

from crm.log_lines import without_secrets


def test_a_query_is_not_logged() -> None:
    line = {"event": "request_started", "request": "GET /api/v1/contacts?phone=0639984217"}
    assert without_secrets(None, "info", line)["request"] == "GET /api/v1/contacts"


def test_a_token_in_a_path_is_not_logged() -> None:
    for path in ("/cb/abcDEF_-123", "/CB/abcDEF_-123", "/cb/abcDEF_-123//"):
        logged = without_secrets(
            None, "info", {"event": f"Not Found: {path}", "request": f"GET {path}?status=1"}
        )
        assert "abcDEF" not in str(logged)
    reset = "GET /accounts/password/reset/key/2-d1c3ab-0f/"
    assert (
        without_secrets(None, "info", {"request": reset})["request"] == "GET /accounts/password/reset/key/-/"
    )


def test_other_lines_stay_as_they_are() -> None:
    line = {"event": "wake_lost", "task": "sms.tasks.line_send", "request": None}
    assert without_secrets(None, "warning", dict(line)) == line
