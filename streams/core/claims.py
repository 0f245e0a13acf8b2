"""Claims (연계 수임): a need that has climbed is seen by the providers of its rung, and one of them takes it upon itself.

A claim holds the need for a while. A pre-approved pair is confirmed at once, any other by the coordinator; declined, expired
or withdrawn it leaves the need open again. Whose need it is, is told when the claim is confirmed, not before.
"""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

import routing
from streams.contracts import decisions as d
from streams.contracts.decisions import VisitEvent, VisitState
from streams.contracts.district import RungName
from streams.contracts.inputs import ClaimNeed, SettleClaim, WorkerReported
from streams.contracts.refusals import Refusal
from streams.core import asks, exceptions, guests, rungs
from streams.core.actors import CORE
from streams.core.as_routing import routing_visit
from streams.core.between_districts import DISTRICT_PREFIX
from streams.core.eligibility import excluded
from streams.core.holding import TO_CONFIRM, find_open_claim, settle_claim, withdraw_claim
from streams.core.overrule import hard_rules
from streams.core.placing import find_room, place, place_or_wait
from streams.core.state import ClaimRecord, VisitRecord
from streams.core.turn import Turn

OWN_TO_BREAK = {routing.Rule.AREA.value, routing.Rule.EXCLUDED.value}
"""Who claims comes from another area knowingly, and may have declined before; a recipient's exclusion stays (`_unwanted`)."""


def open_need(turn: Turn, visit_id: str) -> None:
    """Show a waiting need to the providers of its rung who have somebody for it; the responsible enterprise comes first."""
    visit = turn.state.visits[visit_id]
    rung = rungs.rung_at(turn, visit.rung)
    if visit.state is not VisitState.WAITING or visit.held_by or visit.guest_of or visit.spec.worker_count > 1 or not rung.claims:
        return
    unseen = [one for one in _providers(turn, visit) if one not in visit.open_to]
    first = rungs.enterprise(turn, visit)
    if rung.enterprise_first_s and first in unseen and not visit.open_to:
        if len(unseen) > 1:
            turn.alarm(f"open:{visit_id}", rung.enterprise_first_s)
        unseen = [first]
    if unseen:
        _show(turn, visit, unseen)


def _show(turn: Turn, visit: VisitRecord, organisations: list[str]) -> None:
    rung = rungs.rung_at(turn, visit.rung)
    turn.emit(
        d.NeedOpened(
            visit_id=visit.spec.visit_id, rung=rung.name.value, organisations=tuple(organisations), price_krw=rung.price_krw,
            at=turn.now_at,
        )
    )  # fmt: skip


def _providers(turn: Turn, visit: VisitRecord) -> list[str]:
    """Organisations of the rung with a worker who is able, in the order of the configuration."""
    rung, state = rungs.rung_at(turn, visit.rung), turn.state
    enterprise = rungs.enterprise(turn, visit)
    able: set[str] = set()
    for worker_id, worker in state.workers.items():
        organisation = worker.profile.organisation
        near = rung.name is not RungName.LIVING_AREA or worker.profile.area_id == visit.spec.area_id or organisation == enterprise
        if organisation not in able and near and not _barred_rules(turn, visit, worker_id):
            able.add(organisation)
    return [p.provider_id for p in turn.config.providers if p.provider_id in able and rungs.may_help(turn, p.provider_id, visit)]


def _barred_rules(turn: Turn, visit: VisitRecord, worker_id: str) -> tuple[str, ...]:
    """Hard rules that stay in the way of a claim with this worker."""
    broken = tuple(rule for rule in hard_rules(turn, visit, worker_id) if rule not in OWN_TO_BREAK)
    return (*broken, routing.Rule.EXCLUDED.value) if worker_id in _unwanted(turn, visit) else broken


def _unwanted(turn: Turn, visit: VisitRecord) -> frozenset[str]:
    """Workers excluded for good: not those who only declined, and now think otherwise."""
    return excluded(turn.state, structs.replace(visit, declined_ids=[]))


def claimed(turn: Turn, report: WorkerReported) -> None:
    """A provider claims by its own system."""
    organisation = turn.received.organisation
    for visit_id in report.visit_ids:
        code = claim(turn, visit_id, organisation, report.worker_id)
        if code is not None:
            turn.refuse_report(report.report_id, code, visit_id)


def claim_need(turn: Turn, command: ClaimNeed) -> None:
    """A coordinator records a claim that came by telephone."""
    if command.command_id in turn.state.commands:
        return
    visit = turn.state.visits.get(command.visit_id)
    mine = find_open_claim(turn, visit) if visit else None
    if mine is not None and mine.made.organisation == command.organisation:
        turn.settle(command.command_id, "duplicate", command.visit_id)
        return
    code = claim(turn, command.visit_id, command.organisation, command.worker_id)
    turn.settle(command.command_id, "refused" if code else "accepted", command.visit_id, code)


