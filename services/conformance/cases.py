"""What an endpoint has to pass: each case is one or two requests and the answers that are right (Standard Webhooks 1.0).

Nobody in the bodies is real. An endpoint that acts on them acts on visits that it cannot know: ids begin with `check-`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

TOLERANCE_S = 300  # Standard Webhooks 1.0: a timestamp further off is refused
HUGE_BYTES = 900_000  # our own door takes 1 MB; a receiver may say 413, but must say something
SLOW_PIECES = 5


class Sent(NamedTuple):
    """One request as it goes out. `pieces` > 1: the body comes in that many pieces, a pause between them."""

    headers: dict[str, str]
    body: bytes
    pieces: int = 1


@dataclass(frozen=True)
class Case:
    """`wanted`: accepted (2xx), refused (400, 401 or 403: never 2xx) or alive (2xx, 408 or 413: an answer, not a crash)."""

    name: str
    ko: str
    en: str
    wanted: str
    requests: tuple[Sent, ...]
    remedy_ko: str
    remedy_en: str


@dataclass
class Script:
    """Makes requests of one run: `run` keeps ids of different runs apart, `now_s` is the wall clock."""

    secret: str
    run: str
    now_s: int
    _count: int = field(default=0)

    def next_id(self) -> str:
        self._count += 1
        return f"check-{self.run}-{self._count}"

    def signed(
        self, body: bytes, *, webhook_id: str = "", at_s: int | None = None, secret: str = "", signature: str = "",
        pieces: int = 1,
    ) -> Sent:  # fmt: skip
        """A request signed as the standard says, unless `signature` puts something else in its place."""
        id_, at = webhook_id or self.next_id(), str(self.now_s if at_s is None else at_s)
        own = signature or signature_of(secret or self.secret, id_, at, body)
        headers = {
            "content-type": "application/json", "user-agent": "dolbom-dispatch-check", "webhook-id": id_,
            "webhook-timestamp": at, "webhook-signature": own,
        }  # fmt: skip
        return Sent(headers, body, pieces)


def signature_of(secret: str, webhook_id: str, at: str, body: bytes) -> str:
    """`v1,` and the base64 HMAC-SHA256 over id, time and raw body. Raises ValueError on a secret that is none."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    signed = b".".join((webhook_id.encode(), at.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def body_of(type_: str, data: dict[str, Any], now_s: int) -> bytes:
    at = datetime.fromtimestamp(now_s, UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": type_, "timestamp": at, "data": data}, ensure_ascii=False).encode()


def day_of(script: Script) -> dict[str, bytes]:
    """One body of each type that we send, in the order of a visit's life."""
    visit, worker, offer = f"check-{script.run}-visit", "check-worker", f"check-{script.run}-offer"
    at = datetime.fromtimestamp(script.now_s, UTC).isoformat().replace("+00:00", "Z")
    place = {"x": 126.909, "y": 37.556}
    shown = {
        "visit_id": visit, "service": "meal_support", "meal_kind": "hot_lunch", "dong": "1144066000", "area_id": "check",
        "place": place, "window_start_at": at, "window_end_at": at, "due_at": at, "service_duration_s": 240,
        "kitchen_id": "check-kitchen", "ready_at": at, "boxes": 1, "tasks": [],
    }  # fmt: skip
    stops = [{"visit_id": visit, "kind": "visit", "begin_at": at, "place": place}]
    remedy = {"ko": "앞 단계 보고가 먼저 필요합니다.", "en": "An earlier report is missing."}
    bodies: dict[str, dict[str, Any]] = {
        "offer.made": {
            "offer_id": offer, "kind": "single", "organisation": "check", "worker_id": worker, "begin_at": at,
            "expires_at": at, "fee_krw": 3500, "first_wins": False, "by_call": False, "district": "11440", "visits": [shown],
        },
        "offer.reminder": {"offer_id": offer, "worker_id": worker, "expires_at": at},
        "offer.settled": {
            "offer_id": offer, "outcome": "accepted", "worker_id": worker, "visit_ids": [visit], "reason": "",
            "declined_visit_ids": [visit],
        },
        "visit.assigned": {"worker_id": worker, **shown, "kitchen_place": place, "person": None},
        "route.changed": {"worker_id": worker, "stops": stops},
        "visit.access": {"visit_id": visit, "worker_id": worker, "door_code": ""},
        "doorstep.instruction": {"visit_id": visit, "worker_id": worker, "instruction": "return_to_kitchen"},
        "observation.answered": {
            "report_id": "check-report", "visit_id": visit, "worker_id": worker, "observation": "box_untouched",
            "outcome": "visited_well",
        },
        "worker.asked": {"worker_id": worker, "visit_ids": [visit], "why": "silent", "answer_by_at": at},
        "meal.wanted": {
            "visit_id": visit, "kitchen_id": "check-kitchen", "instead_of": "check-other", "meal_kind": "hot_lunch", "boxes": 1,
            "ready_at": at, "why": "provider_failed",
        },
        "posting.assigned": {
            "posting_id": "check-posting", "worker_id": worker, "programme_id": "crisis", "dong": "1144066000", "from_at": at,
            "until_at": at, "person": None,
        },
        "posting.over": {"posting_id": "check-posting", "worker_id": worker, "outcome": "ended", "reason": "days_over"},
        "endpoint.disabled": {"organisation": "check", "endpoint": "main", "reason": "failing"},
        "need.opened": {
            "visit_id": visit, "rung": "district", "price_krw": 1000, "district": "11440",
            "need": {
                "service": "temporary_home_care", "dong": "1144066000", "window_start_at": at, "window_end_at": at, "due_at": at,
                "service_duration_s": 3600, "priority": 2, "required_skills": [], "gender": "", "tasks": [],
            },
        },
        "claim.made": {
            "claim_id": f"check-{script.run}-claim", "visit_id": visit, "worker_id": worker, "rung": "district",
            "price_krw": 1000, "expires_at": at,
        },
        "claim.settled": {
            "claim_id": f"check-{script.run}-claim", "visit_id": visit, "worker_id": worker, "outcome": "confirmed", "reason": "",
        },
        "need.closed": {"visit_id": visit, "reason": "accepted"},
        "report.refused": {"report_id": "check-report", "code": "out_of_order", "subject": visit, "remedy": remedy},
        "visit.released": {"visit_id": visit, "worker_id": worker, "reason": "recipient_asked"},
    }  # fmt: skip
    return {type_: body_of(type_, data, script.now_s) for type_, data in bodies.items()}


def cases(script: Script) -> Iterator[Case]:
    """All cases, in the order in which they are played."""
    bodies = day_of(script)
    for make in (_the_day, _forged, _order_and_repeats, _size_and_pace):
        yield from make(script, bodies)


def _the_day(script: Script, bodies: dict[str, bytes]) -> Iterator[Case]:
    for type_, body in bodies.items():
        yield Case(
            type_, f"{type_} 수신", f"takes {type_}", "accepted", (script.signed(body),),
            "서명이 맞는 알림에는 10초 안에 2xx로 답하세요.", "Answer a webhook whose signature is right with 2xx within 10 s.",
        )  # fmt: skip
    unknown = body_of("check.unknown", {"anything": True}, script.now_s)
    yield Case(
        "unknown type", "모르는 종류는 받고 지나침", "takes a type it does not know", "accepted", (script.signed(unknown),),
        "새 종류가 생겨도 멈추지 않게, 모르는 종류에도 2xx로 답하세요.", "Answer 2xx to types you do not know: new ones will come.",
    )  # fmt: skip
    richer = json.loads(bodies["visit.released"])
    richer["data"]["a_later_field"] = [1, 2, 3]
    yield Case(
        "unknown field", "모르는 항목은 무시", "takes a field it does not know", "accepted",
        (script.signed(json.dumps(richer).encode()),),
        "모르는 항목은 무시하고 2xx로 답하세요.", "Ignore fields you do not know and answer 2xx.",
    )  # fmt: skip


def _forged(script: Script, bodies: dict[str, bytes]) -> Iterator[Case]:
    body = bodies["visit.released"]
    other = "whsec_" + base64.b64encode(hashlib.sha256(script.run.encode()).digest()).decode()
    good = script.signed(body)
    signature = good.headers["webhook-signature"]
    at = str(script.now_s)
    moved = {**good.headers, "webhook-id": script.next_id()}
    bare = {name: value for name, value in good.headers.items() if not name.startswith("webhook-")}
    last = "A" if signature[-2] != "A" else "B"
    wrong: dict[str, tuple[Sent, str, str]] = {
        "no signature": (Sent(bare, body), "서명 없는 알림", "a webhook without a signature"),
        "another secret": (script.signed(body, secret=other), "다른 비밀키로 서명", "signed with another secret"),
        "changed body": (Sent(good.headers, body[:-9] + b"x" + body[-8:]), "서명 뒤 바뀐 본문", "a body changed after signing"),
        "added byte": (Sent(good.headers, body + b" "), "본문 뒤 한 바이트", "one byte more than was signed"),
        "moved to another id": (Sent(moved, body), "다른 번호에 옮긴 서명", "a signature moved to another webhook-id"),
        "one letter off": (
            script.signed(body, signature=signature[:-2] + last + signature[-1]), "한 글자 다른 서명", "a signature one letter off",
        ),
        "no base64": (script.signed(body, signature="v1,???"), "base64가 아닌 서명", "a signature that is no base64"),
        "another version": (script.signed(body, signature="v9," + signature[3:]), "모르는 서명 버전", "an unknown version alone"),
        "old": (script.signed(body, at_s=script.now_s - 2 * TOLERANCE_S), "10분 전 알림", "a timestamp of ten minutes ago"),
        "from the future": (script.signed(body, at_s=script.now_s + 2 * TOLERANCE_S), "10분 뒤 알림", "one of ten minutes ahead"),
        "time that is none": (
            Sent({**good.headers, "webhook-timestamp": f"{at}x"}, body), "시각이 아닌 시각", "a timestamp that is none",
        ),
    }  # fmt: skip
    for name, (sent, ko, en) in wrong.items():
        yield Case(
            name, f"{ko} 거절", f"refuses {en}", "refused", (sent,),
            "원문 바이트로 서명을 확인하고 401(또는 400, 403)로 거절하세요.",
            "Verify the signature over the raw bytes and refuse with 401 (or 400, 403).",
        )  # fmt: skip


def _order_and_repeats(script: Script, bodies: dict[str, bytes]) -> Iterator[Case]:
    again = script.signed(bodies["offer.settled"])
    yield Case(
        "repeated", "같은 알림이 두 번", "takes the same webhook twice", "accepted", (again, again),
        "같은 webhook-id가 다시 오면 일은 한 번만 하고 2xx로 답하세요.",
        "Do the work once, and answer a repeated webhook-id with 2xx.",
    )  # fmt: skip
    turned = tuple(script.signed(bodies[type_]) for type_ in ("visit.released", "route.changed", "visit.assigned", "offer.made"))
    yield Case(
        "reordered", "순서가 뒤바뀐 알림", "takes webhooks in the wrong order", "accepted", turned,
        "순서를 믿지 말고, 아직 모르는 건의 알림에도 2xx로 답하세요.",
        "Do not count on order; answer 2xx for visits not heard of yet.",
    )  # fmt: skip
    first = script.signed(bodies["offer.made"])
    both = {**first.headers, "webhook-signature": f"v1,{'A' * 43}= {first.headers['webhook-signature']}"}
    yield Case(
        "two signatures", "비밀키 교체 중의 두 서명", "takes one right signature of two", "accepted", (Sent(both, first.body),),
        "서명이 여럿이면 하나만 맞아도 받으세요(비밀키 교체).", "Accept when any one of several signatures is right (rotation).",
    )  # fmt: skip


def _size_and_pace(script: Script, bodies: dict[str, bytes]) -> Iterator[Case]:
    huge = body_of("check.huge", {"filler": "가" * (HUGE_BYTES // 3)}, script.now_s)
    yield Case(
        "huge", "900kB 알림에도 답함", "answers a body of 900 kB", "alive", (script.signed(huge),),
        "큰 알림은 받거나 413으로 답하세요. 멈추면 안 됩니다.", "Take a large body or answer 413; do not hang or crash.",
    )  # fmt: skip
    yield Case(
        "slow", "천천히 오는 알림에도 답함", "answers a body that comes slowly", "alive",
        (script.signed(bodies["route.changed"], pieces=SLOW_PIECES),),
        "천천히 오는 본문을 기다리거나 408로 답하세요.", "Wait for a body that comes slowly, or answer 408.",
    )  # fmt: skip
    yield Case(
        "still there", "그 뒤에도 정상 수신", "still takes a good one after all that", "accepted",
        (script.signed(bodies["offer.made"]),),
        "나쁜 알림 뒤에도 계속 받아야 합니다.", "Keep taking webhooks after bad ones.",
    )  # fmt: skip


RIGHT: dict[str, Callable[[int], bool]] = {
    "accepted": lambda status: 200 <= status < 300,
    "refused": lambda status: status in (400, 401, 403),
    "alive": lambda status: 200 <= status < 300 or status in (408, 413),
}
"""Which statuses are right for what is wanted. A redirect is never right: our sender does not follow it."""
