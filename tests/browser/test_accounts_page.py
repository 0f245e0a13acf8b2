"""Accounts as people use them, in a browser, against the API itself (without broker and Redis): an operator lets somebody in, who
sets up a second factor, signs in with it, and is let go again."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from services.api.app import make_app, open_doors
from services.api.doors import Doors
from streams.settings import read_settings
from tests.browser.conftest import WAIT_MS
from tests.unit.api.fake_doors import ListWriter

pytestmark = pytest.mark.browser
NOWHERE = "127.0.0.1:1"
PASSWORD = "correct horse battery"


@dataclass
class Served:
    url: str
    doors: Doors

    def link(self, login: str = "operator") -> str:
        """A fresh operator's sign-in address."""
        account = self.doors.accounts.find_login(login) or self.doors.accounts.create(login, "", "operator", "{}", "test")
        return f"{self.url}/sign-in#link={self.doors.accounts.make_link(account.account_id, 600, 'test')}"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    settings = read_settings(
        {"DOLBOM_STATE_DIR": str(tmp_path), "DOLBOM_REDIS_URL": f"redis://{NOWHERE}/0", "DOLBOM_BOOTSTRAP": NOWHERE,
         "DOLBOM_API_PORT": str(port)}
    )
    doors = open_doors(settings, ListWriter(settings))
    server = uvicorn.Server(uvicorn.Config(make_app(settings, doors), port=port, log_config=None, loop="asyncio"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield Served(f"http://127.0.0.1:{port}", doors)
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`person(phone=True)`: a browser of somebody else each time; what it complained of is `page.complaints`."""
    opened = []

    def make(phone: bool = False) -> Page:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone, locale="ko-KR")  # type: ignore[arg-type]
        context.set_default_timeout(WAIT_MS)
        opened.append(context)
        page = context.new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        page.on("console", lambda line: page.complaints.append(line.text) if "Content Security" in line.text else None)  # type: ignore[attr-defined]
        return page

    yield make
    for context in opened:
        context.close()


def choose_password(page: Page) -> None:
    page.wait_for_selector("#choose:visible")
    page.fill("#choose [name=new]", PASSWORD)
    page.fill("#choose [name=again]", PASSWORD)
    page.click("#choose [type=submit]")
    page.wait_for_url("**/")


def twice(page: Page, button: str) -> None:
    page.click(button)
    page.click(f"{button}.sure")


def test_somebody_is_let_in_sets_up_a_second_factor_and_is_let_go(served: Served, person: Callable[..., Page]) -> None:
    operator, manager = person(), person(phone=True)
    operator.goto(served.link())
    choose_password(operator)
    operator.goto(f"{served.url}/accounts")
    operator.click("#new-account summary")
    operator.fill("#account-form [name=login]", "hong@mapo.example")
    operator.fill("#account-form [name=name]", "홍길동")
    operator.select_option("#account-form [name=role]", "coordinator")
    assert operator.query_selector("#account-form [name=dongs]") is None
    operator.select_option("#account-form [name=role]", "care_manager")
    operator.fill("#account-form [name=districts]", "11440")
    operator.fill("#account-form [name=dongs]", "1144066000, 1144068000")
    operator.click("#account-form [type=submit]")
    link = operator.inner_text("#once-secret")
    assert "돌봄매니저" in operator.inner_text("[data-account='hong@mapo.example']")
    operator.click("#once-kept")
    assert link not in operator.content()

    manager.goto(link)
    choose_password(manager)
    manager.goto(f"{served.url}/account")
    manager.wait_for_selector("#who:has-text('1144066000, 1144068000')")
    assert not manager.is_visible("#to-accounts")
    manager.tap("#factor-begin")
    manager.fill("#factor-ask [name=password]", PASSWORD)
    manager.tap("#factor-ask [type=submit]")
    secret = manager.inner_text("#factor-secret").replace(" ", "")
    assert manager.evaluate("document.querySelector('.qr').decode().then(() => document.querySelector('.qr').naturalWidth)") > 0
    manager.fill("#factor-confirm [name=code]", pyotp.TOTP(secret).at(int(time.time()) - 30))
    manager.tap("#factor-confirm [type=submit]")
    manager.wait_for_selector("#recovery-codes li")
    codes = manager.locator("#recovery-codes li").all_inner_texts()
    assert len(set(codes)) == 10
    manager.tap("#codes-kept")
    manager.wait_for_selector("#factor-remove")
    manager.wait_for_selector("#factor-state:has-text('10')")
    for _ in range(2):
        assert manager.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]
        manager.tap("#language")
    manager.tap("#sign-out")
    manager.wait_for_url("**/sign-in")

    for code in (codes[0], pyotp.TOTP(secret).now()):
        manager.goto(f"{served.url}/sign-in")
        manager.fill("[name=login]", "hong@mapo.example")
        manager.fill("[name=password]", PASSWORD)
        manager.fill("[name=code]", code)
        manager.tap("#sign-in [type=submit]")
        manager.wait_for_url(f"{served.url}/")
    manager.goto(f"{served.url}/account")
    manager.wait_for_selector("#factor-state:has-text('9')")
    manager.tap("#codes-renew")
    manager.fill("#codes-ask [name=password]", PASSWORD)
    manager.fill("#codes-ask [name=code]", codes[1])
    manager.tap("#codes-ask [type=submit]")
    manager.wait_for_selector("#recovery-codes li")
    assert not set(codes) & set(manager.locator("#recovery-codes li").all_inner_texts())
    manager.tap("#codes-kept")
    manager.wait_for_selector("#factor-state:has-text('10')")
    manager.tap("#elsewhere")
    manager.wait_for_selector("#said:has-text('모두 로그아웃')")

    operator.reload()
    twice(operator, "[data-account='hong@mapo.example'] [data-act=revoke]")
    operator.wait_for_selector("[data-account='hong@mapo.example'] .off")
    manager.reload()
    manager.wait_for_url("**/sign-in")
    assert operator.complaints == manager.complaints == []  # type: ignore[attr-defined]


def test_an_operator_on_a_phone_makes_a_key_and_needs_a_second_factor_of_operators(
    served: Served, person: Callable[..., Page]
) -> None:
    page = person(phone=True)
    page.goto(served.link())
    choose_password(page)
    page.goto(f"{served.url}/accounts")
    page.tap("#new-key summary")
    page.fill("#key-form [name=label]", "city")
    page.fill("#key-form [name=districts]", "11440")
    page.tap("#key-form [type=submit]")
    key = page.inner_text("#once-secret")
    assert served.doors.accounts.find_key(key) is not None
    for _ in range(2):
        assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]
        page.tap("#language")
    page.reload()
    page.wait_for_selector("[data-key=city]")
    assert key not in page.content()
    twice(page, "[data-key=city] [data-act=revoke]")
    page.wait_for_selector("[data-key=city] .off")
    assert served.doors.accounts.find_key(key) is None

    page.check("#rules [name=operator]")
    page.wait_for_selector("#said:not(:empty)")
    page.reload()
    page.wait_for_url("**/account")
    page.wait_for_selector("#needed:visible")
    assert not page.is_visible("#to-accounts")
    assert page.complaints == []  # type: ignore[attr-defined]
