"""The world's agents against the pure core, whole days in one process: it balances, and the same seed gives the same day."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from deploy.local.ledger_table import table
from services.sample_day.conductor import run_lockstep
from services.sample_day.day import FiledVisit, Trouble
from services.sample_day.in_process import InProcessDoors, run_in_process
from services.sample_day.messages import Answer, Message
from services.sample_day.simulation import Simulation
from streams.contracts.day_points import POINTS
from streams.contracts.district import Kitchen, Place, Shop, WorkerKind
from streams.core.state import state_hash
from tests.unit.world.days import at, care, make_day

TROUBLES = (
    Trouble(at(3.2), "rider_drops_out", "rider-1", 1),
    Trouble(at(2.9), "kitchen_late", "K2", 15),
    Trouble(at(3.1), "no_answer", "M-3", 1),
    Trouble(at(3.1), "no_answer", "M-4", 2),
    Trouble(at(3.4), "silent_worker", "rider-0", 50),
)


class Listening(InProcessDoors):
    """Writes down every message with its time."""

    def send(self, message: Message) -> Answer:
        self.__dict__.setdefault("messages", []).append((self.now, message))
        return super().send(message)


@pytest.mark.parametrize("seed", [11, 12, 13, 14, 15])
def test_a_day_with_trouble_ends_with_every_request_accounted_for(seed: int) -> None:
    result, doors = run_in_process(make_day(40, 8, TROUBLES, seed), seed)
    assert result["unaccounted"] == 0
    assert result["mismatches"] == []
    assert result["visits"] == 48
    assert result["done"] >= 38
    assert result["failed_by_reason"]  # M-4 stays closed
    assert not [record for record in doors.state.exceptions.values() if not record.outcome]


def test_a_day_without_trouble_is_done() -> None:
    result, _ = run_in_process(make_day(24, 6), 1)
    assert (result["done"], result["failed"], result["handed_over"], result["unaccounted"]) == (30, 0, 0, 0)
    assert result["on_time_share"] == round(result["world"]["on_time_share"], 4)
    assert result["click_to_door_mean_min"] == pytest.approx(result["world"]["click_to_door_mean_min"], abs=0.01)
    assert result["ready_to_pickup_mean_min"] == pytest.approx(result["world"]["ready_to_pickup_mean_min"], abs=0.01)


def test_an_on_demand_day_with_single_offers_balances() -> None:
    result, _ = run_in_process(make_day(40, 0, riders=12, single_offers=True), 3)
    assert (result["visits"], result["unaccounted"], result["mismatches"], result["cancelled"]) == (40, 0, [], 0)


def test_the_same_seed_sends_the_same_messages_and_ends_in_the_same_state() -> None:
    runs = []
    for _ in range(2):
        doors = Listening(make_day(40, 8, TROUBLES))
        run_lockstep(Simulation(doors.day, 5), doors)
        runs.append((doors.__dict__["messages"], state_hash(doors.state)))
    assert runs[0] == runs[1]
    assert len(runs[0][0]) > 200


def test_another_process_with_another_hash_seed_gives_the_same_hash() -> None:
    program = (
        "from tests.unit.world.days import make_day\n"
        "from tests.unit.world.test_with_core import TROUBLES\n"
        "from services.sample_day.in_process import run_in_process\n"
        "print(run_in_process(make_day(40, 8, TROUBLES), 5)[0]['state_hash'])\n"
    )
    root = Path(__file__).parents[3]
    found = set()
    for hash_seed in ("1", "77"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
        done = subprocess.run([sys.executable, "-c", program], cwd=root, env=env, capture_output=True, text=True, check=True)
        found.add(done.stdout.strip())
    assert len(found) == 1


def test_requests_filed_twice_are_one_visit() -> None:
    result, _ = run_in_process(make_day(60, 0, riders=6), 2)
    assert result["world"]["answers_202"] > result["visits"] == 60


@pytest.mark.parametrize(("kind", "seed"), [("busy", 1), ("busy", 21), ("busy", 4711), ("mapo", 21)])
def test_the_sample_days_keep_their_promise(kind: str, seed: int, tmp_path: Path) -> None:
    """Insertion alone here (no solver): at least 90 % done, at most 5 % handed over, nothing unaccounted; and a busy day
    has every point at which care breaks, named in the printed ledger."""
    from services.sample_day.generate import generate_day
    from services.sample_day.read_day import read_day

    day = read_day(generate_day(kind, seed, tmp_path))
    result, _ = run_in_process(day, seed, solve=_no_solver)
    assert result["world"]["refused_at_door"] == 0
    assert (result["unaccounted"], result["mismatches"]) == (0, [])
    assert result["done"] >= 0.9 * result["visits"]
    assert result["handed_over"] <= 0.05 * result["visits"]
    if kind == "busy":
        assert result["helped_share"] > 0
        assert [what for what in ON_A_BUSY_DAY if not result["by_point"].get(what[0], {}).get(what[1])] == []
        printed = table(result)
        assert [point.words.en for point in POINTS.values() if f"\n    {point.words.en}  " not in printed] == []


ON_A_BUSY_DAY = [
    *(("offers", what) for what in ("by_call", "in_part", "late_yes", "taken", "declined", "expired", "reminded")),
    ("offers", "called_in"), ("offers", "substituted"), ("ladder", "climbed"), ("ladder", "claimed_and_done"),
    ("doorstep", "doorstep_call"), ("observation", "observation"), ("observation", "concern"), ("observation", "answered"),
    ("silence", "workers_asked"), ("silence", "worker_silent"), ("failure", "provider_failures"), ("failure", "kitchens_changed"),
    ("failure", "mode_pauses"), ("eligibility", "no_longer_eligible"), ("eligibility", "refusals_counted"), ("crisis", "visits"),
    ("crisis", "postings"), ("overrule", "assigned_by_hand"), ("overrule", "worker_forbidden"), ("corrections", "by_worker"),
    ("phone", "later"), ("phone", "not_today"),
    ("exceptions", "acknowledged"), ("exceptions", "settled"), ("unmet", "ladder_top"), ("fairness", "fair_shares"),
    ("fairness", "familiar_face"), ("notices", "booked"), ("notices", "on_the_way"), ("notices", "changed"), ("notices", "done"),
]  # fmt: skip


def _no_solver(state, solve_id):
    from streams.contracts.inputs import SolveFailed

    return SolveFailed(solve_id=solve_id, reason="none_here")


def test_whom_no_notice_reaches_the_window_sees_to_on_the_same_day_every_time() -> None:
    """The number in the file is nobody's: booked, and on the way, each a call for the window."""
    plain = {"name": "박새별", "phone": "010-0099-0001", "kin": [{"name": "박온누리", "phone": "010-0012-3456"}]}
    day = replace(make_day(24, 6), recipients=[{"recipient_id": "r-M-5", **plain}])
    result, doors = run_in_process(day, 4)
    calls = [record for record in doors.state.exceptions.values() if record.raised.kind == "notice_not_delivered"]
    assert {doors.state.visits[one.raised.subject].spec.reference for one in calls} == {"M-5"}
    assert {"accepted", "on_the_way"} <= {one.raised.detail for one in calls}
    assert {one.outcome for one in calls} <= {"told_by_phone", "not_reached"}
    assert result["by_point"]["notices"]["notice_not_delivered"] == len(calls)
    assert (result["unaccounted"], result["mismatches"]) == (0, [])
    assert run_in_process(day, 4)[0]["state_hash"] == result["state_hash"]


