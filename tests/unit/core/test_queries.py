"""Questions are answered from the state and leave it as it is."""

import msgspec

from streams.contracts.district import Place
from streams.contracts.envelope import seal
from streams.contracts.inputs import RequestVisit
from streams.contracts.queries import Answer, Query
from streams.core.queries import answer
from streams.core.state import state_hash
from tests.core_world import DISTRICT, CoreWorld


def ask(world: CoreWorld, kind: str, **fields: object) -> Answer:
    before = state_hash(world.state)
    given = answer(world.state, Query(query_id="q", district=DISTRICT, kind=kind, expires_wall_s=0.0, **fields))
    assert state_hash(world.state) == before
    return given


def test_why_names_the_chosen_worker_first_and_what_keeps_the_others_away() -> None:
    world = CoreWorld()
    visit = world.file("lunch-1")
    given = ask(world, "why", visit_id=visit.spec.visit_id)
    assert given.worker_ids == ("rider-1",)
    assert given.candidates[0].worker_id == "rider-1"
    assert given.candidates[0].price > 0
    assert given.candidates[0].chosen
    assert sum(price for _, price in given.candidates[0].terms) == given.candidates[0].price
    assert dict(given.obstacles)  # rider-2 is of another area, carers carry no meals
    assert sum(count for _, count in given.obstacles) + len(given.candidates) == 5


def test_why_nobody_is_explained_for_a_visit_that_waits() -> None:
    world = CoreWorld()
    visit = world.file("lunch-1", required_skills=("nobody-has-this",))
    given = ask(world, "why", visit_id=visit.spec.visit_id)
    assert given.worker_ids == given.candidates == ()
    assert sum(count for _, count in given.obstacles) == 5
    assert given.sentence_ko.startswith("북권에 nobody-has-this 자격 있는 라이더가 없습니다")
    assert given.sentence_en.startswith("There is no rider with the skill nobody-has-this in North")


def test_why_says_what_would_help_when_only_time_is_in_the_way() -> None:
    world = CoreWorld()
    visit = world.file("lunch-1", window_end_at=world.now_at, due_at=world.now_at, window_start_at=world.now_at)
    given = ask(world, "why", visit_id=visit.spec.visit_id)
    assert given.nearest is not None
    assert given.nearest.worker_count >= 1
    assert "없습니다" in given.sentence_ko
    assert "free before" in given.sentence_en


def test_a_closed_visit_is_answered_too() -> None:
    world = CoreWorld()
    visit = world.file("lunch-1")
    world.cancel(visit)
    given = ask(world, "why", visit_id=visit.spec.visit_id)
    assert (given.settled, given.sentence_ko, given.sentence_en) == (True, "이미 끝난 건입니다.", "It is closed.")


def test_a_preview_says_what_would_happen_and_files_nothing() -> None:
    world = CoreWorld()
    filed = world.file("lunch-1")
    payload = world.inputs[-1][0].read_payload()
    assert isinstance(payload, RequestVisit)
    other = msgspec.structs.replace(
        payload, visit_id="another", command_id="another", reference="another", place=Place(300.0, 600.0)
    )
    envelope = seal(other, id="x", district=DISTRICT, actor="operator", at=world.now_at)
    given = ask(world, "preview", envelope=envelope)
    assert given.preview is not None
    assert given.preview.outcome == "accepted"
    assert ("another", "planned", "rider-1") in given.preview.changes
    terms = dict(given.preview.price_by_term)
    assert terms["travel"] > 0
    assert "unserved" not in terms
    assert list(world.state.visits) == [filed.spec.visit_id]


def test_an_unknown_visit_and_an_empty_district_are_refused() -> None:
    assert ask(CoreWorld(), "why", visit_id="nobody").code == "unknown_visit"
    from streams.core.state import new_state

    assert answer(new_state("11410"), Query(query_id="q", district="11410", kind="why", expires_wall_s=0)).code == "not_configured"
