"""A real Chromium at the real system, all of it as `make run` starts it: what a person at the desk sees of a day, the clock in
their hand, an API that is killed under them, and the sheet at the end, which the world's own books must agree with."""

from __future__ import annotations

import itertools
import json
import re
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WAIT_MS
from tests.live_run import VISITS, LiveRun, short_day
from tests.stack import Tell, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.broker, pytest.mark.timeout(600)]

SEOUL = ZoneInfo("Asia/Seoul")
API = "services.api"
CLASSES = ("done", "cancelled", "failed", "handed_over")
ADDS_UP = """visits => {
  const counters = [...document.querySelectorAll("#counters .sum [data-counter] .n")];
  const number = (cell) => Number(cell.textContent.replaceAll(",", ""));
  const all = number(document.querySelector("[data-counter=all] .n"));
  return all === visits && counters.map(number).reduce((sum, n) => sum + n, 0) === visits;
}"""
CLOCK_SHOWS = "text => document.getElementById('clock-time').textContent === text"
IS_STALE = "() => document.body.classList.contains('stale')"
IS_CONNECTED = "() => document.getElementById('connection').textContent.includes('연결됨')"


def test_a_day_at_the_real_page(browser: Browser, tmp_path: Path, tell: Tell) -> None:
    day = short_day(tmp_path / "day")
    with LiveRun(tmp_path, {"DAY": str(day), "SPEED": "60"}) as run:
        page = browser.new_page(locale="ko-KR", viewport={"width": 1440, "height": 900})
        page.set_default_timeout(4 * WAIT_MS)
        complaints: list[str] = []
        laps = [time.monotonic()]
        page.on("pageerror", lambda error: complaints.append(str(error)))
        try:
            page.goto(run.page_address())
            page.wait_for_function(ADDS_UP, arg=VISITS)
            laps.append(time.monotonic())
            page.evaluate("() => { window.opened_once = true; }")
            the_clock_obeys(run, page)
            laps.append(time.monotonic())
            the_api_is_killed_and_the_page_comes_back(run, page)
            laps.append(time.monotonic())
            press(run, page, 300)
            the_sheet_is_the_ledger_and_the_worlds_books(run, page)
            laps.append(time.monotonic())
            assert page.evaluate("() => window.opened_once"), "the page was loaded again"
            assert complaints == []
        finally:
            page.close()
        ended_s = run.interrupt()
        took = ", ".join(f"{later - sooner:.0f} s" for sooner, later in itertools.pairwise(laps))
        tell(f"start to all visits, clock, kills, day's end: {took}; Ctrl-C: ended in {ended_s:.1f} s")
        run.check_nothing_left()


def press(run: LiveRun, page: Page, speed: int) -> None:
    """A button at the clock; returns when the system has obeyed (0 is the pause)."""
    page.click(f"#speeds [data-speed='{speed}']")

    def obeyed() -> bool:
        clock = run.get("/v1/clock")
        wished = clock["wished_speed"] if clock["held"] else clock["speed"]
        return bool(clock["paused"]) if speed == 0 else wished == speed and not clock["paused"]

    wait_until(obeyed, f"the clock at {speed}x")
    page.wait_for_function(
        "speed => document.querySelector(`#speeds [data-speed='${speed}']`).getAttribute('aria-pressed') === 'true'", arg=str(speed)
    )


def the_clock_obeys(run: LiveRun, page: Page) -> None:
    press(run, page, 0)
    stands_at = run.now()
    page.wait_for_function(CLOCK_SHOWS, arg=f"{stands_at.astimezone(SEOUL):%H:%M}")
    heard = last_heard(page)
    page.wait_for_function("heard => document.getElementById('connection-ago').textContent !== heard", arg=heard)
    assert run.now() == stands_at
    press(run, page, 1)
    wait_until(lambda: run.now() > stands_at, "the clock at 1x goes on")
    press(run, page, 60)
    wait_until(lambda: (run.now() - stands_at).total_seconds() > 120, "the clock at 60x goes on")
    page.wait_for_function(
        "text => document.getElementById('clock-time').textContent > text", arg=f"{stands_at.astimezone(SEOUL):%H:%M}"
    )


def last_heard(page: Page) -> str:
    return page.inner_text("#connection-ago")


def the_api_is_killed_and_the_page_comes_back(run: LiveRun, page: Page) -> None:
    """kill -9, as often as it comes back, until the page has said that it is stale; then it is left alone."""
    killed: set[int] = set()

    def is_stale() -> bool:
        pid = run.pid_of(API)
        if pid is not None and pid not in killed:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).send_signal(signal.SIGKILL)
            killed.add(pid)
        return bool(page.evaluate(IS_STALE))

    wait_until(is_stale, "the page says that it is stale")
    page.wait_for_selector("#alarm:visible")
    assert "화면이 멈춰 있습니다" in page.inner_text("#alarm")
    assert "끊김" in page.inner_text("#connection")
    wait_until(lambda: (pid := run.pid_of(API)) is not None and pid not in killed, "the supervisor starts the API again")
    page.wait_for_selector("#alarm", state="hidden")
    page.wait_for_function(IS_CONNECTED)
    page.wait_for_function(ADDS_UP, arg=VISITS)
    assert "api died (SIGKILL)" in run.said()


def the_sheet_is_the_ledger_and_the_worlds_books(run: LiveRun, page: Page) -> None:
    """일일 마감표 on the page, by the API, printed by the command, and by the world: one and the same day."""
    path = run.state_dir / "result.json"
    wait_until(path.exists, "the day's end", 300.0)
    books = dict(json.loads(path.read_text(encoding="utf-8")))
    assert (books["mismatches"], books["unaccounted"], books["balanced"]) == ([], 0, True)
    ledger = run.get("/v1/ledger", district="11440")
    assert ledger["closed"]
    assert {name: books[name] for name in ("visits", *CLASSES)} == {name: ledger[name] for name in ("visits", *CLASSES)}
    assert ledger["visits"] == VISITS
    assert ledger["done"] == books["world"]["meals_eaten"] + books["world"]["visits_served"]
    assert sum(ledger[name] for name in CLASSES) == VISITS
    page.wait_for_function(ADDS_UP, arg=VISITS)
    for name in CLASSES:
        page.wait_for_function(
            "([name, n]) => document.querySelector(`[data-counter=${name}] .n`).textContent === n", arg=[name, str(ledger[name])]
        )
    page.click(".bar [data-go=ledger]")
    page.wait_for_selector("#ledger .balance.tone-done")
    wait_until(lambda: on_the_sheet(page) == sheet_of(ledger), f"the sheet shows {sheet_of(ledger)}")
    wait_until(lambda: "the world's own books " in run.said(), "the ledger is printed")
    assert re.search(r"the world's own books +agree$", run.said(), re.MULTILINE)


def sheet_of(ledger: dict[str, Any]) -> list[int]:
    """All = done + cancelled + failed + handed over + open."""
    return [ledger["visits"], *(ledger[name] for name in CLASSES), ledger["open"]]


def on_the_sheet(page: Page) -> list[int]:
    numbers = page.locator("#ledger .sheet").first.locator(".equation b").all_inner_texts()
    return [int("".join(c for c in number if c.isdigit())) for number in numbers]
