"""Who may serve whom, by the district's data: what providers supply on the day, what programmes ask of a worker.

`Rules` is derived from the configuration. `forbidden_by` names the rule that keeps a worker from a visit whatever the
time; routing is given the same rules as skills, credentials and exclusions, so that no plan breaks them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from streams.contracts.decisions import VisitRequested, VisitState
from streams.contracts.district import BROUGHT, DistrictConfig, Provider, Service, WorkerKind, WorkerProfile
from streams.contracts.eligibility import NOT_SENT, Credential, OnLapse, Programme, Requirement, first_filling
from streams.core.begins import begin_of

if TYPE_CHECKING:
    from streams.core.state import DistrictState, VisitRecord, WorkerRecord

MEALS = Service.MEAL_SUPPORT.value
CARRIED = (MEALS, *sorted(service.value for service in BROUGHT))
"""What every rider does whose organisation may supply it."""
NOT_SUPPLIED, NO_SKILL, NO_CREDENTIAL = "service_not_supplied", "skill_missing", "credential_missing"
LAPSED, TOO_OLD, OTHER_GENDER = "credential_lapsed", "credential_too_old", "gender"
EXCLUDED_BY_RECIPIENT, EXCLUDED_BY_WORKER, PUBLIC_ONLY = "excluded_by_recipient", "excluded_by_worker", "public_provider_only"
POSTED = "posted"


class Reason(NamedTuple):
    """A rule of eligibility that forbids, and what it is about: a service, a skill or a credential by its code."""

    rule: str
    about: str = ""


def services_on(provider: Provider, date: str) -> frozenset[str] | None:
    """What a provider may supply on an ISO date; None where nothing is known and so nothing forbidden."""
    if provider.dated_services:
        return frozenset(one.service for one in provider.dated_services if one.is_on(date))
    if provider.services:
        return frozenset(service.value for service in provider.services)
    if provider.centre_type is not None:
        return frozenset(one.service for one in first_filling(provider.centre_type))
    return None


class Rules:
    """The district's rules of eligibility, looked up by id. Derived from one configuration."""

    def __init__(self, config: DistrictConfig) -> None:
        self._supplied = {one.provider_id: services_on(one, config.service_date) for one in config.providers}
        self.programmes = {one.programme_id: one for one in config.programmes}
        private = {one.provider_id for one in config.providers if not one.public}
        self.private_workers = frozenset(one.worker_id for one in config.workers if one.organisation in private)
        riders = (one for one in config.workers if one.kind is WorkerKind.RIDER)
        self.meals_walled = any(not self.may_supply(one.organisation, MEALS) for one in riders)
        self._asked: dict[tuple[str, str], tuple[Requirement, ...]] = {}
        self._blocking: dict[tuple[str, str], dict[str, float]] = {}
        self._ages: dict[str, set[int]] = {}
        self._skills: dict[tuple[str, WorkerKind, tuple[str, ...]], frozenset[str]] = {}
        for programme in config.programmes:
            posting = programme.posting.requires if programme.posting else ()
            for one in (*programme.requires, *posting):
                self._ages.setdefault(one.code, set()).add(one.max_age_s)

    def may_supply(self, provider_id: str, service: str) -> bool:
        """On the service date; an unknown provider is not forbidden anything."""
        known = self._supplied.get(provider_id)
        return known is None or service in known

    def skills(self, profile: WorkerProfile) -> frozenset[str]:
        """A worker's skills without the services that their provider may not supply."""
        key = (profile.organisation, profile.kind, profile.skills)
        if key not in self._skills:
            self._skills[key] = self._allowed_skills(profile)
        return self._skills[key]

    def _allowed_skills(self, profile: WorkerProfile) -> frozenset[str]:
        known = self._supplied.get(profile.organisation)
        services = _SERVICES if known is not None else frozenset[str]()
        mine = frozenset(one for one in profile.skills if one not in services or (known is not None and one in known))
        if profile.kind is not WorkerKind.RIDER:
            return mine
        return mine.union(one for one in CARRIED if self.may_supply(profile.organisation, one))

    def programmes_of(self, spec: VisitRequested) -> Iterator[Programme]:
        """Those that a visit falls under."""
        for programme in self.programmes.values():
            if programme.programme_id == spec.programme or (not programme.switched and spec.service in programme.services):
                yield programme

    def requirements(self, spec: VisitRequested) -> tuple[Requirement, ...]:
        """What its programmes ask of who serves it."""
        key = (spec.service.value, spec.programme)
        if key not in self._asked:
            self._asked[key] = tuple(one for programme in self.programmes_of(spec) for one in programme.requires)
        return self._asked[key]

    def required_credentials(self, spec: VisitRequested) -> Mapping[str, float]:
        """Those without which nobody serves it, each with its greatest age in seconds (0: only the validity counts)."""
        key = (spec.service.value, spec.programme)
        if key not in self._blocking:
            self._blocking[key] = strictest(self.requirements(spec))
        return self._blocking[key]

    def lapses(self, held: Mapping[str, Credential]) -> Iterator[tuple[str, datetime]]:
        """(code, when it stops counting for some programme), of the credentials that any programme asks for."""
        for code, credential in held.items():
            for max_age_s in self._ages.get(code, ()):
                yield code, counts_until(credential, max_age_s)


_SERVICES = frozenset(service.value for service in Service) | NOT_SENT


def strictest(requirements: tuple[Requirement, ...]) -> dict[str, float]:
    """The blocking ones, by code with the smallest greatest age."""
    found: dict[str, float] = {}
    for one in requirements:
        if one.on_lapse is OnLapse.BLOCK:
            ages = [age for age in (found.get(one.code, 0.0), float(one.max_age_s)) if age]
            found[one.code] = min(ages, default=0.0)
    return found


