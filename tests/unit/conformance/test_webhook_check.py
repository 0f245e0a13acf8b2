"""The conformance kit tells a sound endpoint from every kind of unsound one, by real HTTP on this machine."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks import Webhook

from deploy.local.ports import free_ports
from services.cli.main import main
from services.conformance.cases import Script, cases, day_of
from services.sample_day.coop_server import CoopServer, Mailbox
from tests.contract.test_docs import real_webhooks, shape

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
Judge = Callable[[dict[str, str], bytes], int]


def sound(headers: dict[str, str], body: bytes) -> int:
    """As the standard's own library judges."""
    try:
        Webhook(SECRET).verify(body, headers)
    except Exception:  # malformed signatures raise all kinds of things there
        return 401
    return 204


@contextmanager
def endpoint(judge: Judge) -> Iterator[str]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            status = judge({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hooks"
    finally:
        server.shutdown()
        server.server_close()


def failed_of(judge: Judge, capsys: pytest.CaptureFixture[str]) -> tuple[int, set[str]]:
    with endpoint(judge) as url:
        code = main(["webhooks", "check", url, "--secret", SECRET, "--json"])
    cases = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(cases) > 20
    return code, {case["case"] for case in cases if not case["passed"]}


def test_an_endpoint_by_the_standards_own_library_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert failed_of(sound, capsys) == (0, set())


def test_one_that_checks_nothing_fails_every_forgery(capsys: pytest.CaptureFixture[str]) -> None:
    code, failed = failed_of(lambda headers, body: 200, capsys)
    assert code == 1
    assert failed == {
        "no signature", "another secret", "changed body", "added byte", "moved to another id", "one letter off",
        "no base64", "another version", "old", "from the future", "time that is none",
    }  # fmt: skip


def test_one_that_checks_the_parsed_body_instead_of_the_raw_one_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    def parses_first(headers: dict[str, str], body: bytes) -> int:
        return sound(headers, body.strip())

    assert failed_of(parses_first, capsys) == (1, {"added byte"})


def test_one_that_crashes_on_what_it_does_not_know_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    def strict(headers: dict[str, str], body: bytes) -> int:
        status = sound(headers, body)
        return 500 if status == 204 and json.loads(body)["type"].startswith("check.") else status

    assert failed_of(strict, capsys) == (1, {"unknown type", "huge"})


def test_one_that_does_not_know_repeats_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    seen: set[str] = set()

    def once(headers: dict[str, str], body: bytes) -> int:
        status = sound(headers, body)
        if status == 204 and headers["webhook-id"] in seen:
            return 409
        seen.add(headers.get("webhook-id", ""))
        return status

    assert failed_of(once, capsys) == (1, {"repeated"})


def test_the_sample_days_own_app_server_passes_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    mailbox = Mailbox()
    server = CoopServer(free_ports().world, mailbox)
    server.start()
    server.trust({"coop": SECRET})
    try:
        assert main(["webhooks", "check", f"http://127.0.0.1:{server.port}/hooks/coop", "--secret", SECRET]) == 0
    finally:
        server.stop()
    shown = capsys.readouterr().out
    assert "FAIL" not in shown
    assert "실패" not in shown
    assert (server.rejected, mailbox.repeats) == (11, 1)  # each forgery, and the one that came twice
    types = [one.type for one in mailbox.drain()]
    assert set(real_webhooks()) < set(types)


def test_the_app_server_closes_nobody_elses_log() -> None:
    """Where the solver's library was imported, that closed the stream that everything else here writes to."""
    closed: list[bool] = []

    class Log(logging.Handler):
        def close(self) -> None:
            closed.append(True)

    log = Log()
    CoopServer(free_ports().world, Mailbox())
    assert not closed
    log.close()


def test_an_endpoint_that_does_everything_wrong_fails_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    script = Script(SECRET, run="x", now_s=1_700_000_000)
    code, failed = failed_of(lambda headers, body: 302, capsys)
    assert code == 1
    assert failed == {case.name for case in cases(script)}


def test_one_that_is_slow_or_falls_over_large_or_slow_bodies_is_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.conformance.play.play.__defaults__", (0.5,))
    monkeypatch.setattr("services.conformance.play.PAUSE_S", 0.05)

    def falls_over(headers: dict[str, str], body: bytes) -> int:
        if len(body) > 100_000:
            return 500
        if b"route.changed" in body:
            time.sleep(1.0)  # longer than is waited for
        return sound(headers, body)

    code, failed = failed_of(falls_over, capsys)
    assert (code, failed) == (1, {"route.changed", "reordered", "huge", "slow"})


def test_the_table_says_what_to_do_in_the_users_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    with endpoint(lambda headers, body: 302) as url:
        assert main(["webhooks", "check", url, "--secret", SECRET]) == 1
    shown = capsys.readouterr().out
    assert "실패" in shown
    assert "10초 안에 2xx로 답하세요" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ftp://coop.example", "--secret", SECRET], "http"),
        (["http://127.0.0.1:9/hooks"], "secret"),
        (["http://127.0.0.1:9/hooks", "--secret", "whsec_???"], "base64"),
    ],
)
def test_wrong_use_is_told_in_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.delenv("DOLBOM_WEBHOOK_SECRET", raising=False)
    assert main(["webhooks", "check", *arguments]) == 1
    assert said in capsys.readouterr().err


def test_nobody_listening_is_a_table_of_failures_and_no_crash(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", "check", "http://127.0.0.1:9/hooks", "--secret", SECRET, "--json"]) == 1
    cases = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert not any(case["passed"] for case in cases)
    assert {status for case in cases for status in case["statuses"]} == {0}


def test_the_scripted_day_has_the_very_shape_of_what_we_send() -> None:
    real = real_webhooks()
    played = {body["type"]: body for body in map(json.loads, day_of(Script(SECRET, run="x", now_s=1_700_000_000)).values())}
    assert set(played) == set(real)
    for type_, body in played.items():
        ours, sent = shape(body), shape(real[type_])
        if type_ in ("visit.assigned", "posting.assigned"):  # nobody real is shown
            ours["data"]["person"] = sent["data"]["person"]
        if type_ == "route.changed":
            assert ours["data"]["stops"][0].keys() == sent["data"]["stops"][0].keys()
            continue
        assert ours == sent, type_
