"""What is on record of people, as it is read. Credentials and grants have versions: two people who set the same one anew must not
overwrite each other unseen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streams.contracts import decisions as d
from streams.contracts.eligibility import Credential
from streams.contracts.holdings import CredentialRow, ExclusionRow, Exclusions, GrantRow, RecipientGrants, WorkerHoldings
from streams.contracts.intake import Authorisation, CareAuthorised
from streams.core.programme_books import EQUIPMENT, issues_of
from streams.core.state import DistrictState, ExclusionRecord, WorkerRecord

if TYPE_CHECKING:
    from streams.contracts.decisions import Decision


def hold(worker: WorkerRecord, credential: Credential) -> None:
    """In place of what was held of its kind."""
    if worker.credentials.get(credential.code) != credential:
        worker.credential_versions[credential.code] = worker.credential_versions.get(credential.code, 0) + 1
    worker.credentials[credential.code] = credential


def hold_as_listed(worker: WorkerRecord, credential: Credential) -> None:
    """As a configuration lists it: what somebody recorded or withdrew since that was drawn up stays."""
    held = worker.credentials.get(credential.code)
    if held is not None and held.issued_at > credential.issued_at:
        return
    if held is not None and held.issued_at == credential.issued_at and worker.credentials_said.get(credential.code):
        return
    hold(worker, credential)
    worker.credentials_said.pop(credential.code, None)


def grant(state: DistrictState, recipient_id: str, granted: Authorisation) -> None:
    """In place of what was granted for that service; nothing of it takes the limit away."""
    versions = state.grant_versions.setdefault(recipient_id, {})
    versions[granted.service] = versions.get(granted.service, 0) + 1
    of_recipient = state.authorised.setdefault(recipient_id, {})
    if granted.duration_s or granted.budget_krw:
        of_recipient[granted.service] = granted
        return
    of_recipient.pop(granted.service, None)
    if not of_recipient:
        del state.authorised[recipient_id]


def grant_version(state: DistrictState, recipient_id: str, service: str) -> int:
    return state.grant_versions.get(recipient_id, {}).get(service, 0)


@dataclass
class Touched:
    """Of whom what on record may have changed, by id."""

    holders: set[str] = field(default_factory=set)  # workers with credentials
    granted: set[str] = field(default_factory=set)  # recipients
    workers_apart: set[str] = field(default_factory=set)
    recipients_apart: set[str] = field(default_factory=set)
    issued: set[str] = field(default_factory=set)  # programmes


def touched(state: DistrictState, decisions: Iterable[Decision]) -> Touched:
    """What these decisions have to do with it. With a configuration all exclusions and issues are drawn: a board that an
    earlier version has drawn does not have them."""
    found = Touched()
    for decision in decisions:
        match decision:
            case d.CredentialChanged(worker_id=worker_id):
                found.holders.add(worker_id)
            case d.DistrictConfigured(config=config):
                found.holders.update(profile.worker_id for profile in config.workers if profile.credentials)
                found.recipients_apart.update(state.exclusions)
                found.workers_apart.update(worker_id for held in state.exclusions.values() for worker_id in held)
                found.issued.update(one for one in state.programmes if issues_of(state, one).issues)
            case CareAuthorised(recipient_id=recipient_id):
                found.granted.add(recipient_id)
            case d.ProgrammeBooked(programme_id=programme_id, kind=kind) if kind == EQUIPMENT:
                found.issued.add(programme_id)
            case d.PairExcluded() | d.ExclusionLifted():
                found.workers_apart.add(decision.worker_id)
                found.recipients_apart.add(decision.recipient_id)
            case _:
                pass
    return found


def worker_holdings(state: DistrictState, worker_id: str) -> WorkerHoldings:
    worker = state.workers[worker_id]
    rows = (
        CredentialRow(
            code=code, issued_at=held.issued_at, valid_until_at=held.valid_until_at,
            version=worker.credential_versions.get(code, 0),
        )
        for code, held in sorted(worker.credentials.items())
    )  # fmt: skip
    return WorkerHoldings(worker_id=worker_id, credentials=tuple(rows))


def recipient_grants(state: DistrictState, recipient_id: str) -> RecipientGrants:
    """Those that were taken away too: whoever grants anew does it on their version."""
    granted = state.authorised.get(recipient_id, {})
    rows = []
    for service, version in sorted(state.grant_versions.get(recipient_id, {}).items()):
        one = granted.get(service, Authorisation(service=service))
        rows.append(
            GrantRow(
                service=service, from_date=one.from_date, until_date=one.until_date, duration_s=one.duration_s,
                budget_krw=one.budget_krw, visit_price_krw=one.visit_price_krw, hour_price_krw=one.hour_price_krw, version=version,
            )
        )  # fmt: skip
    return RecipientGrants(recipient_id=recipient_id, grants=tuple(rows))


def exclusions_of_recipient(state: DistrictState, recipient_id: str) -> Exclusions:
    """By worker."""
    held = sorted(state.exclusions.get(recipient_id, {}).items())
    return Exclusions(exclusions=tuple(_exclusion_row(recipient_id, worker_id, one) for worker_id, one in held))


def exclusions_of_workers(state: DistrictState, worker_ids: Collection[str]) -> dict[str, Exclusions]:
    """Each worker's, by recipient: one walk for all of them."""
    rows: dict[str, list[ExclusionRow]] = {worker_id: [] for worker_id in sorted(worker_ids)}
    for recipient_id, held in sorted(state.exclusions.items()) if rows else ():
        for worker_id in rows.keys() & held.keys():
            rows[worker_id].append(_exclusion_row(recipient_id, worker_id, held[worker_id]))
    return {worker_id: Exclusions(exclusions=tuple(found)) for worker_id, found in rows.items()}


def _exclusion_row(recipient_id: str, worker_id: str, one: ExclusionRecord) -> ExclusionRow:
    return ExclusionRow(recipient_id=recipient_id, worker_id=worker_id, by=one.by, reason=one.reason, since_at=one.since_at)