def counts_until(credential: Credential, max_age_s: int) -> datetime:
    """The last instant at which it counts where it may be no older than `max_age_s` (0: any age)."""
    if not max_age_s:
        return credential.valid_until_at
    return min(credential.valid_until_at, credential.issued_at + timedelta(seconds=max_age_s))


def lacking(held: Mapping[str, Credential], wanted: tuple[Requirement, ...], at: datetime, on_lapse: OnLapse) -> Iterator[Reason]:
    """Which of the requirements that block (or warn) somebody does not meet at that instant."""
    for one in wanted:
        credential = held.get(one.code)
        if one.on_lapse is not on_lapse:
            continue
        if credential is None:
            yield Reason(NO_CREDENTIAL, one.code)
        elif at > credential.valid_until_at:
            yield Reason(LAPSED, one.code)
        elif at > counts_until(credential, one.max_age_s):
            yield Reason(TOO_OLD, one.code)


def forbidden_by(state: DistrictState, visit: VisitRecord, worker: WorkerRecord, at: datetime) -> Reason | None:
    """The first rule of eligibility that keeps this worker from this visit beginning at `at`, or None. What a person has
    waived for the worker does not count."""
    waived = frozenset(visit.waived_rules) if visit.pinned_id == worker.profile.worker_id else frozenset[str]()
    return next((reason for rule, reason in _reasons(state, visit, worker, at) if rule not in waived), None)


def _reasons(state: DistrictState, visit: VisitRecord, worker: WorkerRecord, at: datetime) -> Iterator[tuple[str, Reason]]:
    """(routing's rule that a person may waive, the reason)."""
    rules, spec, profile = state.runtime.rules, visit.spec, worker.profile
    if worker.posted_from_at is not None and worker.posted_from_at <= at < state.postings[worker.posting_id].spec.until_at:
        yield POSTED, Reason(POSTED)
    if not rules.may_supply(profile.organisation, spec.service):
        yield "provider", Reason(NOT_SUPPLIED, spec.service.value)
    meal = spec.kitchen_id and spec.service not in BROUGHT
    needed = spec.required_skills if meal else (*spec.required_skills, spec.service.value)
    held = rules.skills(profile)
    for skill in needed:
        if skill not in held:
            yield "skill", Reason(NO_SKILL, skill)
    for lack in lacking(worker.credentials, rules.requirements(spec), at, OnLapse.BLOCK):
        yield ("credential" if lack.rule == NO_CREDENTIAL else "credential_old"), lack
    if spec.gender and spec.gender != profile.gender:
        yield "gender", Reason(OTHER_GENDER, spec.gender)
    kept_apart = state.exclusions.get(spec.recipient_id, {}).get(profile.worker_id)
    if kept_apart is not None or profile.worker_id in spec.excluded_workers:
        by_worker = kept_apart is not None and kept_apart.by == "worker"
        yield "excluded", Reason(EXCLUDED_BY_WORKER if by_worker else EXCLUDED_BY_RECIPIENT)
    if profile.worker_id in kept_away(state, visit):
        yield "public", Reason(PUBLIC_ONLY)


def kept_away(state: DistrictState, visit: VisitRecord) -> frozenset[str]:
    """Workers of private providers, where these have refused a recipient's care too often."""
    refused = state.refusals.get(visit.spec.recipient_id)
    if refused is None or not refused.public_only or visit.spec.kitchen_id:
        return frozenset()
    return state.runtime.rules.private_workers


def excluded(state: DistrictState, visit: VisitRecord) -> frozenset[str]:
    """Everybody who must not serve the visit: by the request, standing exclusions, a decline, a person, avoidance."""
    out = ruled_out(state, visit)
    declined = [worker_id for worker_id in visit.declined_ids if worker_id not in visit.worker_ids]  # who has it said yes after all
    return out.union(declined) if declined else out


def ruled_out(state: DistrictState, visit: VisitRecord) -> frozenset[str]:
    """The same without those who only declined it, and may think better of it."""
    spec = visit.spec
    standing = state.exclusions.get(spec.recipient_id, ())
    named = frozenset((*spec.excluded_workers, *visit.forbidden_ids, *standing))
    away = kept_away(state, visit)
    return named | away if away else named


def warnings(state: DistrictState, visit: VisitRecord, worker_id: str, at: datetime) -> tuple[Reason, ...]:
    """What a programme asks for and only warns about, and this worker does not have."""
    wanted = state.runtime.rules.requirements(visit.spec)
    return tuple(lacking(state.workers[worker_id].credentials, wanted, at, OnLapse.WARN)) if wanted else ()


def forbidden_counts(state: DistrictState, visit: VisitRecord) -> tuple[tuple[Reason, int], ...]:
    """Of those whose trade it is: the first reason that forbids each of them, and how many it does; most first."""
    kinds = {WorkerKind.RIDER if visit.spec.kitchen_id else WorkerKind.CARER}
    if visit.spec.service is Service.ERRAND:
        kinds.add(WorkerKind.CARER)
    counted: Counter[Reason] = Counter()
    for worker_id in sorted(state.workers):
        worker = state.workers[worker_id]
        if worker.profile.kind not in kinds or worker.status == "out":
            continue
        at = begin_of(worker.stops, visit.spec.visit_id) or max(state.now_at, visit.spec.window_start_at)
        reason = forbidden_by(state, visit, worker, at)
        if reason is not None:
            counted[reason] += 1
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


NOT_BEGUN = frozenset({VisitState.PLANNED, VisitState.OFFERED, VisitState.ACCEPTED})
"""Planned for somebody, and not under way."""
