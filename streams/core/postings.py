"""Postings (입소 파견, type 2): a worker moves in with a recipient for days and is out of the pool meanwhile.

Only an organisation's own people are assigned directly: own staff, and public providers'. What is planned for the worker
in those days goes to others; nobody able is the coordinator's to look at.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from streams.contracts import decisions as d
from streams.contracts.crisis import PostingEvent, PostingState
from streams.contracts.district import WorkerKind
from streams.contracts.eligibility import OnLapse, PostingRule
from streams.contracts.inputs import AssignPosting, EndPosting, RequestPosting
from streams.contracts.refusals import Refusal
from streams.core import exceptions
from streams.core.actors import CORE
from streams.core.crisis import is_on, refusal_of, tell_if_used_up
from streams.core.eligibility import EXCLUDED_BY_RECIPIENT, EXCLUDED_BY_WORKER, NO_SKILL, NOT_BEGUN, OTHER_GENDER, lacking
from streams.core.instants import day_of
from streams.core.lifecycle import TAKEN
from streams.core.losing import take_from
from streams.core.placing import place_or_wait
from streams.core.posting_states import next_posting_state
from streams.core.programme_books import days_of, difference, posting_use, short_of
from streams.core.state import PostingRecord, WorkerRecord
from streams.core.turn import Turn

UNFILLED = "posting_unfilled"
ANOTHER_EMPLOYER, POSTED, UNDER_WAY, OUT = "another_employer", "posted", "under_way", "out"


def request_posting(turn: Turn, command: RequestPosting) -> None:
    """File a posting, book its days, and find somebody, or let a coordinator."""
    if command.command_id in turn.state.commands:
        return
    known = turn.state.postings.get(command.posting_id)
    if known is not None:
        same = (known.spec.recipient_id, known.spec.from_at) == (command.recipient_id, command.from_at)
        turn.settle(command.command_id, "duplicate" if same else "refused", code=None if same else Refusal.KEY_REUSED)
        return
    code, short = _judge(turn, command)
    if code is not None:
        if short:
            tell_if_used_up(turn, command.programme_id, short)
        turn.settle(command.command_id, "refused", code=code)
        return
    spec = d.PostingRequested(
        posting_id=command.posting_id, programme_id=command.programme_id, recipient_id=command.recipient_id, dong=command.dong,
        area_id=turn.state.runtime.geography.area_of_dong[command.dong], asked_by=command.asked_by,
        organisation=turn.received.organisation or turn.received.actor, from_at=command.from_at, until_at=command.until_at,
        gender=command.gender, at=turn.now_at,
    )  # fmt: skip
    rule = rule_of(turn, command.programme_id)
    if command.worker_id:
        broken = unable(turn, spec, rule, turn.state.workers[command.worker_id])
        if broken:
            turn.settle(command.command_id, "refused", code=Refusal.WORKER_NOT_ABLE, rules=broken)
            return
    turn.emit(spec)
    _book(turn, command.posting_id, days_of(spec.from_at, spec.until_at))
    worker_id = command.worker_id or find_able(turn, spec, rule)
    if worker_id:
        assign(turn, command.posting_id, worker_id, turn.received.actor)
    else:
        _nobody(turn, command.posting_id)
    turn.settle(command.command_id, "accepted")


def rule_of(turn: Turn, programme_id: str) -> PostingRule:
    """What the programme says of postings; the usual where a later configuration has no word on it any more."""
    programme = turn.state.runtime.rules.programmes.get(programme_id)
    return programme.posting if programme is not None and programme.posting is not None else PostingRule()


def _judge(turn: Turn, command: RequestPosting) -> tuple[Refusal | None, tuple[str, ...]]:
    programme = turn.state.runtime.rules.programmes.get(command.programme_id)
    if programme is None:
        return Refusal.UNKNOWN_PROGRAMME, ()
    rule = programme.posting
    if rule is None:
        return Refusal.NOT_OF_PROGRAMME, ()
    if command.dong not in turn.state.runtime.geography.area_of_dong:
        return Refusal.UNKNOWN_DONG, ()
    if command.until_at <= command.from_at:
        return Refusal.TIME_INVERTED, ()
    if command.until_at <= turn.now_at:
        return Refusal.TIME_IN_PAST, ()
    if command.worker_id and command.worker_id not in turn.state.workers:
        return Refusal.UNKNOWN_WORKER, ()
    if not all(is_on(turn, command.programme_id, day_of(at)) for at in (command.from_at, command.until_at)):
        return Refusal.PROGRAMME_OFF, ()
    if rule.who_may_ask and command.asked_by not in rule.who_may_ask:
        return Refusal.MAY_NOT_ASK, ()
    days = days_of(command.from_at, command.until_at)
    if days > rule.max_days:
        return Refusal.POSTING_TOO_LONG, ()
    short = short_of(turn.state.programmes[command.programme_id], *posting_use(rule, days))
    return refusal_of(short), short


def unable(turn: Turn, spec: d.PostingRequested, rule: PostingRule, worker: WorkerRecord) -> tuple[str, ...]:
    """Every rule that keeps this worker from going, by name; empty when none does."""
    profile = worker.profile
    provider = turn.state.runtime.geography.providers.get(profile.organisation)
    found: list[str] = []
    if profile.kind is not WorkerKind.CARER:
        found.append("kind")
    if provider is None or not (provider.own_staff or provider.public):
        found.append(ANOTHER_EMPLOYER)
    if worker.status in ("out", "lost"):
        found.append(OUT)
    if worker.posting_id:
        found.append(POSTED)
    if rule.skill and rule.skill not in profile.skills:
        found.append(NO_SKILL)
    starts_at = max(spec.from_at, turn.now_at)
    found += [f"{lack.rule}:{lack.about}" for lack in lacking(worker.credentials, rule.requires, starts_at, OnLapse.BLOCK)]
    if spec.gender not in ("", profile.gender):
        found.append(OTHER_GENDER)
    kept_apart = turn.state.exclusions.get(spec.recipient_id, {}).get(profile.worker_id)
    if kept_apart is not None:
        found.append(EXCLUDED_BY_WORKER if kept_apart.by == "worker" else EXCLUDED_BY_RECIPIENT)
    if any(_begun(turn, stop.visit_id) and _ends_at(turn, stop) > spec.from_at for stop in worker.stops):
        found.append(UNDER_WAY)
    return tuple(found)


def _begun(turn: Turn, visit_id: str) -> bool:
    state = turn.state.visits[visit_id].state
    return state in TAKEN and state not in NOT_BEGUN


def _ends_at(turn: Turn, stop: d.PlannedStop) -> datetime:
    """When whoever makes this stop is free again, as far as is known now."""
    return max(stop.begin_at, turn.now_at) + timedelta(seconds=turn.state.visits[stop.visit_id].spec.service_duration_s)


def find_able(turn: Turn, spec: d.PostingRequested, rule: PostingRule) -> str:
    """Whoever may go and leaves least undone: fewest visits planned, then of the recipient's area; "" when nobody may."""
    able = [
        (len(worker.stops), worker.profile.area_id != spec.area_id, worker_id)
        for worker_id, worker in turn.state.workers.items()
        if not unable(turn, spec, rule, worker)
    ]
    return min(able)[2] if able else ""


