"""Ids come from the sender: the same key from the same sender is the same visit, whoever of our processes takes it."""

from __future__ import annotations

import re
from uuid import UUID, uuid5

NAMESPACE = UUID("6f4b8f0e-3d0a-5c55-9a51-2f6a1f1f9d10")
"""Never change it: ids in the logs were made with it."""

ID_PATTERN = r"^[A-Za-z0-9_.:\-]{1,128}$"  # no Hangul and no spaces: names stay out of the logs
_ID = re.compile(ID_PATTERN)
_PHONE = re.compile(r"(0|\+?82-?0?)1[016789][-. ]?\d{3,4}[-. ]?\d{4}")  # 1144066000 is a dong


def is_id(text: str) -> bool:
    """What may stand in a path as an id."""
    return _ID.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """The one personal datum that people like to use as an id; ids and codes travel through every topic and key."""
    return _PHONE.fullmatch(text) is not None


def visit_id_of(sender: str, district: str, key: str) -> str:
    """`key` is the idempotency key or the reference; a district's log judges its own keys."""
    return str(uuid5(NAMESPACE, f"visit/{sender}/{district}/{key}"))


def command_id_of(subject: str, kind: str, key: str) -> str:
    """`subject` is the visit, exception or district; with another body (`key`) it is another command."""
    return str(uuid5(NAMESPACE, f"command/{subject}/{kind}/{key}"))


def report_envelope_id(organisation: str, report_id: str) -> str:
    return str(uuid5(NAMESPACE, f"report/{organisation}/{report_id}"))


def is_command_id(text: str) -> bool:
    """Whether it can be an id that we gave out."""
    try:
        return UUID(text).version == 5 and str(UUID(text)) == text
    except ValueError:
        return False
