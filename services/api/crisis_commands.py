"""Bodies about crisis programmes as the commands that they are."""

from __future__ import annotations

from services.api.identifiers import command_id_of, visit_id_of
from services.api.models_care import PostingBody, SwitchOnBody
from streams.contracts.inputs import RequestPosting, SwitchOnProgramme


def switch_on_of(programme_id: str, body: SwitchOnBody, actor: str, key: str) -> SwitchOnProgramme:
    """The same body of the same actor is the same command; another `key` (idempotency) makes it another."""
    stock = dict(sorted(body.stock.items()))
    told = f"{actor}/{body.from_date}/{body.until_date}/{body.budget_krw}/{list(stock.items())}/{key}"
    return SwitchOnProgramme(
        command_id=command_id_of(programme_id, "SwitchOnProgramme", told), programme_id=programme_id, from_date=body.from_date,
        until_date=body.until_date, budget_krw=body.budget_krw, stock=stock,
    )  # fmt: skip


def posting_of(body: PostingBody, actor: str, key: str) -> RequestPosting:
    """The same key or `reference` of the same actor is the same posting."""
    posting_id = visit_id_of(actor, body.district, f"posting/{key or body.reference}")
    return RequestPosting(
        command_id=command_id_of(posting_id, "RequestPosting", f"{actor}/{body.model_dump_json()}"), posting_id=posting_id,
        programme_id=body.programme_id, recipient_id=body.recipient_id, dong=body.dong, asked_by=body.asked_by,
        from_at=body.from_at, until_at=body.until_at, gender=body.gender, worker_id=body.worker_id,
    )  # fmt: skip
