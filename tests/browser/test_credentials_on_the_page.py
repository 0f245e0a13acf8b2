"""What a worker holds: seen when asked for, recorded with its validity, withdrawn when confirmed; an edit is of what was read."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from services.api.models_care import CredentialBody, WithdrawBody
from services.api.roles import Role, Scope
from streams.contracts.eligibility import Programme, Requirement
from tests.browser.conftest import Seen
from tests.browser.fake_district import DISTRICT
from tests.browser.test_orders_on_the_page import COORDINATOR, in_state, open_one, posted
from tests.stack import wait_until

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]
TEST = {
    "district": DISTRICT, "code": "infection_test", "issued_at": "2026-11-20T00:00:00Z", "valid_until_at": "2026-11-22T14:59:59Z",
    "version": 3,
}  # fmt: skip


def opened(look: Look, phone: bool = False) -> tuple[Seen, str]:
    seen = look(phone=phone)
    seen.api.role, seen.api.scope = COORDINATOR
    seen.api.held = [TEST]
    asks = Programme(
        programme_id="visiting", name_ko="방문", name_en="Visiting", requires=(Requirement(code="infection_training"),)
    )
    seen.api.day.config = msgspec.structs.replace(seen.api.day.config, programmes=(asks,))
    row = in_state(seen, "planned")
    seen.open_board()
    open_one(seen, row)
    seen.page.click(f"#drawer [data-focus='w:{row.worker_ids[0]}']")
    assert not any("/credentials?" in path for path in seen.api.requests), "a look is logged: nobody looks unasked"
    seen.page.click("#drawer [data-credentials]")
    seen.page.wait_for_selector("#credentials[open] [data-credential=infection_test]")
    return seen, row.worker_ids[0]


@pytest.mark.parametrize("phone", [False, True])
def test_what_has_lapsed_says_so_and_is_set_anew_as_it_was_read(look: Look, phone: bool) -> None:
    seen, worker_id = opened(look, phone)
    assert seen.text("[data-credential=infection_test] .state") == "기한 지남"
    assert "2026-11-20 ~ 2026-11-22" in seen.text("[data-credential=infection_test]")
    assert seen.page.eval_on_selector("#credentials", "one => one.scrollWidth <= one.clientWidth")
    assert seen.page.locator("#credential-code option").all_inner_texts() == ["감염 검사", "감염 예방 교육"]
    seen.page.fill("#credential-until", "2026-11-30")
    seen.page.click("#credential-record")
    seen.page.wait_for_selector("#credentials:has-text('기록되었습니다')")
    path = f"/v1/workers/{worker_id}/credentials"
    (told,) = posted(seen, path)
    body = CredentialBody.model_validate(told)
    assert (body.code, body.issued_at.isoformat(), body.valid_until_at.isoformat()) == (
        "infection_test", "2026-11-23T15:00:00+00:00", "2026-11-30T14:59:59+00:00",
    )  # fmt: skip
    assert (path, '"3"') in seen.api.matches
    assert seen.complaints == []


def test_what_is_new_names_no_version_and_a_refusal_says_what_to_do(look: Look) -> None:
    seen, worker_id = opened(look)
    seen.api.refuse_commands = True
    seen.page.select_option("#credential-code", "infection_training")
    seen.page.click("#credential-record")
    assert "통합창구에 알리세요" in seen.page.wait_for_selector("#credentials .failed").inner_text()
    assert (f"/v1/workers/{worker_id}/credentials", "") in seen.api.matches
    assert seen.page.input_value("#credential-code") == "infection_training"


def test_it_is_withdrawn_after_it_was_confirmed(look: Look) -> None:
    seen, worker_id = opened(look)
    seen.page.click("[data-withdraw=infection_test]")
    seen.page.wait_for_selector("#confirm[open]:has-text('다른 인력에게 갑니다')")
    seen.page.click("#confirm-no")
    assert posted(seen, "/withdraw") == []
    seen.page.click("[data-withdraw=infection_test]")
    seen.page.click("#confirm-yes")
    wait_until(lambda: bool(posted(seen, "/withdraw")), "the order")
    assert WithdrawBody.model_validate(posted(seen, "/withdraw")[0]).reason == "office"
    assert (f"/v1/workers/{worker_id}/credentials/infection_test/withdraw", '"3"') in seen.api.matches


def test_a_care_manager_has_no_button_for_it(look: Look) -> None:
    seen = look()
    row = in_state(seen, "planned")
    seen.api.role, seen.api.scope = Role.CARE_MANAGER, Scope(districts=(DISTRICT,), dongs=(row.dong,))
    seen.open_board()
    open_one(seen, row)
    seen.page.click(f"#drawer [data-focus='w:{row.worker_ids[0]}']")
    seen.page.wait_for_selector("#drawer h3:has-text('남은 방문')")
    assert seen.page.locator("[data-credentials]").count() == 0
