"""What of an address may stand in the access log."""

from __future__ import annotations

import logging
from urllib.parse import quote

import pytest

from services.api.access_lines import AccessLines, plain_path


@pytest.mark.parametrize(
    "path",
    ["/", "/v1/visits", "/v1/visits/6f4b8f0e-3d0a-5c55-9a51-2f6a1f1f9d10/cancel", "/static/board/main.js", "/v1/districts/11440"],
)
def test_addresses_of_ours_stay(path: str) -> None:
    assert plain_path(path) == path


def test_a_name_a_phone_and_a_search_do_not() -> None:
    assert plain_path(f"/v1/visits/{quote('김태용')}/cancel") == "/v1/visits/~/cancel"
    assert plain_path("/v1/visits/010-1234-5678") == "/v1/visits/~"
    assert plain_path("/v1/visits/김태용") == "/v1/visits/~"
    assert plain_path(f"/v1/visits?area={quote('김태용')}") == "/v1/visits"


@pytest.mark.parametrize(
    ("path", "status", "shown"),
    [("/v1/webhooks/RC1", 202, False), ("/v1/webhooks/RC1", 401, True), ("/v1/webhooks/RC1", 503, True), ("/v1/visits", 202, True)],
)
def test_of_signed_webhooks_only_what_went_wrong_is_a_line(
    path: str, status: int, shown: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="access")
    AccessLines(logging.getLogger("access")).info("%s %s %s %s %d", "a", "POST", f"{path}?q=1", "1.1", status)
    assert caplog.messages == ([f"a POST {path} 1.1 {status}"] if shown else [])
