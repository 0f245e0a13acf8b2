"""Tasks and boxes of a visit: what its worker says of them at the end."""

from __future__ import annotations

from datetime import datetime

from streams.contracts.inputs import WorkerReported
from streams.contracts.notes import VisitNoted
from streams.core.state import VisitRecord
from streams.core.turn import Turn


def note_end(turn: Turn, report: WorkerReported, visit: VisitRecord, at: datetime) -> None:
    """A worker checks out. Of two workers each says what they did; boxes are those of the report's first visit."""
    boxes = report.boxes_returned if report.visit_ids[:1] == (visit.spec.visit_id,) else 0
    note_tasks(turn, visit, report.tasks, at, worker_id=report.worker_id, boxes=boxes)


def note_tasks(
    turn: Turn, visit: VisitRecord, tasks: tuple[str, ...], at: datetime, worker_id: str = "", boxes: int = 0
) -> None:  # fmt: skip
    """What was done and what was left; `worker_id` is "" for another district's."""
    done = tuple(dict.fromkeys(tasks))
    known = {*visit.tasks_done, *done}
    left = tuple(task for task in visit.spec.tasks if task not in known)
    if done or left or boxes:
        turn.emit(
            VisitNoted(
                visit_id=visit.spec.visit_id, worker_id=worker_id, at=at, tasks_done=done, tasks_left=left, boxes_returned=boxes
            )
        )  # fmt: skip
