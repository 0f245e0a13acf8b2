"""One visit's drawer: its story, what is to be done and was, why this worker, another one by hand, and its end."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Seen
from tests.browser.test_orders_on_the_page import open_one
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]


def test_drawer_tells_the_visits_story_newest_first(look: Look) -> None:
    seen = look()
    seen.open_board()
    visit = next(v for v in seen.api.day.rows.values() if v.row.state == "picked_up")
    open_one(seen, visit.row)
    lines = seen.page.locator("#drawer .story li")
    lines.first.wait_for()
    assert lines.evaluate_all("els => els.map(el => el.dataset.event)") == [s.event for s in reversed(visit.steps[: visit.reached])]
    first = lines.first.inner_text()
    assert "수령" in first
    assert "현장 보고" in first  # what brought it
    assert seen.api.day.names[visit.row.worker_ids[0]] in first
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("#drawer", state="hidden")


def test_drawer_shows_what_is_to_be_done_what_was_and_the_boxes_that_came_back(look: Look) -> None:
    seen = look()
    seen.open_board()
    care = next(v for v in seen.api.day.rows.values() if v.row.state == "in_service")
    meal = next(v for v in seen.api.day.rows.values() if v.row.state == "picked_up")
    open_one(seen, care.row)
    seen.page.wait_for_selector("#drawer [data-done]")
    assert "식사 도움, 청소" in seen.text("#drawer .facts")
    seen.api.change(care.row.visit_id, "done", done_at=care.row.window_end_at, tasks_done=("meal_help", "company"))
    seen.api.change(meal.row.visit_id, "done", done_at=meal.row.window_end_at, boxes_returned=2)
    seen.page.wait_for_selector("#drawer [data-done=true]")
    shown = seen.text("#drawer .facts")
    assert "식사 도움 ✓" in shown
    assert "말벗 ✓" in shown
    assert "청소 (못 함)" in shown
    seen.page.keyboard.press("Escape")
    open_one(seen, meal.row)
    seen.page.wait_for_selector("#drawer .facts:has-text('빈 용기 회수')")


def test_every_choice_can_be_asked_why(look: Look) -> None:
    seen = look()
    seen.open_board()
    visit = next(v for v in seen.api.day.rows.values() if v.row.state == "planned")
    open_one(seen, visit.row)
    seen.page.click("#drawer [data-focus=why]")
    first = seen.page.locator("#drawer .why li").first
    first.wait_for()
    assert "현재 배정" in first.inner_text()
    assert "+5분" in seen.page.locator("#drawer .why li").nth(len(visit.row.worker_ids)).inner_text()
    assert "다른 생활권 지원 5분" in seen.page.locator("#drawer .why li").nth(len(visit.row.worker_ids)).inner_text()
    assert "다른 생활권 9명" in seen.text("#drawer .why")
    assert "다음 후보: 북권 +5분" in seen.text("#drawer .why")


def test_a_visit_is_given_to_another_candidate_by_hand(look: Look) -> None:
    seen = look()
    seen.open_board()
    visit = next(v for v in seen.api.day.rows.values() if v.row.state == "planned" and len(v.row.worker_ids) == 1)
    open_one(seen, visit.row)
    seen.page.click("#drawer [data-focus=why]")
    give = seen.page.locator("#drawer [data-give]").first
    give.wait_for()
    worker_id = give.get_attribute("data-give")
    path = f"/v1/visits/{visit.row.visit_id}/assign"
    give.click()
    seen.page.click("#drawer [data-focus=give-undo]")
    give.wait_for()
    assert not [post for post in seen.api.posts if post[0] == path]
    give.click()
    seen.page.wait_for_selector("#drawer [data-focus=give-undo]")
    seen.page.wait_for_selector("#drawer [data-focus=give-undo]", state="detached", timeout=15_000)
    wait_until(lambda: any(post[0] == path for post in seen.api.posts), "the assignment")
    (body,) = [post[1] for post in seen.api.posts if post[0] == path]
    assert (body["worker_id"], body["expected_version"]) == (worker_id, visit.row.version)


def test_cancelling_posts_the_chosen_reason(look: Look) -> None:
    seen = look()
    seen.open_board()
    visit = next(v.row for v in seen.api.day.rows.values() if v.row.state == "planned")
    open_one(seen, visit)
    seen.page.select_option("#drawer select", "same_day")
    seen.page.click("#drawer .cancel")
    seen.page.wait_for_selector("#drawer-actions:has-text('이미 끝난')")
    assert (f"/v1/visits/{visit.visit_id}/cancel", {"reason": "same_day"}) in seen.api.posts
    # Each press is another one: after an undo it counts again.
    (key,) = [key for path, key in seen.api.keys if path.endswith("/cancel")]
    assert re.fullmatch("p-[0-9a-f]{32}", key)
    assert "취소" in seen.text("#drawer-state")


def test_a_drawer_that_is_closed_at_once_asks_for_nothing(look: Look) -> None:
    """The story is read a moment after the drawer opens: by then it may be closed, or another one may be open."""
    seen = look()
    seen.open_board()
    first, second = list(seen.api.day.rows)[:2]
    seen.page.evaluate(
        """async ([first, second]) => {
            const { openDrawer, closeDrawer } = await import("/static/board/drawer.js");
            const worker = [...(await import("/static/board/store.js")).board.workers.keys()][0];
            const aMoment = () => new Promise((done) => { setTimeout(done, 50); });
            openDrawer("visit", first);
            closeDrawer();
            await aMoment();
            openDrawer("visit", first);
            openDrawer("worker", worker);
            await aMoment();
            openDrawer("visit", second);
        }""",
        [first, second],
    )
    wait_until(lambda: f"/v1/visits/{second}" in seen.api.requests, "the story of the last one is read")
    assert [path for path in seen.api.requests if path.startswith("/v1/visits/")] == [f"/v1/visits/{second}"]
    assert seen.complaints == []