def assign(turn: Turn, posting_id: str, worker_id: str, actor: str) -> None:
    """The worker goes: what is planned for them in those days goes to others."""
    change(turn, posting_id, PostingEvent.ASSIGNED, worker_id, actor)
    exceptions.settle_if_open(turn, UNFILLED, posting_id)
    spec = turn.state.postings[posting_id].spec
    freed: list[str] = []
    for stop in list(turn.state.workers[worker_id].stops):
        visit = turn.state.visits[stop.visit_id]
        if stop.kind == "visit" and visit.state in NOT_BEGUN and _ends_at(turn, stop) > spec.from_at:
            take_from(turn, stop.visit_id, POSTED)
            freed.append(stop.visit_id)
    for visit_id in freed:
        place_or_wait(turn, visit_id)


def change(turn: Turn, posting_id: str, event: PostingEvent, worker_id: str, actor: str = CORE, reason: str = "") -> None:
    turn.emit(
        d.PostingChanged(
            posting_id=posting_id, event=event, worker_id=worker_id, actor=actor, reason=reason, at=turn.now_at
        )
    )


def _nobody(turn: Turn, posting_id: str) -> None:
    spec = turn.state.postings[posting_id].spec
    exceptions.raise_exception(
        turn, UNFILLED, posting_id, exceptions.COORDINATOR, dong=spec.dong, area_id=spec.area_id, detail=spec.programme_id
    )


