"""Data that could not be read: the bytes are a sealed dead letter, and the operator has it to mend and send again."""

from __future__ import annotations

from streams.contracts.inputs import MalformedReceived
from streams.core import exceptions
from streams.core.turn import Turn

DATA_REJECTED = "data_rejected"
DEAD_LETTERS = "dead_letters"


def data_rejected(turn: Turn, received: MalformedReceived) -> None:
    """One row for each way of being unreadable while it is open: a flood of them is one thing to look at."""
    if turn.state.config is not None:
        exceptions.raise_exception(turn, DATA_REJECTED, DEAD_LETTERS, exceptions.OPERATOR, detail=received.code)
