"""The operator and the public health centre (보건소) of a sample day: a crisis programme is opened, a posting asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from services.sample_day.messages import Message, written

if TYPE_CHECKING:
    from services.sample_day.day import Day, Trouble

CRISIS_KINDS = ("programme_on", "posting")
OPEN_DAYS = 30  # an opened programme is for a month; a longer emergency opens it again
STOCK_EACH = 200  # of every item that the programme uses
NOTICE_S = 5400  # from asking to moving in


def crisis_message(day: Day, trouble: Trouble, now: datetime) -> list[Message]:
    """What the operator or the health centre sends; nothing where the day has no such programme or recipient."""
    return _programme_on(day, trouble) if trouble.kind == "programme_on" else _posting(day, trouble, now)


def _programme_on(day: Day, trouble: Trouble) -> list[Message]:
    programme = next((one for one in day.config.programmes if one.programme_id == trouble.subject), None)
    if programme is None:
        return []
    posting = programme.posting.day_equipment if programme.posting is not None else {}
    from_date = date.fromisoformat(day.config.service_date)
    body = {
        "district": day.config.district, "from_date": from_date.isoformat(),
        "until_date": (from_date + timedelta(days=OPEN_DAYS)).isoformat(), "budget_krw": trouble.amount,
        "stock": dict.fromkeys(sorted({*programme.visit_equipment, *posting}), STOCK_EACH),
    }  # fmt: skip
    return [Message("programme_on", f"on-{trouble.subject}", "operator", body, actor="operator", subject=trouble.subject)]


def _posting(day: Day, trouble: Trouble, now: datetime) -> list[Message]:
    programme = next((one for one in day.config.programmes if one.switched and one.posting is not None), None)
    dong = next((one.body["dong"] for one in day.visits if one.body["recipient_id"] == trouble.subject), None)
    if programme is None or dong is None:
        return []
    from_at = now + timedelta(seconds=NOTICE_S)
    body = {
        "district": day.config.district, "reference": f"PO-{trouble.subject}", "programme_id": programme.programme_id,
        "recipient_id": trouble.subject, "dong": dong, "asked_by": "public_health_centre", "from_at": written(from_at),
        "until_at": written(from_at + timedelta(days=max(1, trouble.amount))),
    }  # fmt: skip
    return [Message("posting", f"posting-{trouble.subject}", "health_centre", body, actor="coordinator", subject=trouble.subject)]
