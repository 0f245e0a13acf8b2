"""The world's own books: what it was promised (202 answers) and what really happened; checked against the system's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean
from typing import Any

CLOSED_CLASSES = ("done", "cancelled", "failed", "handed_over")


@dataclass
class Promise:
    """A request that was answered with 202."""

    visit_id: str
    reference: str
    command_id: str
    filed_at: datetime
    is_meal: bool
    due_at: datetime | None
    ready_at: datetime | None
    worker_count: int = 1
    answers: int = 1  # 202s for this visit; more than one after a repeat


@dataclass
class Books:
    """Filled by what the people of the world do, never by what the system says about it."""

    promises: dict[str, Promise] = field(default_factory=dict)
    refused_at_door: dict[str, str] = field(default_factory=dict)  # reference -> code
    doors_reached: list[tuple[str, str, datetime]] = field(default_factory=list)
    serving: dict[str, dict[str, datetime]] = field(default_factory=dict)  # visit_id -> worker_id -> when
    pickups: dict[str, datetime] = field(default_factory=dict)
    no_answers: list[tuple[str, datetime]] = field(default_factory=list)
    cancels_asked: dict[str, str] = field(default_factory=dict)
    boxes_returned: list[str] = field(default_factory=list)
    tasks_done: dict[str, set[str]] = field(default_factory=dict)
    boxes_taken_back: dict[str, int] = field(default_factory=dict)  # empty ones, from the door
    reports_refused: list[tuple[str, str]] = field(default_factory=list)
    exceptions_settled: dict[str, str] = field(default_factory=dict)

    def promised(self, promise: Promise) -> None:
        """The API said 202."""
        known = self.promises.setdefault(promise.visit_id, promise)
        if known is not promise:
            known.answers += 1

    def door_reached(self, visit_id: str, worker_id: str, at: datetime) -> None:
        self.doors_reached.append((visit_id, worker_id, at))

    def picked_up(self, visit_id: str, at: datetime) -> None:
        self.pickups[visit_id] = at

    def served(self, visit_id: str, worker_id: str, at: datetime) -> None:
        """The meal is in the recipient's hands, or the care was given."""
        self.serving.setdefault(visit_id, {})[worker_id] = at

    def was_served_by(self, visit_id: str, worker_id: str) -> bool:
        return worker_id in self.serving.get(visit_id, {})

    def nobody_answered(self, visit_id: str, at: datetime) -> None:
        self.no_answers.append((visit_id, at))

    def returned(self, visit_id: str) -> None:
        self.boxes_returned.append(visit_id)

    def cancel_asked(self, visit_id: str, reason: str) -> None:
        self.cancels_asked[visit_id] = reason

    # --- figures of our own ---

    def figures(self) -> dict[str, Any]:
        """What the world counts and measures by itself."""
        done = {visit_id: max(by.values()) for visit_id, by in self.serving.items()}
        meals = [promise for promise in self.promises.values() if promise.is_meal and promise.visit_id in done]
        timed = [promise for promise in self.promises.values() if promise.due_at and promise.visit_id in done]
        first_door: dict[str, datetime] = {}
        for visit_id, _, at in self.doors_reached:
            first_door.setdefault(visit_id, at)
        return {
            "answers_202": sum(promise.answers for promise in self.promises.values()),
            "requests": len(self.promises),
            "refused_at_door": len(self.refused_at_door),
            "doors_reached": len(self.doors_reached),
            "meals_eaten": len(meals),
            "visits_served": len(done) - len(meals),
            "no_answers": len(self.no_answers),
            "cancels_asked": len(self.cancels_asked),
            "boxes_returned": len(self.boxes_returned),
            "tasks_done": sum(len(done) for done in self.tasks_done.values()),
            "empty_boxes_taken_back": sum(self.boxes_taken_back.values()),
            "reports_refused": len(self.reports_refused),
            "exceptions_settled": len(self.exceptions_settled),
            "on_time_share": _share([first_door[p.visit_id] <= p.due_at for p in timed if p.visit_id in first_door]),
            "click_to_door_mean_min": _mean_min(
                [(first_door[p.visit_id] - p.filed_at).total_seconds() for p in meals if p.visit_id in first_door]
            ),
            "ready_to_pickup_mean_min": _mean_min(
                [(self.pickups[p.visit_id] - p.ready_at).total_seconds() for p in meals
                 if p.ready_at and p.visit_id in self.pickups]
            ),
        }  # fmt: skip