def test_a_rider_fetches_somebodys_medicine_at_the_pharmacy_while_it_is_open_and_brings_it_home() -> None:
    plain = make_day(16, 2)
    shop = Kitchen(
        kitchen_id="PH", provider_id="", name_ko="약국", name_en="Pharmacy", place=Place(1500, 600), load_duration_s=300,
        shop=Shop(opens_at=at(5.5), closes_at=at(8)),
    )  # fmt: skip
    body = care("ER-1", 2200, 1200, 6, minutes=5).body | {"service": "errand", "kitchen_id": "PH"}
    config = msgspec.structs.replace(plain.config, kitchens=(*plain.config.kitchens, shop))
    day = replace(plain, config=config, visits=[*plain.visits, FiledVisit(at(1), body)])
    result, doors = run_in_process(day, 2)
    (errand,) = [visit for visit in doors.state.visits.values() if visit.spec.reference == "ER-1"]
    (rider,) = errand.worker_ids
    assert doors.state.workers[rider].profile.kind is WorkerKind.RIDER
    assert errand.picked_up_at is not None
    assert errand.done_at is not None
    assert at(5.5) <= errand.picked_up_at <= at(8)
    assert at(6) <= errand.done_at <= at(7.5)
    assert (result["unaccounted"], result["mismatches"]) == (0, [])
