"""Bodies of requests about one recipient's own wishes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.api.models import Body
from streams.contracts.refusals import Refusal

Channels = Annotated[tuple[Literal["kakao", "sms", "voice"], ...], Field(strict=False, max_length=3)]
HourMinute = Annotated[str, Field(strict=True, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["21:00"])]


class KinNoticesBody(Body):
    """Of one of the kin, in the order in which they are stored."""

    notify: bool
    language: Literal["", "ko", "en"] = ""  # "" for the recipient's
    channels: Channels = ("kakao", "sms", "voice")


class NoticesBody(Body):
    """How a recipient wishes to be told. `channels` in the order in which they are tried, none for no notices at all. Quiet
    hours of their own (Seoul) go before the district's; both empty: the district's. `kin`: not said, they stay as they are."""

    channels: Channels = ("kakao", "sms", "voice")
    language: Literal["ko", "en"] = "ko"
    quiet_from: HourMinute | Literal[""] = ""
    quiet_until: HourMinute | Literal[""] = ""
    kin: Annotated[tuple[KinNoticesBody, ...], Field(strict=False, max_length=10)] | None = None

    @model_validator(mode="after")
    def _check_together(self) -> NoticesBody:
        if bool(self.quiet_from) != bool(self.quiet_until):
            raise PydanticCustomError(Refusal.WRONG_FIELD, "quiet_from and quiet_until go together")
        if any(len(set(one)) < len(one) for one in (self.channels, *(kin.channels for kin in self.kin or ()))):
            raise PydanticCustomError(Refusal.WRONG_FIELD, "a channel stands twice")
        return self
