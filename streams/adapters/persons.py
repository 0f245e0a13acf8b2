"""People in the clear, as the registry seals them."""

from __future__ import annotations

from typing import Literal

import msgspec

PersonKind = Literal["recipient", "worker"]
CHANNELS = ("kakao", "sms", "voice")
"""KakaoTalk notification (알림톡), SMS, a voice that reads it out: in the order tried where nothing else is wished."""


class Kin(msgspec.Struct, frozen=True):
    name: str
    phone: str
    notify: bool = False  # is told what the recipient is told
    channels: tuple[str, ...] = CHANNELS
    language: str = ""  # theirs; "" for the recipient's


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient in the clear: never into logs, topics or Redis. `erased`: every text is "erased"."""

    recipient_id: str
    name: str
    phone: str = ""
    address: str = ""
    door_code: str = ""
    note: str = ""
    kin: tuple[Kin, ...] = ()
    language: str = "ko"  # ko or en
    notice_channels: tuple[str, ...] = CHANNELS  # in the order in which they are tried; none: does not wish to be told
    quiet_from: str = ""  # "HH:MM" in Seoul: quiet hours of their own; "": the district's
    quiet_until: str = ""
    erased: bool = False


class WorkerPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A worker's name and phone in the clear; the same care as for `Person`."""

    worker_id: str
    name: str
    phone: str = ""
    erased: bool = False
