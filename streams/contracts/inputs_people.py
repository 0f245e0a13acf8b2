"""What people command about recipients, workers, programmes and postings (see `inputs`)."""

from __future__ import annotations

from datetime import datetime

from streams.contracts.intake import Authorisation
from streams.contracts.payload import Payload


class ReportConcern(Payload, frozen=True, kw_only=True):
    """A neighbour, a gatekeeper or kin is worried about somebody: the dong's care manager has it, with a deadline.
    `observation` is one of the policy's observation codes; `source`: neighbour, gatekeeper, kin, other."""

    command_id: str
    concern_id: str
    recipient_id: str
    dong: str
    observation: str
    source: str


class RecordEmergencyCall(Payload, frozen=True, kw_only=True):
    """Somebody telephones about a recipient in need: what they answered to the district's yes/no questions
    (`Policy.urgency_questions`). `source`: recipient, kin, neighbour, gatekeeper, worker, other."""

    command_id: str
    recipient_id: str
    dong: str
    answers: dict[str, bool]
    source: str


class RecordIntake(Payload, frozen=True, kw_only=True):
    """Somebody was referred at `received_at`: from then on the time of the care manager's own first visit runs."""

    command_id: str
    recipient_id: str
    dong: str
    received_at: datetime


class RecordFirstVisit(Payload, frozen=True, kw_only=True):
    """The care manager was there, or need not go (`outcome`)."""

    command_id: str
    recipient_id: str
    outcome: str


class AuthoriseCare(Payload, frozen=True, kw_only=True):
    """Hours and money granted for a recipient's care, in place of what was granted for that service before."""

    command_id: str
    recipient_id: str
    granted: Authorisation


class RecordCredential(Payload, frozen=True, kw_only=True):
    """A worker's training, test result or equipment issue, with its validity."""

    command_id: str
    worker_id: str
    code: str
    issued_at: datetime
    valid_until_at: datetime


class WithdrawCredential(Payload, frozen=True, kw_only=True):
    """It counts no more, from now on."""

    command_id: str
    worker_id: str
    code: str
    reason: str


class ExcludePair(Payload, frozen=True, kw_only=True):
    """This worker and this recipient are not to meet; `by` (recipient or worker) said so."""

    command_id: str
    recipient_id: str
    worker_id: str
    by: str
    reason: str


class LiftExclusion(Payload, frozen=True, kw_only=True):
    command_id: str
    recipient_id: str
    worker_id: str


class SwitchOnProgramme(Payload, frozen=True, kw_only=True):
    """An operator switches a crisis programme on for dates (ISO, both included), with a budget and an equipment stock.
    Given again while it is on, it sets dates, budget and stock anew; what is booked stays booked."""

    command_id: str
    programme_id: str
    from_date: str
    until_date: str
    budget_krw: int
    stock: dict[str, int]


class SwitchOffProgramme(Payload, frozen=True, kw_only=True):
    """Nothing new under it; what was promised goes on."""

    command_id: str
    programme_id: str
    reason: str


class IssueEquipment(Payload, frozen=True, kw_only=True):
    """Equipment out of a programme's stock to a worker, who holds it as `credential` until then."""

    command_id: str
    programme_id: str
    worker_id: str
    items: dict[str, int]
    credential: str
    valid_until_at: datetime


class RequestPosting(Payload, frozen=True, kw_only=True):
    """Type 2: a worker moves in with a quarantined recipient from `from_at` to `until_at`. `worker_id`: whom a coordinator
    chose; "" for whoever is able."""

    command_id: str
    posting_id: str
    programme_id: str
    recipient_id: str
    dong: str
    asked_by: str
    from_at: datetime
    until_at: datetime
    gender: str = ""
    worker_id: str = ""


class AssignPosting(Payload, frozen=True, kw_only=True):
    command_id: str
    posting_id: str
    worker_id: str


class EndPosting(Payload, frozen=True, kw_only=True):
    """It ends now (or never begins); days not begun are not spent."""

    command_id: str
    posting_id: str
    reason: str
