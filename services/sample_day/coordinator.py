"""What a coordinator of the day does beside settling: keeps a carer on a visit or rules one out, hears of a concern."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.sample_day import deeds
from services.sample_day.messages import RANK_SETTLE, Agenda, Message, instant

if TYPE_CHECKING:
    from services.sample_day.day import Day, Trouble
    from services.sample_day.deeds import Deeds

AHEAD = timedelta(minutes=90)  # a visit that is still far away: nobody has set out
AFTER_S = 60
COORDINATOR = "coordinator"

NOT_URGENT = {"conscious": True, "breathing": True, "bleeding": False}


class Coordinator:
    """Overrules the plan when a recipient calls about who is coming."""

    def __init__(self, day: Day, agenda: Agenda, to_do: Deeds) -> None:
        self.day = day
        self.agenda = agenda
        self.to_do = to_do

    def hear_assigned(self, now: datetime, data: dict[str, Any], colleagues: Iterable[str]) -> None:
        """A carer was named to the recipient. `colleagues`: others of the same employer, in order."""
        if instant(data["window_start_at"]) < now + AHEAD:
            return
        visit_id, worker_id = data["visit_id"], data["worker_id"]
        other = next((one for one in colleagues if one != worker_id), "")
        if other and self.to_do.comes_up(deeds.RULES_OUT, now):
            self._put(now, "forbid", visit_id, {"worker_id": other, "reason": "recipient_asked"})
        elif self.to_do.comes_up(deeds.PINS, now):
            self._put(now, "assign", visit_id, {"worker_id": worker_id, "reason": "recipient_asked"})

    def hear_concern(self, trouble: Trouble) -> list[Message]:
        """A neighbour has not seen somebody for days; asked on the telephone, what they know of is no case for 119."""
        dong = next((one.body["dong"] for one in self.day.visits if one.body["recipient_id"] == trouble.subject), None)
        if dong is None:
            return []
        body = {
            "district": self.day.config.district, "recipient_id": trouble.subject, "dong": dong, "observation": "post_piling_up",
            "source": "neighbour",
        }  # fmt: skip
        asked = {key: value for key, value in body.items() if key != "observation"} | {"answers": NOT_URGENT}
        return [
            Message(kind, f"{kind}-{trouble.subject}", COORDINATOR, told, actor=COORDINATOR, subject=trouble.subject)
            for kind, told in (("concern", body), ("emergency_call", asked))
        ]

    def _put(self, now: datetime, kind: str, visit_id: str, body: dict[str, Any]) -> None:
        message = Message(
            kind, f"{kind}-{visit_id}", COORDINATOR, body | {"district": self.day.config.district}, actor=COORDINATOR,
            subject=visit_id,
        )  # fmt: skip
        self.agenda.put(now + timedelta(seconds=AFTER_S), RANK_SETTLE, visit_id, lambda at: [message])
