"""The world's own books: every 202 is accounted for, and what the system says was done really was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.sample_day.books import Books, Promise, reconcile, result_of
from tests.unit.world.days import at


def promise(visit_id: str, worker_count: int = 1) -> Promise:
    return Promise(
        visit_id=visit_id, reference=visit_id, command_id=f"c-{visit_id}", filed_at=at(0), is_meal=True, due_at=at(2),
        ready_at=at(1), worker_count=worker_count,
    )  # fmt: skip


def row(visit_id: str, class_: str, state: str = "") -> dict[str, Any]:
    return {"visit_id": visit_id, "ledger_class": class_, "state": state or class_}


def ledger_of(*rows: dict[str, Any]) -> dict[str, Any]:
    classes = ("done", "cancelled", "failed", "handed_over")
    return {"visits": len(rows), "unaccounted": 0} | {c: sum(r["ledger_class"] == c for r in rows) for c in classes}


def books(*served: str, promised: tuple[str, ...] = ("a", "b"), when: datetime | None = None) -> Books:
    kept = Books()
    for visit_id in promised:
        kept.promised(promise(visit_id))
    for visit_id in served:
        kept.door_reached(visit_id, "w", when or at(1.5))
        kept.served(visit_id, "w", when or at(1.5))
    return kept


def whats(kept: Books, *rows: dict[str, Any], **options: Any) -> tuple[int, list[str]]:
    checked = reconcile(kept, options.get("ledger", ledger_of(*rows)), list(rows), options.get("outcomes", {}))
    return checked.unaccounted, [mismatch["what"] for mismatch in checked.mismatches]


def test_a_day_that_agrees_balances() -> None:
    assert whats(books("a"), row("a", "done"), row("b", "cancelled")) == (0, [])


def test_a_promise_that_the_system_does_not_know_is_unaccounted() -> None:
    assert whats(books("a"), row("a", "done")) == (1, ["missing"])


def test_a_promise_that_was_refused_with_a_reason_is_accounted_for() -> None:
    outcomes = {"c-b": {"outcome": "refused", "code": "unknown_dong"}}
    assert whats(books("a"), row("a", "done"), outcomes=outcomes) == (0, [])


def test_done_without_a_door_reached_is_unaccounted() -> None:
    assert whats(books("a"), row("a", "done"), row("b", "done")) == (1, ["done but never served"])


def test_a_visit_still_open_is_unaccounted() -> None:
    assert whats(books("a"), row("a", "done"), row("b", "open", "waiting")) == (1, ["still open"])


def test_a_meal_eaten_but_not_done_is_a_mismatch() -> None:
    assert whats(books("a", "b"), row("a", "done"), row("b", "handed_over")) == (0, ["served but not done"])


def test_serving_twice_is_a_mismatch_but_two_workers_of_one_visit_are_not() -> None:
    kept = books("a", promised=("a",))
    kept.served("a", "other", at(1.6))
    assert whats(kept, row("a", "done")) == (0, ["served twice"])
    pair = Books()
    pair.promised(promise("a", worker_count=2))
    pair.served("a", "one", at(1))
    pair.served("a", "two", at(1))
    assert whats(pair, row("a", "done")) == (0, [])


def test_a_visit_that_nobody_asked_for_is_a_mismatch() -> None:
    assert whats(books("a", promised=("a",)), row("a", "done"), row("x", "cancelled")) == (0, ["nobody asked for it"])


def test_a_ledger_that_counts_otherwise_than_its_list_is_a_mismatch() -> None:
    rows = (row("a", "done"), row("b", "cancelled"))
    wrong = ledger_of(*rows) | {"done": 2}
    assert whats(books("a"), *rows, ledger=wrong) == (0, ["ledger counts done"])


def test_the_ledgers_own_unaccounted_counts() -> None:
    rows = (row("a", "done"), row("b", "cancelled"))
    assert whats(books("a"), *rows, ledger=ledger_of(*rows) | {"unaccounted": 1}) == (1, [])


def test_figures_are_measured_by_the_world_itself() -> None:
    kept = books("a", "b", when=at(1.5))
    kept.picked_up("a", at(1) + timedelta(minutes=4))
    figures = kept.figures()
    assert figures["meals_eaten"] == 2
    assert figures["click_to_door_mean_min"] == 90.0
    assert figures["ready_to_pickup_mean_min"] == 4.0
    assert figures["on_time_share"] == 1.0


def test_an_on_time_share_that_the_world_did_not_see_is_a_mismatch() -> None:
    rows = [row("a", "done"), row("b", "done")]
    late = books("a", "b", when=at(2.5))
    result = result_of(late, ledger_of(*rows) | {"on_time_share": 1.0}, rows, {})
    assert [mismatch["what"] for mismatch in result["mismatches"]] == ["on-time share"]
    assert not result["balanced"]


def test_the_same_request_filed_twice_is_one_promise() -> None:
    kept = books(promised=("a", "a", "b"))
    assert kept.figures()["answers_202"] == 3
    assert kept.figures()["requests"] == 2
