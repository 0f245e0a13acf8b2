"""What bodies of requests are made of: strict, frozen, unknown fields refused; ids that are no telephone numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.api.identifiers import ID_PATTERN, is_phone
from streams.contracts.refusals import Refusal


def is_no_phone(value: str) -> str:
    """A validator for ids and codes."""
    if is_phone(value):
        raise PydanticCustomError(Refusal.WRONG_FIELD, "looks like a phone number; use a number of your own")
    return value


Id = Annotated[str, Field(strict=True, pattern=ID_PATTERN), AfterValidator(is_no_phone)]


class Body(BaseModel):
    """Base of all bodies."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
