"""What a worker says about a visit beside how far it is: its tasks, and the boxes that came back."""

from __future__ import annotations

from datetime import datetime

import msgspec


class VisitNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """At the end of a visit: which of its tasks were done and which were left (`tasks_left`), by codes; what was done beside
    them is in `tasks_done` too. `boxes_returned`: empty boxes (다회용기) taken back. `left_at_door`: by its worker's word what
    was brought stands at the door, since `at`. The visit ends with that, unless nobody had opened before: then it goes on until
    people know how the recipient is."""

    visit_id: str
    worker_id: str
    at: datetime
    tasks_done: tuple[str, ...] = ()
    tasks_left: tuple[str, ...] = ()
    boxes_returned: int = 0
    left_at_door: bool = False
