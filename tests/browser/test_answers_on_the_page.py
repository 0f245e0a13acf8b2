"""A rider with a voice phone takes the round but for one door; a centre says whom it sends; a no has its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.api.models_offers import AnswerBody
from streams.contracts import board as b
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.browser.test_orders_on_the_page import COORDINATOR

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
PATH = "/v1/offers/o-1/answer"


def asked(look: Look, kind: str = "round", doors: int = 3, phone: bool = False) -> tuple[Seen, b.OfferRow]:
    """One call that waits in the coordinator's list."""
    seen = look(phone=phone)
    seen.api.role, seen.api.scope = COORDINATOR
    day = seen.api.day
    who = next(one for one in day.workers.values() if one.kind == ("rider" if kind == "round" else "carer"))
    offer = b.OfferRow(
        offer_id="o-1", kind=kind, organisation=who.organisation, worker_id=who.worker_id, visit_ids=tuple(day.rows)[:doors],
        begin_at=day.now_at, expires_at=day.now_at + timedelta(minutes=20), outcome="", by_call=True,
    )  # fmt: skip
    day.offers = [offer]
    one = next(iter(day.exceptions.values()))
    call = msgspec.structs.replace(
        one, exception_id="x-call", kind="no_app_call", subject=who.worker_id, visit_id="", detail="o-1", settled="",
        outcomes=("accepted", "declined", "no_reply"), raised_at=day.now_at, due_at=day.now_at + timedelta(minutes=5),
    )  # fmt: skip
    day.exceptions["x-call"] = call
    seen.open_board()
    seen.page.click("[data-exception=x-call] [data-answer]")
    seen.page.wait_for_selector("#answer[open]")
    return seen, offer


def posted(seen: Seen) -> list[Any]:
    return [AnswerBody.model_validate(body) for path, body in seen.api.posts if path == PATH]


@pytest.mark.parametrize("phone", [False, True])
def test_a_rider_takes_the_round_but_for_one_door(look: Look, phone: bool) -> None:
    seen, offer = asked(look, phone=phone)
    assert seen.page.eval_on_selector("#answer", "one => one.scrollWidth <= one.clientWidth")
    seen.page.check(f"#answer [data-door='{offer.visit_ids[1]}']")
    seen.page.select_option("#answer-reason", index=1)
    reason = seen.page.input_value("#answer-reason")
    assert seen.text("#answer-yes") == "3곳 중 2곳 수락"
    assert seen.page.locator("#answer-no").count() == 0
    seen.page.click("#answer-yes")
    seen.page.wait_for_selector("#answer:has-text('기록되었습니다')")
    (told,) = posted(seen)
    assert (told.answer, told.declined_visit_ids, told.reason, told.district) == (
        "accepted", (offer.visit_ids[1],), reason, DISTRICT,
    )  # fmt: skip
    assert seen.complaints == []


def test_a_no_has_its_reason_and_a_refusal_is_said(look: Look) -> None:
    seen, _ = asked(look)
    seen.api.refuse_commands = True
    seen.page.click("#answer-no")
    assert "통합창구에 알리세요" in seen.page.wait_for_selector("#answer .failed").inner_text()
    seen.api.refuse_commands = False
    seen.page.click("#answer-no")
    seen.page.wait_for_selector("#answer:has-text('기록되었습니다')")
    assert {(told.answer, bool(told.reason)) for told in posted(seen)} == {("declined", True)}


def test_a_button_is_not_drawn_anew_under_somebodys_finger_when_the_names_come(look: Look) -> None:
    seen, offer = asked(look)
    seen.page.evaluate("() => { document.querySelector('#answer-no').dataset.held = '1'; }")
    seen.until("id => /[가-힣]\\*/.test(document.querySelector(`#answer [data-of-door='${id}']`).textContent)", offer.visit_ids[0])
    assert seen.page.locator("#answer-no[data-held]").count() == 1


def test_a_centre_says_whom_it_sends(look: Look) -> None:
    seen, offer = asked(look, "slot", 1)
    colleagues = {one.worker_id for one in seen.api.day.workers.values() if one.organisation == offer.organisation}
    assert set(seen.page.eval_on_selector_all("#answer-worker option", "all => all.map(one => one.value)")) == colleagues | {""}
    other = sorted(colleagues - {offer.worker_id})[0]
    seen.page.select_option("#answer-worker", other)
    seen.page.click("#answer-yes")
    seen.page.wait_for_selector("#answer:has-text('기록되었습니다')")
    assert [(told.answer, told.worker_id, told.reason) for told in posted(seen)] == [("accepted", other, "")]
