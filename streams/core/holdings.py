"""Credentials and grants with their versions: two people who set the same one anew must not overwrite each other unseen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from streams.contracts import decisions as d
from streams.contracts.eligibility import Credential
from streams.contracts.holdings import CredentialRow, GrantRow, RecipientGrants, WorkerHoldings
from streams.contracts.intake import Authorisation, CareAuthorised
from streams.core.state import DistrictState, WorkerRecord

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


def touched(decisions: Iterable[Decision]) -> tuple[set[str], set[str]]:
    """(workers, recipients) of whom something on record may have changed."""
    workers: set[str] = set()
    recipients: set[str] = set()
    for decision in decisions:
        match decision:
            case d.CredentialChanged(worker_id=worker_id):
                workers.add(worker_id)
            case d.DistrictConfigured(config=config):
                workers.update(profile.worker_id for profile in config.workers if profile.credentials)
            case CareAuthorised(recipient_id=recipient_id):
                recipients.add(recipient_id)
            case _:
                pass
    return workers, recipients


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