@dataclass
class Reconciliation:
    """Every promise against the system's list of visits. `unaccounted` must be 0."""

    unaccounted: int
    refused: int  # promised with 202, then refused by the dispatcher with a reason: no visit came to be
    by_class: dict[str, int]
    mismatches: list[dict[str, str]]


def reconcile(
    books: Books, ledger: dict[str, Any], visits: list[dict[str, Any]], outcomes: dict[str, dict[str, Any]]
) -> Reconciliation:  # fmt: skip
    """`visits` are the API's rows, `outcomes` the API's answers for commands whose visit is not among them."""
    rows = {row["visit_id"]: row for row in visits}
    mismatches: list[dict[str, str]] = []
    lost: set[str] = set()
    refused = 0

    def note(what: str, visit_id: str, system: str, world: str) -> None:
        mismatches.append({"what": what, "visit_id": visit_id, "system": system, "world": world})

    for visit_id, promise in books.promises.items():
        row = rows.get(visit_id)
        if row is None:
            outcome = outcomes.get(promise.command_id, {})
            if outcome.get("outcome") == "refused":
                refused += 1
            else:
                lost.add(visit_id)
                note("missing", visit_id, str(outcome.get("outcome", "unknown")), "answered 202")
            continue
        class_ = row["ledger_class"]
        served_by = books.serving.get(visit_id, {})
        if class_ not in CLOSED_CLASSES:
            lost.add(visit_id)
            note("still open", visit_id, row["state"], "answered 202")
        elif class_ == "done" and not served_by:
            lost.add(visit_id)
            note("done but never served", visit_id, "done", "no door, no meal")
        elif class_ != "done" and len(served_by) >= promise.worker_count:
            note("served but not done", visit_id, class_, "served")
        if len(served_by) > promise.worker_count:
            note("served twice", visit_id, class_, ", ".join(sorted(served_by)))
    for visit_id in rows.keys() - books.promises.keys():
        note("nobody asked for it", visit_id, rows[visit_id]["state"], "no 202")
    if len(rows) != len(visits):
        note("listed twice", "", str(len(visits)), str(len(rows)))
    by_class = {class_: sum(row["ledger_class"] == class_ for row in rows.values()) for class_ in CLOSED_CLASSES}
    for class_, count in by_class.items():
        if ledger.get(class_) != count:
            note(f"ledger counts {class_}", "", str(ledger.get(class_)), str(count))
    if ledger.get("visits") != len(rows):
        note("ledger counts visits", "", str(ledger.get("visits")), str(len(rows)))
    return Reconciliation(len(lost) + int(ledger.get("unaccounted") or 0), refused, by_class, mismatches)


FIGURES = (
    "visits", "done", "cancelled", "failed", "handed_over", "on_time_share", "click_to_door_mean_min",
    "ready_to_pickup_mean_min", "orders_per_busy_hour", "plans_proposed", "plans_adopted", "visits_moved",
    "lateness_mean_min", "lateness_p95_min", "travel_per_visit_min", "helped_share", "failed_by_reason",
    "handed_over_to", "unmet_needs", "unmet_by_reason", "claims", "claims_confirmed", "supplied_by_rung",
    "help_price_krw", "guest_visits", "disruptions", "offers", "crisis", "eligibility", "by_point",
)  # fmt: skip


def result_of(
    books: Books, ledger: dict[str, Any], visits: list[dict[str, Any]], outcomes: dict[str, dict[str, Any]]
) -> dict[str, Any]:  # fmt: skip
    """The result of the day: the ledger's figures, what is unaccounted for, and the world's own figures beside them."""
    checked = reconcile(books, ledger, visits, outcomes)
    own = books.figures()
    theirs = ledger.get("on_time_share")
    if own["on_time_share"] is not None and theirs is not None and abs(own["on_time_share"] - theirs) > 0.05:
        checked.mismatches.append(
            {"what": "on-time share", "visit_id": "", "system": f"{theirs:.3f}", "world": f"{own['on_time_share']:.3f}"}
        )
    return {
        **{name: ledger.get(name) for name in FIGURES},
        "unaccounted": checked.unaccounted,
        "refused": checked.refused,
        "balanced": checked.unaccounted == 0 and not checked.mismatches,
        "mismatches": checked.mismatches,
        "world": own,
    }


def _share(flags: list[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def _mean_min(seconds: list[float]) -> float | None:
    return round(fmean(seconds) / 60, 2) if seconds else None
