"""Who is not to meet whom: what somebody said since a configuration was drawn up stays, and what is read tells who said so, why
and since when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from msgspec.structs import replace

from streams.contracts import codec, decisions as d
from streams.contracts.decisions import VisitState
from streams.contracts.district import DistrictConfig
from streams.contracts.eligibility import Exclusion
from streams.contracts.holdings import ExclusionRow
from streams.contracts.inputs import ConfigureDistrict, ExcludePair, LiftExclusion
from streams.core.apply import apply
from streams.core.holdings import exclusions_of_recipient, exclusions_of_workers, touched
from streams.core.state import new_state, state_hash
from tests.core_world import CoreWorld, at, config
from tests.unit.core.test_eligibility import HOME_CARE

CARER_1 = Exclusion(recipient_id="r-home", worker_id="carer-1")


def listing(*pairs: Exclusion, version: int = 1) -> DistrictConfig:
    return replace(config(), version=version, exclusions=pairs)


def configured(world: CoreWorld, version: int, *pairs: Exclusion) -> None:
    """The district is configured anew: another shift, another kitchen; the list of exclusions comes along."""
    world.send(ConfigureDistrict(command_id=f"anew-{version}", config=listing(*pairs, version=version)))


def lift(world: CoreWorld, worker_id: str = "carer-1") -> None:
    world.send(LiftExclusion(command_id=f"lift-{len(world.inputs)}", recipient_id="r-home", worker_id=worker_id))


def exclude(world: CoreWorld, by: str = "worker", worker_id: str = "carer-1") -> None:
    command_id = f"exclude-{len(world.inputs)}"
    world.send(ExcludePair(command_id=command_id, recipient_id="r-home", worker_id=worker_id, by=by, reason="not_on_good_terms"))


def held(world: CoreWorld) -> dict[str, tuple[str, str, datetime]]:
    rows = exclusions_of_recipient(world.state, "r-home").exclusions
    return {one.worker_id: (one.by, one.reason, one.since_at) for one in rows}


# --- a configuration and what was said since


def test_what_was_lifted_is_not_brought_back_by_a_list_from_before() -> None:
    world = CoreWorld(listing(*(replace(CARER_1, worker_id=f"carer-{n}") for n in (1, 2, 3))))
    visit = world.file("home", **HOME_CARE)
    assert visit.state is VisitState.WAITING
    lift(world)
    world.until("07:20")
    assert visit.worker_ids == ["carer-1"]
    configured(world, 2, *(replace(CARER_1, worker_id=f"carer-{n}") for n in (1, 2, 3)))
    assert visit.worker_ids == ["carer-1"], "they may meet again, whatever else of the district has changed"
    assert set(held(world)) == {"carer-2", "carer-3"}


def test_what_somebody_said_is_not_lost_to_a_list_that_says_otherwise() -> None:
    world = CoreWorld(listing(CARER_1))
    exclude(world, by="worker")
    said = {"carer-1": ("worker", "not_on_good_terms", at("07:00"))}
    assert held(world) == said
    configured(world, 2, CARER_1)
    assert held(world) == said
    configured(world, 3)
    assert held(world) == said, "both sides' hold until lifted"


@pytest.mark.parametrize("said", [lift, exclude])
def test_a_list_that_names_a_later_time_counts(said: Callable[[CoreWorld], None]) -> None:
    world = CoreWorld(listing(CARER_1))
    world.until("09:00")
    said(world)
    stands = held(world)
    configured(world, 2, replace(CARER_1, since_at=at("08:59")))
    assert held(world) == stands
    configured(world, 3, replace(CARER_1, since_at=at("09:30")))
    assert held(world) == {"carer-1": ("recipient", "", at("09:30"))}


def test_listed_again_after_a_list_without_it_it_holds_anew() -> None:
    world = CoreWorld(listing(CARER_1))
    lift(world)
    configured(world, 2)  # whoever keeps the list has heard of it
    configured(world, 3, CARER_1)
    assert set(held(world)) == {"carer-1"}


def test_said_after_it_was_lifted_it_holds_and_lifted_once_more_it_does_not() -> None:
    world = CoreWorld(listing(CARER_1))
    lift(world)
    exclude(world)
    configured(world, 2, CARER_1)
    assert held(world)["carer-1"][0] == "worker"
    lift(world)
    configured(world, 3, CARER_1)
    assert held(world) == {}
    assert world.state.exclusions == {}


def test_a_listed_one_keeps_the_time_since_when_it_was_listed() -> None:
    world = CoreWorld(listing(CARER_1))
    world.until("09:00")
    configured(world, 2, CARER_1)
    assert held(world) == {"carer-1": ("recipient", "", at("07:00"))}


def test_a_log_of_before_in_which_a_pair_was_lifted_twice_is_folded() -> None:
    """A configuration brought it back then, and it was lifted again: the earlier core's decisions."""
    state = new_state("11440")
    pair = {"recipient_id": "r-home", "worker_id": "carer-1"}
    for decision in (
        d.DistrictConfigured(config=listing(CARER_1)), d.ExclusionLifted(**pair, at=at("08:00")),
        d.DistrictConfigured(config=listing(CARER_1, version=2)), d.ExclusionLifted(**pair, at=at("09:00")),
    ):  # fmt: skip
        apply(state, decision)
    assert state.exclusions == {}
    folded = codec.decode(codec.encode(state), type(state))
    assert state_hash(folded) == state_hash(state)


def test_an_instant_without_a_time_zone_is_no_configuration() -> None:
    raw = codec.encode(listing(replace(CARER_1, since_at=at("09:00")))).replace(b'"2026-03-02T00:00:00Z"', b'"2026-03-02T00:00:00"')
    with pytest.raises(codec.Malformed) as refused:
        codec.decode(raw, DistrictConfig)
    assert refused.value.code == "wrong_field"


# --- what is read


def test_both_sides_read_the_same_pair_with_who_said_so_why_and_since_when() -> None:
    world = CoreWorld(listing(replace(CARER_1, worker_id="carer-2", by="worker", since_at=at("06:30"))))
    exclude(world, by="recipient")
    rows = {
        "carer-1": ExclusionRow(
            recipient_id="r-home", worker_id="carer-1", by="recipient", reason="not_on_good_terms", since_at=at("07:00")
        ),
        "carer-2": ExclusionRow(recipient_id="r-home", worker_id="carer-2", by="worker", reason="", since_at=at("06:30")),
    }
    assert exclusions_of_recipient(world.state, "r-home").exclusions == tuple(rows.values())
    of_workers = exclusions_of_workers(world.state, ["carer-2", "carer-1", "carer-3"])
    assert {one: kept.exclusions for one, kept in of_workers.items()} == {
        "carer-1": (rows["carer-1"],), "carer-2": (rows["carer-2"],), "carer-3": (),
    }  # fmt: skip


def test_what_is_on_record_is_drawn_anew_for_both_when_it_changes() -> None:
    world = CoreWorld(listing(CARER_1))
    for change in (lambda: configured(world, 2), lambda: lift(world), lambda: exclude(world)):
        change()
        found = touched(world.state, world.decisions)
        assert (found.workers_apart, found.recipients_apart) == ({"carer-1"}, {"r-home"})
