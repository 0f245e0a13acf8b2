"""Names of the board's Redis keys and fields: the one place, for who writes them and for who reads them.

Imports nothing of the core, so that the API process may use it (documented in streams/contracts/board.py).
"""

from __future__ import annotations

COUNTERS = "counters"
LEDGER = "ledger"
DISTRICT = "district"
POSITION = "position"
BUILDING = "building"  # in its place while the board is built again from the log: half a board is none

LIVE_FRAMES_KEPT = 5000  # about an hour of a busy day: who was away longer gets a snapshot


def board_key(district: str) -> str:
    return f"dolbom:board:{district}"


def story_key(visit_id: str) -> str:
    return f"dolbom:story:{visit_id}"


def command_key(command_id: str) -> str:
    return f"dolbom:command:{command_id}"


def live_key(district: str) -> str:
    return f"dolbom:live:{district}"


def visit_field(visit_id: str) -> str:
    return f"v:{visit_id}"


def worker_field(worker_id: str) -> str:
    return f"w:{worker_id}"


def exception_field(exception_id: str) -> str:
    return f"x:{exception_id}"


def need_field(need_id: str) -> str:
    return f"n:{need_id}"


def offer_field(offer_id: str) -> str:
    return f"o:{offer_id}"


def holdings_field(worker_id: str) -> str:
    return f"c:{worker_id}"


def grants_field(recipient_id: str) -> str:
    return f"g:{recipient_id}"


def kept_from_recipient_field(recipient_id: str) -> str:
    return f"er:{recipient_id}"


def kept_from_worker_field(worker_id: str) -> str:
    return f"ew:{worker_id}"


def issues_field(programme_id: str) -> str:
    return f"i:{programme_id}"
