"""The designed states: stale, no key, no permission, down, empty, very full, phone; and what the eye needs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from routing import Rule
from routing.check import TERMS
from services.board import STATIC_DIR
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.district import MealKind, Service
from streams.contracts.inputs import Payload
from streams.core import exceptions
from tests.browser.conftest import Seen
from tests.browser.fake_api import KEY

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]

FIRST_VIEW_BYTES = 300_000


def test_stale_is_said_aloud_and_ends_by_itself(look: Look) -> None:
    seen = look()
    seen.open_board()
    seen.until("() => document.getElementById('connection').textContent.includes('연결됨')")
    seen.api.silent = True
    seen.page.wait_for_selector("#alarm:visible", timeout=30_000)
    assert "화면이 멈춰 있습니다" in seen.text("#alarm")
    assert "끊김" in seen.text("#connection")
    # A line that opens and says nothing is no recovery.
    before = seen.api.requests.count("/v1/live?district=11440")
    seen.until("() => document.body.classList.contains('stale')")
    visit = next(v.row for v in seen.api.day.rows.values() if v.row.state == "picked_up")
    seen.api.change(visit.visit_id, "done", done_at=seen.api.day.now_at)
    seen.api.silent = False
    seen.page.wait_for_selector("#alarm", state="hidden", timeout=30_000)
    seen.until("() => document.getElementById('connection').textContent.includes('연결됨')")
    done = sum(v.row.state == "done" for v in seen.api.day.rows.values())
    seen.until("n => document.querySelector('[data-counter=done] .n').textContent === String(n)", done)
    assert seen.api.requests.count("/v1/live?district=11440") >= before


def test_without_a_key_the_page_asks_for_one(look: Look) -> None:
    seen = look()
    seen.open(key="")
    seen.page.wait_for_selector("#gate:visible")
    seen.page.fill("#gate-key", "wrong")
    seen.page.click("#gate button")
    seen.page.wait_for_selector("#gate-error:has-text('맞지 않습니다')")
    seen.page.fill("#gate-key", KEY)
    seen.page.click("#gate button")
    seen.page.wait_for_selector(".visit:visible")
    assert seen.page.evaluate("document.cookie") == ""  # HttpOnly: no script reads it


def test_no_permission_and_down_are_designed_and_down_ends_by_itself(look: Look) -> None:
    seen = look()
    seen.api.refused = 403
    seen.open()
    seen.page.wait_for_selector(".page-denied:visible")
    seen.api.refused = 503
    seen.open()
    seen.page.reload()
    seen.page.wait_for_selector(".page-down:visible")
    assert "다시 만드는 중" in seen.text(".page-down")
    seen.api.refused = 0
    seen.page.wait_for_selector(".visit:visible")


def test_empty_day_is_a_real_state(look: Look) -> None:
    seen = look(0)
    seen.open_board()
    assert "아직 접수된 건이 없습니다" in seen.text("#list-empty")
    seen.until("() => document.getElementById('attention').innerText.includes('기다리는 일이 없습니다')")
    seen.until("() => document.getElementById('attention').innerText.includes('마지막 확인')")
    assert seen.number("all") == 0


def test_two_thousand_rows_keep_the_document_small(look: Look) -> None:
    seen = look(2000)
    seen.open_board()
    assert seen.number("all") == 2000
    assert seen.page.locator(".visit").count() < 60
    seen.page.evaluate("document.getElementById('list-scroll').scrollTop = 1e9")
    seen.page.wait_for_selector(".visit[aria-rowindex='2000']:visible")
    assert seen.page.locator(".visit").count() < 60
    numbers = seen.page.locator(".visit:not([hidden])").evaluate_all("els => els.map(e => Number(e.getAttribute('aria-rowindex')))")
    order = sorted(numbers)
    assert order == list(range(order[0], 2001))


@pytest.mark.parametrize("tab", ["board", "map", "day", "ledger"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_phone_never_scrolls_sideways(look: Look, tab: str, language: str) -> None:
    seen = look(phone=True)
    seen.open_board(f"?lang={language}")
    seen.page.tap(f".thumb-bar [data-go={tab}]")
    seen.page.wait_for_selector(f"body[data-tab={tab}]")
    assert seen.page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [390, 390]


def test_phone_puts_people_first_and_actions_at_the_thumb(look: Look) -> None:
    seen = look(phone=True)
    seen.open_board()
    attention, rows = seen.page.locator("#attention").bounding_box(), seen.page.locator(".list").bounding_box()
    assert attention is not None
    assert rows is not None
    assert attention["y"] < rows["y"]
    seen.page.locator(".visit:visible").first.tap()
    actions = seen.page.locator("#drawer-actions").bounding_box()
    assert actions is not None
    assert round(actions["y"] + actions["height"]) == 844
    for button in seen.page.locator(".need-actions button, #drawer-actions button").all():
        box = button.bounding_box()
        assert box is None or box["height"] >= 40


def test_first_view_is_small(look: Look) -> None:
    seen = look(0)
    seen.open_board()
    seen.page.wait_for_selector("#map canvas, #map-note:visible", state="attached")
    assert seen.api.sent_bytes <= FIRST_VIEW_BYTES


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_stand_out_from_their_ground() -> None:
    tokens = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{3,6})", (STATIC_DIR / "board.css").read_text("utf-8")))
    full = {name: f"#{''.join(c * 2 for c in value[1:])}" if len(value) == 4 else value for name, value in tokens.items()}
    grounds = ["--surface", "--paper", "--raised", "--pick"]
    pairs = [
        (f"--{tone}-ink", ground) for tone in ("wait", "way", "done", "risk", "person") for ground in [*grounds, f"--{tone}-soft"]
    ]
    pairs += [(ink, ground) for ink in ("--ink", "--ink-2", "--ink-3") for ground in grounds]
    pairs += [("--bar-2", "--bar"), ("--surface", "--person-ink"), ("--focus", "--surface")]
    weak = {
        pair: round(contrast(full[pair[0]], full[pair[1]]), 2) for pair in pairs if contrast(full[pair[0]], full[pair[1]]) < 4.5
    }
    assert weak == {}


def test_every_text_is_in_both_languages() -> None:
    source = (STATIC_DIR / "texts.js").read_text("utf-8")
    pairs = re.findall(r"(\w+): \[\"([^\"]*)\",\s*\"([^\"]*)\"\]", source)
    assert len(pairs) > 200
    assert [key for key, ko, en in pairs if (not ko or not en) and key != "count_unit"] == []
    used = set()
    for path in STATIC_DIR.glob("*.js"):
        used |= set(re.findall(r"\bt\(\"(\w+)\"", path.read_text("utf-8")))
    used |= set(re.findall(r"data-t(?:-\w+)?=\"(\w+)\"", (STATIC_DIR / "index.html").read_text("utf-8")))
    assert used - {key for key, _, _ in pairs} == set()


EXPLAINED = set(Rule) - {
    Rule.UNKNOWN_WORKER, Rule.UNKNOWN_VISIT, Rule.ASSIGNED_TWICE, Rule.HALF_ASSIGNED, Rule.PICKUP_ORDER, Rule.PICKUP_ELSEWHERE,
    Rule.LOCKED,
}  # fmt: skip
"""What may keep a worker away; the rest are faults of a plan, and no plan with one is ever shown."""


def test_every_code_of_the_core_has_a_word() -> None:
    source = (STATIC_DIR / "texts.js").read_text("utf-8")
    table = source[source.index("const CODES = {") : source.index("let current")]

    def words(kind: str) -> set[str]:
        start = table.index(f"\n  {kind}: {{")
        return set(re.findall(r"(\w+): \[", table[start : table.index("\n  }," if kind != "mode" else "},", start)]))

    assert {state.value for state in VisitState} <= words("state")
    assert {event.value for event in VisitEvent} <= words("event")
    assert {service.value for service in Service} <= words("service")
    assert {meal.value for meal in MealKind} <= words("meal")
    assert set(exceptions.KINDS) <= words("exception")
    outcomes = {outcome for kind in exceptions.KINDS.values() for outcome in kind.outcomes}
    assert outcomes | {exceptions.RESOLVED_ITSELF} <= words("outcome")
    assert {rule.value for rule in EXPLAINED} <= words("rule")
    assert set(TERMS) <= words("term")


def test_every_text_of_the_sign_in_page_is_in_both_languages() -> None:
    source = (STATIC_DIR / "sign_in.js").read_text("utf-8")
    texts = {key: (ko, en) for key, ko, en in re.findall(r"(\w+): \[\"([^\"]+)\",\s*\"([^\"]+)\"\]", source)}
    page = dict(re.findall(r"data-t=\"(\w+)\"[^>]*>([^<]+)<", (STATIC_DIR / "sign_in.html").read_text("utf-8")))
    used = set(page) | set(re.findall(r"\bwords\(\"(\w+)\"", source))
    assert used == set(texts)
    assert {key: texts[key][0] for key in page} == page  # Korean stands there before any script ran


def test_no_time_on_a_page_is_that_of_the_readers_own_machine() -> None:
    own = re.compile(r"new Date\([^)]*\)\.toLocale|\.get(Hours|Minutes|Date|Month|Day)\(")
    for path in STATIC_DIR.glob("*.js"):
        for line in path.read_text("utf-8").splitlines():
            assert not own.search(line) or "Asia/Seoul" in line, line


def kinds_of(payload: type) -> set[str]:
    return {payload.__name__} if not payload.__subclasses__() else set().union(*map(kinds_of, payload.__subclasses__()))


def test_whatever_a_story_may_have_come_from_has_a_word() -> None:
    source = (STATIC_DIR / "texts.js").read_text("utf-8")
    table = source[source.index("\n  cause: {") : source.index("\n  role: {")]
    ours = {name for name in kinds_of(Payload) if not name.startswith("_")}
    assert "RecordCall" in ours
    assert ours - set(re.findall(r"(\w+): \[", table)) == set()
