"""A world without a dispatch system: tests tell the agents by hand and watch what they send."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.sample_day.day import Day
from services.sample_day.messages import Answer, Message, Received, written
from services.sample_day.simulation import Simulation


class Hand:
    """Tells, lets time pass, and collects. Webhooks are numbered in the order in which they are told."""

    def __init__(self, day: Day, seed: int = 1) -> None:
        self.world = Simulation(day, seed)
        self.day = day
        self.count = 0
        self.sent: list[tuple[datetime, Message]] = []

    def file_all(self) -> None:
        """Every request is answered 202, with its reference as visit_id."""
        for visit in self.day.visits:
            body = visit.body
            message = Message("file", body["reference"], body["reference"], body, subject=body["reference"])
            answer = Answer(202, {"visit_id": body["reference"], "command_id": f"c-{body['reference']}"})
            self.world.answered(visit.file_at, message, answer)

    def tell(self, now: datetime, type_: str, organisation: str, data: dict[str, Any], offset: int | None = None) -> None:
        self.count += 1
        received = Received(self.count if offset is None else offset, 0, organisation, f"11440-{self.count}-0", type_, data)
        self.world.hear(now, received)

    def assign(self, now: datetime, worker_id: str, *references: str, organisation: str = "coop", **route: Any) -> None:
        """Assign visits and tell a route: all pickups, then all doors, in the order given."""
        bodies = {visit.body["reference"]: visit.body for visit in self.day.visits}
        kitchens = {kitchen.kitchen_id: kitchen.place for kitchen in self.day.config.kitchens}
        stops: list[dict[str, Any]] = []
        for reference in references:
            body = bodies[reference]
            place = {"x": body["place"]["x_m"], "y": body["place"]["y_m"]}
            self.tell(now, "visit.assigned", organisation, {**body, "visit_id": reference, "worker_id": worker_id,
                                                            "place": place})  # fmt: skip
            begin_at = route.get("begin_at", body["window_start_at"])
            if body.get("kitchen_id"):
                kitchen = kitchens[body["kitchen_id"]]
                stops.insert(
                    sum(stop["kind"] == "pickup" for stop in stops),
                    {"visit_id": reference, "kind": "pickup", "begin_at": begin_at, "place": {"x": kitchen.x, "y": kitchen.y}},
                )
            stops.append({"visit_id": reference, "kind": "visit", "begin_at": begin_at, "place": place})
        self.tell(now, "route.changed", organisation, {"worker_id": worker_id, "stops": stops})

    def until(self, now: datetime) -> list[tuple[datetime, Message]]:
        """Let time pass; what is sent, filings left out."""
        found = []
        while (next_at := self.world.next_at()) is not None and next_at <= now:
            while (message := self.world.next_message(next_at)) is not None:
                if message.kind != "file":
                    found.append((next_at, message))
        self.sent += found
        return found

    def reports(self, worker_id: str) -> list[str]:
        """What a worker reported so far, as "kind reference,reference"."""
        return [
            " ".join(filter(None, (message.body["kind"], ",".join(message.body["visit_ids"]))))
            for _, message in self.sent
            if message.kind == "report" and message.body["worker_id"] == worker_id
        ]


def slot(offer_id: str, worker_id: str, reference: str, begin_at: datetime, minutes: int = 60) -> dict[str, Any]:
    """The data of an `offer.made` of a care visit."""
    return {
        "offer_id": offer_id, "kind": "slot", "organisation": "centre", "worker_id": worker_id,
        "begin_at": written(begin_at), "expires_at": "2099-01-01T00:00:00Z", "district": "11440",
        "visits": [{"visit_id": reference, "service": "temporary_home_care", "service_duration_s": 60 * minutes}],
    }  # fmt: skip