def claim(turn: Turn, visit_id: str, organisation: str, worker_id: str) -> Refusal | None:
    """Take a need for an organisation; why not, when it cannot be."""
    state = turn.state
    if visit_id in state.guests:
        return guests.claim_guest(turn, visit_id, organisation, worker_id)
    visit = state.visits.get(visit_id)
    if visit is None:
        return Refusal.UNKNOWN_VISIT
    held = find_open_claim(turn, visit)
    if held is not None and held.made.organisation == organisation:
        return None  # the same claim again
    if visit.held_by:
        return Refusal.CLAIMED_BY_OTHER
    if visit.state is not VisitState.WAITING or organisation not in visit.open_to:
        return Refusal.NEED_NOT_OPEN
    found = _choose(turn, visit, organisation, worker_id)
    if isinstance(found, Refusal):
        return found
    make_claim(turn, visit, organisation, found, claim_id=f"{state.district}-c{state.totals.claims + 1}")
    return None


def make_claim(turn: Turn, visit: VisitRecord, organisation: str, worker_id: str, claim_id: str) -> None:
    """The need is held for this organisation (or district); confirmed at once where that was agreed before."""
    rung, visit_id = rungs.rung_at(turn, visit.rung), visit.spec.visit_id
    turn.emit(
        d.ClaimMade(
            claim_id=claim_id, visit_id=visit_id, organisation=organisation, worker_id=worker_id, rung=rung.name.value,
            price_krw=rungs.price_krw(turn, organisation, visit), expires_at=turn.after(rung.claim_expiry_s), at=turn.now_at,
        )
    )  # fmt: skip
    if rungs.is_pre_approved(turn, organisation, visit):
        confirm(turn, turn.state.claims[claim_id], by="pre_approved")
    else:
        due_s = max(60, rung.claim_expiry_s // 2)
        exceptions.raise_about(turn, TO_CONFIRM, visit_id, exceptions.COORDINATOR, detail=claim_id, due_s=due_s)


def _choose(turn: Turn, visit: VisitRecord, organisation: str, worker_id: str) -> str | Refusal:
    """Whom the organisation sends: the one it names, or the one of its own who can be there at the least cost."""
    workers = turn.state.workers
    if worker_id:
        worker = workers.get(worker_id)
        if worker is None or worker.profile.organisation != organisation:
            return Refusal.NOT_YOUR_WORKER
        candidates = [worker_id]
    else:
        candidates = sorted(w for w, record in workers.items() if record.profile.organisation == organisation)
    able = [one for one in candidates if not _barred_rules(turn, visit, one)]
    if not able:
        return Refusal.WORKER_NOT_ABLE
    runtime = turn.state.runtime
    runtime.catch_up()
    wanted = replace(
        routing_visit(turn.state, visit), pinned_worker_ids=frozenset(able), excluded_worker_ids=_unwanted(turn, visit),
        allowed_area_prices={workers[one].profile.area_id: 0 for one in able},
    )  # fmt: skip
    found = find_room(turn, wanted)
    return Refusal.NO_WORKER_FREE if found is None else found.routes[0].worker_id


def confirm(turn: Turn, claim: ClaimRecord, by: str) -> bool:
    """The claim stands: its worker has the visit, or the other district is told whose it is."""
    made = claim.made
    settle_claim(turn, claim, "confirmed", by=by)
    if made.organisation.startswith(DISTRICT_PREFIX):
        asks.accept(turn, made.claim_id)
        return True
    if not place(turn, made.visit_id, only_worker_id=made.worker_id, named=True):
        place_or_wait(turn, made.visit_id)  # somebody of theirs was free when they said so, and is not now
        return False
    turn.change(
        made.visit_id, VisitEvent.ACCEPTED, actor=f"organisation:{made.organisation}", worker_id=made.worker_id, reason="claimed"
    )
    exceptions.settle_if_open(turn, "unserved", made.visit_id)
    return True


def end_claim(turn: Turn, claim: ClaimRecord, outcome: str, *, by: str, reason: str = "") -> None:
    """Declined, expired or withdrawn: the need is open again, for the next offer of a district or for everybody."""
    made = claim.made
    settle_claim(turn, claim, outcome, by=by, reason=reason)
    if made.organisation.startswith(DISTRICT_PREFIX):
        asks.release(turn, made.claim_id)
    reopen(turn, made.visit_id)


def reopen(turn: Turn, visit_id: str) -> None:
    """Nobody holds the need any more: the plan, the next district that has offered, or whoever may claim it."""
    visit = turn.state.visits[visit_id]
    if visit.state is not VisitState.WAITING or visit.held_by:
        return
    if place(turn, visit_id):
        return
    waiting = asks.find_offered(turn, visit)
    if waiting is not None:
        make_claim(turn, visit, f"{DISTRICT_PREFIX}{waiting.asked.district}", "", claim_id=waiting.asked.ask_id)
        return
    if visit.open_to:
        _show(turn, visit, visit.open_to)


def expire(turn: Turn, claim_id: str) -> None:
    """Nobody confirmed it in time."""
    claim = turn.state.claims[claim_id]
    if not claim.outcome:
        end_claim(turn, claim, "expired", by=CORE, reason="not_confirmed_in_time")


def claim_withdrawn(turn: Turn, report: WorkerReported) -> None:
    """A provider takes its claim back while nobody has confirmed it."""
    for visit_id in report.visit_ids:
        visit = turn.state.visits.get(visit_id)
        claim = find_open_claim(turn, visit) if visit else None
        if claim is None or claim.made.organisation != turn.received.organisation:
            turn.refuse_report(report.report_id, Refusal.UNKNOWN_CLAIM, visit_id)
        else:
            end_claim(turn, claim, "withdrawn", by=f"organisation:{claim.made.organisation}", reason=report.reason)


def answer(turn: Turn, claim_id: str, outcome: str, by: str) -> None:
    """What a person says to an open claim."""
    claim = turn.state.claims[claim_id]
    if claim.outcome:
        return
    if outcome == "confirmed":
        confirm(turn, claim, by)
    else:
        end_claim(turn, claim, "declined", by=by)


def settle(turn: Turn, command: SettleClaim) -> None:
    """A coordinator confirms or declines a claim; a district that has the visit already is asked to let it go."""
    if command.command_id in turn.state.commands:
        return
    claim = turn.state.claims.get(command.claim_id)
    if claim is None:
        turn.settle(command.command_id, "refused", code=Refusal.UNKNOWN_CLAIM)
        return
    visit_id = claim.made.visit_id
    if not claim.outcome:
        exception_id = exceptions.find_open(turn, TO_CONFIRM, visit_id, command.claim_id)
        if exception_id is not None:
            exceptions.settle_exception(turn, exception_id, command.outcome, turn.received.actor)
        answer(turn, command.claim_id, command.outcome, turn.received.actor)
        turn.settle(command.command_id, "accepted", visit_id)
    elif claim.outcome == command.outcome:
        turn.settle(command.command_id, "duplicate", visit_id)
    elif asks.take_back(turn, command.claim_id):
        turn.settle(command.command_id, "accepted", visit_id)
    else:
        turn.settle(command.command_id, "refused", visit_id, Refusal.ALREADY_CLOSED)


def visit_moved(turn: Turn, change: d.VisitChanged) -> None:
    """What a visit's step means for those who see the need, who claim it, and the record of who supplied it."""
    visit = turn.state.visits[change.visit_id]
    if visit.state is VisitState.WAITING:
        return
    if visit.claim_id:
        withdraw_claim(turn, visit, reason=change.event.value)
    if visit.open_to:
        turn.emit(
            d.NeedClosed(visit_id=change.visit_id, organisations=tuple(visit.open_to), reason=change.event.value, at=turn.now_at)
        )
    if change.event in (VisitEvent.ACCEPTED, VisitEvent.HELPED) and visit.state is VisitState.ACCEPTED and visit.rung > 0:
        _record_supply(turn, visit, change)


def _record_supply(turn: Turn, visit: VisitRecord, change: d.VisitChanged) -> None:
    claim = turn.state.claims.get(visit.claim_id)
    made = claim.made if claim is not None and claim.outcome == "confirmed" else None
    if change.event is not VisitEvent.HELPED and made is not None and made.worker_id != change.worker_id:
        made = None  # an earlier claim, of somebody who could not go in the end
    if made is not None:
        rung, supplier, price_krw = made.rung, made.organisation, made.price_krw
    elif change.event is VisitEvent.HELPED:
        rung, supplier = rungs.rung_at(turn, visit.rung).name.value, change.actor
        price_krw = rungs.price_krw(turn, supplier, visit)
    else:
        profile = turn.state.workers[change.worker_id].profile
        rung, supplier = rungs.rung_of_area(turn, visit, profile.area_id), profile.organisation
        price_krw = rungs.price_krw(turn, supplier, visit, rung)
    since_at = visit.waiting_since_at or visit.spec.at
    turn.emit(
        d.NeedSupplied(
            visit_id=change.visit_id, rung=rung, supplier=supplier, price_krw=price_krw, at=turn.now_at,
            after_s=max(0, int((turn.now_at - since_at).total_seconds())),
        )
    )  # fmt: skip
