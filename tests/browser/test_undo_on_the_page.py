"""Ten minutes to take an order back: from the visit it is about, by who gave it, with what it was and until when."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from services.api.roles import Role, Scope
from streams.contracts import board as b
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.browser.test_orders_on_the_page import open_one, opened, posted
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
UNDO = "#drawer-actions [data-undone]"


def forbid(seen: Seen, row: b.VisitRow) -> None:
    """Rule its worker out, wait the five seconds, and see it arrive."""
    seen.page.click("[data-focus='f:more']")
    seen.page.click("[data-act=forbid]")
    wait_until(lambda: bool(posted(seen, f"{row.visit_id}/forbid")), "the order")


@pytest.mark.parametrize("phone", [False, True])
def test_an_order_is_taken_back_from_its_visit_also_after_a_reload(look: Look, phone: bool) -> None:
    seen, row = opened(look, phone=phone)
    forbid(seen, row)
    button = seen.page.wait_for_selector(UNDO)
    assert button.inner_text() == "되돌리기: 제공인력 제외"
    assert "까지" in seen.text(f"div:has(> {UNDO.split()[-1]})")
    seen.page.reload()
    seen.page.wait_for_selector(".visit:visible")
    if not seen.page.is_visible("#drawer"):
        open_one(seen, row)
    box = seen.page.locator(UNDO).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= (390 if phone else 1440)
    seen.page.click(UNDO)
    wait_until(lambda: bool(posted(seen, "/undo")), "the undo")
    (command_id,) = seen.api.commands.keys() - {f"command-{len(seen.api.commands)}"}
    assert [path for path, _ in seen.api.posts if path.endswith("/undo")] == [f"/v1/commands/{command_id}/undo"]
    assert posted(seen, "/undo") == [{"district": DISTRICT}]
    seen.page.wait_for_selector(UNDO, state="detached")
    assert seen.complaints == []


def test_a_refused_undo_says_what_to_do_and_a_cancelled_visit_has_the_button_too(look: Look) -> None:
    seen, _ = opened(look)
    seen.page.click("#drawer-actions .cancel")
    seen.page.wait_for_selector("#drawer .state:has-text('취소')")
    seen.api.refuse_commands = True
    assert "취소" in seen.page.wait_for_selector(UNDO).inner_text()
    seen.page.click(UNDO)
    assert "통합창구에 알리세요" in seen.page.wait_for_selector("#drawer-actions .failed").inner_text()
    assert seen.page.is_visible(UNDO)


def test_who_may_not_undo_is_not_offered_it_and_what_has_begun_stays(look: Look) -> None:
    seen, row = opened(look)
    forbid(seen, row)
    seen.page.wait_for_selector(UNDO)
    changed = msgspec.structs.replace(row, state="en_route", version=row.version + 1)
    seen.api.day.rows[row.visit_id].row = changed
    seen.api.frame([changed])
    seen.page.wait_for_selector(UNDO, state="detached")
    seen.api.role, seen.api.scope = Role.DISTRICT_OFFICER, Scope(districts=(DISTRICT,))
    seen.api.day.rows[row.visit_id].row = msgspec.structs.replace(row, version=row.version + 2)
    seen.page.reload()
    seen.page.wait_for_selector(".visit:visible")
    assert seen.page.locator(UNDO).count() == 0
