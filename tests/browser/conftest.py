"""A real Chromium and the fake API, one page at a time; everything is closed again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.fake_api import KEY, FakeApi
from tests.browser.fake_day import FakeDay

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 15_000  # a shared machine may be slow; nothing is asserted about how long it took


@dataclass
class Seen:
    """An open page, the API behind it, and what the browser complained of."""

    page: Page
    api: FakeApi
    complaints: list[str]

    def open(self, query: str = "", key: str = KEY) -> None:
        self.page.goto(f"{self.api.url}/{query}" + (f"#key={key}" if key else ""))

    def open_board(self, query: str = "") -> None:
        self.open(query)
        self.page.wait_for_selector(".visit:visible, #list-empty:visible")

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)

    def number(self, counter: str) -> int:
        return int(self.text(f"[data-counter={counter}] .n").replace(",", ""))

    def until(self, script: str, argument: object = None) -> None:
        self.page.wait_for_function(script, arg=argument)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = os.environ.get("DOLBOM_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def look(browser: Browser) -> Iterator[Callable[..., Seen]]:
    """`look(visits=170, phone=False, speed=0)` -> Seen, not opened yet."""
    closing: list[Callable[[], object]] = []

    def make(visits: int = 170, *, phone: bool = False, speed: float = 0, ping_s: float = 1.0, plane: bool = False) -> Seen:
        api = FakeApi(FakeDay(visits, plane=plane), speed=speed, ping_s=ping_s)
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone, locale="ko-KR")
        context.set_default_timeout(WAIT_MS)
        closing.extend([api.close, context.close])
        page = context.new_page()
        seen = Seen(page, api, [])
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("console", lambda line: seen.complaints.append(line.text) if line.type == "error" else None)
        return seen

    yield make
    for close in reversed(closing):
        close()