def _find(turn: Turn, command_id: str, posting_id: str, event: PostingEvent) -> PostingRecord | None:
    if command_id in turn.state.commands:
        return None
    posting = turn.state.postings.get(posting_id)
    if posting is None:
        turn.settle(command_id, "refused", code=Refusal.UNKNOWN_POSTING)
        return None
    if next_posting_state(posting.state, event) is None:
        turn.settle(command_id, "refused", code=Refusal.POSTING_CLOSED)
        return None
    return posting


def assign_posting(turn: Turn, command: AssignPosting) -> None:
    """A coordinator names who goes."""
    posting = _find(turn, command.command_id, command.posting_id, PostingEvent.ASSIGNED)
    if posting is None:
        return
    worker = turn.state.workers.get(command.worker_id)
    if worker is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_WORKER)
        return
    broken = unable(turn, posting.spec, rule_of(turn, posting.spec.programme_id), worker)
    if broken:
        turn.settle(command.command_id, "refused", code=Refusal.WORKER_NOT_ABLE, rules=broken)
        return
    assign(turn, command.posting_id, command.worker_id, turn.received.actor)
    turn.settle(command.command_id, "accepted")


def end_posting(turn: Turn, command: EndPosting) -> None:
    """It ends before its time, or does not begin at all."""
    under_way = getattr(turn.state.postings.get(command.posting_id), "state", None) is PostingState.UNDER_WAY
    event = PostingEvent.ENDED if under_way else PostingEvent.CANCELLED
    if _find(turn, command.command_id, command.posting_id, event) is None:
        return
    end(turn, command.posting_id, event, turn.received.actor, command.reason)
    turn.settle(command.command_id, "accepted")


def end(turn: Turn, posting_id: str, event: PostingEvent, actor: str, reason: str) -> None:
    """The worker is in the pool again, and days that nobody spent there are given back."""
    posting = turn.state.postings[posting_id]
    begun_at, worker_id = posting.begun_at, posting.worker_id
    change(turn, posting_id, event, worker_id, actor, reason)
    exceptions.settle_if_open(turn, UNFILLED, posting_id)
    if begun_at is None:
        _book(turn, posting_id, 0)
    else:
        _book(turn, posting_id, days_of(begun_at, min(turn.now_at, posting.spec.until_at)))
    turn.dirty()


def _book(turn: Turn, posting_id: str, days: int) -> None:
    programme_id = turn.state.postings[posting_id].spec.programme_id
    krw, equipment = posting_use(rule_of(turn, programme_id), days)
    due = difference(turn.state, programme_id, "posting", posting_id, krw, equipment)
    if due is not None:
        turn.emit(due)
        tell_if_used_up(turn, programme_id)


def posting_due(turn: Turn, posting_id: str) -> None:
    """It begins, or its days are over."""
    posting = turn.state.postings[posting_id]
    over = turn.now_at >= posting.spec.until_at
    if posting.state is PostingState.ASSIGNED:
        change(turn, posting_id, PostingEvent.BEGUN, posting.worker_id)
    elif posting.state is PostingState.UNDER_WAY and over:
        end(turn, posting_id, PostingEvent.ENDED, CORE, "days_over")
    elif posting.state is PostingState.WAITING and over:
        end(turn, posting_id, PostingEvent.CANCELLED, CORE, "nobody_found")
        _nobody(turn, posting_id)  # the days are over, and nobody was there: that stays somebody's to answer for
    elif posting.state is PostingState.WAITING:
        turn.emit(d.DeadlineSet(key=f"posting:{posting_id}", at=posting.spec.until_at))


def worker_lost(turn: Turn, worker_id: str) -> None:
    """A posted worker cannot go on: somebody else goes, or the coordinator looks."""
    posting_id = turn.state.workers[worker_id].posting_id
    if not posting_id:
        return
    change(turn, posting_id, PostingEvent.LOST, worker_id, reason="worker_dropped_out")
    spec = turn.state.postings[posting_id].spec
    other = find_able(turn, spec, rule_of(turn, spec.programme_id))
    if other:
        assign(turn, posting_id, other, CORE)
    else:
        _nobody(turn, posting_id)


def settle_unfilled(turn: Turn, posting_id: str, outcome: str) -> None:
    """A person has dealt with a posting that nobody was found for."""
    posting = turn.state.postings.get(posting_id)
    if posting is not None and outcome == "cancelled_with_recipient" and posting.state is PostingState.WAITING:
        end(turn, posting_id, PostingEvent.CANCELLED, turn.received.actor, "with_recipient")
