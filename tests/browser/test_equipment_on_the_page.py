"""Equipment out of a crisis programme's stock: what is left, what was handed out, and handing it to a worker by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from services.api.models_care import EquipmentBody
from services.api.roles import Role, Scope
from streams.contracts.eligibility import Requirement
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.browser.test_posting_on_the_page import switched_on

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
PATH = "/v1/programmes/crisis/equipment"
WORKER = "carer-02"


def posted(seen: Seen) -> list[Any]:
    return [body for path, body in seen.api.posts if path == PATH]


def opened(look: Look, phone: bool = False, who: tuple[Role, Scope] = (Role.OPERATOR, Scope()), is_on: bool = True) -> Seen:
    seen = switched_on(look, phone, is_on)
    seen.api.role, seen.api.scope = who
    day = seen.api.day
    (row,), (programme,) = day.programmes, day.config.programmes
    day.programmes = (msgspec.structs.replace(row, stock={"mask": 20, "suit": 3}, booked_equipment={"mask": 6, "suit": 3}),)
    asks = (Requirement(code="infection_test"), Requirement(code="protective_equipment"))
    day.config = msgspec.structs.replace(day.config, programmes=(msgspec.structs.replace(programme, requires=asks),))
    seen.api.issued = [
        {"issue_id": f"i-{n}", "worker_id": who, "items": {"mask": n, "suit": 1}, "issued_at": f"2026-11-2{n}T01:30:00Z"}
        for n, who in ((2, "carer-01"), (3, WORKER))
    ]
    seen.open("?tab=map" if phone else "")
    seen.page.click("[data-equipment=crisis]")
    seen.page.wait_for_selector("#equipment[open] h3")
    return seen


@pytest.mark.parametrize("phone", [False, True])
def test_what_is_left_and_who_was_given_what_and_when(look: Look, phone: bool) -> None:
    seen = opened(look, phone)
    assert "마스크 14/20 · 보호복 0/3" in seen.text("#equipment p")
    said = seen.page.locator("#equipment [data-issue]").all_inner_texts()
    names = seen.api.day.names
    assert said == [
        f"{names[WORKER]} 마스크 3, 보호복 1 2026년 11월 23일 (월) 10:30",
        f"{names['carer-01']} 마스크 2, 보호복 1 2026년 11월 22일 (일) 10:30",
    ]
    assert seen.page.eval_on_selector("#equipment", "one => one.scrollWidth <= one.clientWidth")
    assert seen.page.is_disabled("[name='item/suit']"), "none is left"
    assert seen.complaints == []


def test_it_is_handed_to_a_worker_by_name(look: Look) -> None:
    seen = opened(look)
    assert seen.page.locator("#equipment-credential option").all_inner_texts() == ["보호 장비", "감염 검사"]
    assert seen.page.input_value("#equipment-until") == "2026-12-24"
    seen.page.select_option("#equipment-worker_id", WORKER)
    assert seen.api.day.names[WORKER] in seen.text(f"#equipment-worker_id option[value={WORKER}]")
    seen.page.click("#equipment-send")
    assert "하나 이상" in seen.page.wait_for_selector("#equipment .failed").inner_text()
    assert posted(seen) == []
    assert seen.page.input_value("#equipment-worker_id") == WORKER, "what was chosen stays"
    seen.page.fill("[name='item/mask']", "4")
    seen.page.fill("#equipment-until", "2026-12-01")
    seen.page.click("#equipment-send")
    seen.page.wait_for_selector("#equipment:has-text('지급했습니다')")
    (told,) = posted(seen)
    body = EquipmentBody.model_validate(told)
    assert (body.worker_id, body.items, body.credential) == (WORKER, {"mask": 4}, "protective_equipment")
    assert body.valid_until_at.isoformat() == "2026-12-01T14:59:59+00:00"
    assert seen.complaints == []


def test_a_refusal_says_what_to_do_and_asked_again_it_is_judged_anew(look: Look) -> None:
    seen = opened(look)
    seen.api.refuse_commands = True
    seen.page.fill("[name='item/mask']", "14")
    seen.page.click("#equipment-send")
    assert "통합창구에 알리세요" in seen.page.wait_for_selector("#equipment .failed").inner_text()
    assert seen.page.input_value("[name='item/mask']") == "14"
    seen.page.evaluate("import('/static/board/texts.js').then((texts) => texts.setLanguage('en'))")
    assert "Ask the integrated window." in seen.page.wait_for_selector("#equipment:has-text('Hand out') .failed").inner_text()
    assert seen.page.input_value("[name='item/mask']") == "14", "in the other language what was typed stays"
    seen.api.refuse_commands = False
    seen.page.click("#equipment-send")
    seen.page.wait_for_selector("#equipment:has-text('Handed out. It stands on')")
    keys = [key for path, key in seen.api.keys if path == PATH]
    assert len(keys) == len(set(keys)) == 2


def test_an_answer_that_was_lost_is_asked_for_again_as_the_same(look: Look) -> None:
    seen = opened(look)
    seen.page.fill("[name='item/mask']", "1")
    seen.page.route(f"**{PATH}", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
    with seen.page.expect_request(f"**{PATH}") as first:
        seen.page.click("#equipment-send")
    seen.page.wait_for_selector("#equipment .failed")
    seen.page.unroute(f"**{PATH}")
    seen.page.click("#equipment-send")
    seen.page.wait_for_selector("#equipment:has-text('지급했습니다')")
    assert [key for path, key in seen.api.keys if path == PATH] == [first.value.headers["idempotency-key"]]


def test_the_district_officer_reads_and_hands_out_nothing(look: Look) -> None:
    seen = opened(look, who=(Role.DISTRICT_OFFICER, Scope(districts=(DISTRICT,))))
    assert seen.text("#equipment h2").startswith("지급한 장비")
    assert seen.page.locator("#equipment form").count() == 0


def test_a_programme_that_is_closed_hands_out_nothing(look: Look) -> None:
    seen = opened(look, is_on=False)
    assert seen.page.locator("#equipment form").count() == 0
    assert seen.page.locator("#equipment [data-issue]").count() == 2
