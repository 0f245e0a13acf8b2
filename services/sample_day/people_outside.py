"""Care managers and the coordinator: they file requests, take some back, and settle what needs a person."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.sample_day.books import Books, Promise
from services.sample_day.messages import (
    RANK_FILING,
    RANK_SETTLE,
    Agenda,
    Answer,
    Message,
    instant,
    written,
)  # fmt: skip

if TYPE_CHECKING:
    from services.sample_day.day import Day, FiledVisit

FILED_TWICE_SHARE = 0.03  # the same form sent again: a double click, a lost answer
SAME_DAY_CANCEL_SHARE = 0.015  # 당일 취소
ACKNOWLEDGED_EVERY, ACKNOWLEDGED_AFTER_S = 3, 60  # one in three is acknowledged first
SETTLE_AFTER_S = (180, 600)  # a person looks at it and calls somebody

OUTCOMES: dict[str, tuple[tuple[str, int], ...]] = {
    "doorstep_call": (("no_reply", 70), ("away_confirmed", 30)),
    "doorstep_kin": (("no_kin_reached", 60), ("kin_confirms_well", 40)),
    "welfare_check": (("found_well", 85), ("moved_to_hospital", 10), ("found_unwell_119", 5)),
    "unserved": (("handed_over", 60), ("cancelled_with_recipient", 40)),
    "worker_dropped_out": (("seen", 1),),
    "kitchen_late": (("seen", 1),),
    # Who is well has answered the question of the app: who did not is reached by no call either.
    "worker_silent": (("relieved", 1),),
    "lone_worker": (("reached", 1),),
    "worker_missing": (("found_well", 1),),
    "provider_failed": (("seen", 1),),
    "no_app_call": (("accepted", 9), ("declined", 1)),
    "ladder_top": (("seen", 1),),
    "claim_to_confirm": (("confirmed", 9), ("declined", 1)),
    "notice_not_delivered": (("told_by_phone", 8), ("not_reached", 2)),  # by a neighbour's, or the number in last year's file
    "help_asked": (("help_offered", 9), ("help_declined", 1)),
}
"""What people find out, by kind of exception, with weights. An outcome the row does not list is not chosen."""


class Office:
    """The Dolbom SOS centres and the integrated window, as far as the day needs them."""

    def __init__(self, day: Day, agenda: Agenda, books: Books, seed: int) -> None:
        self.day = day
        self.agenda = agenda
        self.books = books
        self.seed = seed
        self.forms: dict[str, FiledVisit] = {visit.body["reference"]: visit for visit in day.visits}
        self.reference_of: dict[str, str] = {}  # visit_id -> reference, from the 202 answers
        self.seen: set[str] = set()
        no_answer = {trouble.subject for trouble in day.troubles if trouble.kind in ("no_answer", "call")}
        for visit in day.visits:
            needed = visit.body["reference"] in no_answer or bool(visit.body.get("required_skills"))
            self._plan_filing(visit, may_cancel=not needed)

    def _chance(self, name: str) -> random.Random:
        return random.Random(f"{self.seed}:{name}")

    def _plan_filing(self, visit: FiledVisit, may_cancel: bool) -> None:
        reference = visit.body["reference"]
        chance = self._chance(f"form:{reference}")
        twice, cancels = chance.random() < FILED_TWICE_SHARE, chance.random() < SAME_DAY_CANCEL_SHARE
        file_at = max(visit.file_at, self.day.start_at)
        again_at = file_at + timedelta(seconds=chance.randint(5, 300))
        self.agenda.put(file_at, RANK_FILING, reference, lambda at: [self._filing(visit, "")])
        if twice:
            self.agenda.put(again_at, RANK_FILING, reference, lambda at: [self._filing(visit, "#2")])
        # A day of real orders is played as it was: nobody takes an order back in it.
        if cancels and may_cancel and not self.day.single_offers:
            first_at = file_at + timedelta(minutes=15)
            last_at = max(first_at, instant(visit.body["window_start_at"]) - timedelta(minutes=10))
            cancel_at = first_at + (last_at - first_at) * chance.random()
            self.agenda.put(
                cancel_at.replace(microsecond=0), RANK_FILING, reference, lambda at: self._cancel(reference)
            )

    def _filing(self, visit: FiledVisit, repeat: str) -> Message:
        reference = visit.body["reference"]
        return Message("file", reference + repeat, reference, filed_body(visit), actor=_filer(visit.body), subject=reference)

    def _cancel(self, reference: str) -> list[Message]:
        visit_id = next((v for v, known in self.reference_of.items() if known == reference), None)
        if visit_id is None:
            return []  # the filing was refused: nothing to take back
        self.books.cancel_asked(visit_id, "same_day")
        body = {"reason": "same_day", "district": self.day.config.district}
        actor = _filer(self.forms[reference].body)
        return [Message("cancel", f"cancel-{visit_id}", reference, body, actor=actor, subject=visit_id)]

    def take_call(self, reference: str, later_min: int) -> list[Message]:
        """A recipient calls about a promise of today: it should come so many minutes later, or (0) not today."""
        visit_id = next((v for v, known in self.reference_of.items() if known == reference), None)
        promise = self.books.promises.get(visit_id or "")
        if visit_id is None or promise is None or promise.due_at is None:
            return []  # the filing was refused: there is no promise
        body: dict[str, Any] = {"district": self.day.config.district, "wish": "later" if later_min else "not_today"}
        if later_min:
            promise.due_at += timedelta(minutes=later_min)
            body["later_at"] = written(promise.due_at)
        else:
            self.books.cancel_asked(visit_id, "not_today")
        return [Message("call", f"call-{visit_id}", reference, body, actor="coordinator", subject=visit_id)]

    def answered(self, message: Message, answer: Answer, now: datetime) -> None:
        """A door answered; a 202 to a filing is a promise."""
        if message.kind != "file":
            return
        body = message.body
        if answer.status not in (200, 202) or "visit_id" not in answer.body:
            self.books.refused_at_door[message.subject] = str(answer.body.get("code", answer.status))
            return
        visit_id = answer.body["visit_id"]
        self.reference_of[visit_id] = message.subject
        due = body.get("due_at") or body.get("window_end_at")
        self.books.promised(
            Promise(
                visit_id=visit_id, reference=message.subject, command_id=answer.body.get("command_id", ""),
                filed_at=now, is_meal=body["service"] == "meal_support", due_at=instant(due) if due else None,
                ready_at=instant(body["ready_at"]) if body.get("ready_at") else None,
                worker_count=int(body.get("worker_count") or 1),
            )
        )  # fmt: skip

    def look_at(self, now: datetime, exceptions: list[dict[str, Any]]) -> None:
        """Somebody sees the list of what needs a person, and takes each new one up within 3 to 10 minutes."""
        for row in sorted(exceptions, key=lambda row: str(row["exception_id"])):
            exception_id = row["exception_id"]
            if exception_id in self.seen or row.get("settled"):
                continue
            self.seen.add(exception_id)
            chance = self._chance(f"exception:{exception_id}")
            settle_at = now + timedelta(seconds=chance.randint(*SETTLE_AFTER_S))
            if len(self.seen) % ACKNOWLEDGED_EVERY == 1:
                self._plan_acknowledging(now + timedelta(seconds=ACKNOWLEDGED_AFTER_S), row)
            outcome = _outcome_of(row, chance)
            if not outcome:
                continue
            message = Message(
                "settle", f"settle-{exception_id}", exception_id,
                {"outcome": outcome, "district": self.day.config.district}, actor=row["owner"] or "coordinator",
                subject=exception_id,
            )  # fmt: skip
            self.agenda.put(settle_at, RANK_SETTLE, exception_id, lambda at, message=message: self._settle(message))

    def _plan_acknowledging(self, at: datetime, row: dict[str, Any]) -> None:
        """Somebody says "I am on it" before it is settled."""
        exception_id = row["exception_id"]
        message = Message(
            "acknowledge", f"acknowledge-{exception_id}", exception_id, {"district": self.day.config.district},
            actor=row["owner"] or "coordinator", subject=exception_id,
        )  # fmt: skip
        self.agenda.put(at, RANK_SETTLE, exception_id, lambda at: [message])

    def pause_mode(self, now: datetime, mode: str, minutes: int) -> Message:
        """The coordinator looks out of the window: ice. Nobody is to go by this mode for a while."""
        body = {
            "district": self.day.config.district, "mode": mode, "reason": "ice",
            "until_at": written(now + timedelta(minutes=minutes)),
        }  # fmt: skip
        return Message("pause", f"pause-{mode}", "coordinator", body, actor="coordinator", subject=mode)

    def _settle(self, message: Message) -> list[Message]:
        self.books.exceptions_settled[message.subject] = message.body["outcome"]
        return [message]


def _outcome_of(row: dict[str, Any], chance: random.Random) -> str:
    allowed = list(row.get("outcomes") or ())
    likely = [(outcome, weight) for outcome, weight in OUTCOMES.get(row["kind"], ()) if outcome in allowed]
    if likely:
        return chance.choices([outcome for outcome, _ in likely], [weight for _, weight in likely])[0]
    return allowed[0] if allowed else ""


def _filer(body: dict[str, Any]) -> str:
    return f"care_manager:{body['dong']}" if body.get("dong") else "coordinator"


def filed_body(visit: FiledVisit) -> dict[str, Any]:
    """The JSON body as sent: instants written out."""
    return {key: written(value) if isinstance(value, datetime) else value for key, value in visit.body.items()}
