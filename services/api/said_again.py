"""The same words, without a key and without a version: the same command sent again, or a new one?

Within a minute it is the same command, done once: a client sends again what was not answered. Said again later, it is a new one.
What was undone meanwhile is no longer done: whoever has undone it themselves means it anew; after somebody else's undo nobody can
tell, so it is refused (`undone_since`) with what to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Protocol, TypeVar

from fastapi import Request
from redis.exceptions import RedisError

from services.api.doors import Doors
from services.api.identifiers import command_id_of
from services.api.problems import Problem
from services.api.repeats import key_of
from streams.contracts.board import CommandOutcome
from streams.contracts.refusals import Refusal

LATE_S = 20  # so far into a minute the same words of the minute before are a retry
LOOK_S = 0.5  # Redis that is away must not keep a command from being recorded
UNDONE = "undone"
MINUTE = timedelta(minutes=1)


class Identified(Protocol):
    @property
    def command_id(self) -> str: ...


Command = TypeVar("Command", bound=Identified)


async def key_for(doors: Doors, request: Request, actor: str, expected: int | None, id_of: Callable[[str], str]) -> str:
    """What makes a command another one with the same words: the request's key; nothing more where a version is named; else the
    minute in which it was said first. `id_of` names the command by that. In lock-step the world's own ids have to come again, so
    there only the key counts. Raises undone_since."""
    key = key_of(request)
    if key or expected is not None:
        return key
    first = "" if doors.settings.lockstep else await _minute_of(doors, id_of)
    word = first
    for time in count(1):
        found = await find_outcome(doors, id_of(word))
        if found is None or found.outcome != UNDONE:
            return word
        if found.by != actor:
            raise Problem(Refusal.UNDONE_SINCE)
        word = f"{first}/{time}"
    raise AssertionError("count() has no end")


async def _minute_of(doors: Doors, id_of: Callable[[str], str]) -> str:
    """This minute of the service clock, or the last one if the same was said then: a retry does not mind the turn of a minute."""
    now = doors.clock.now()
    this, before = (f"{at:%Y-%m-%dT%H:%M}" for at in (now, now - MINUTE))
    return before if now.second < LATE_S and await is_known(doors, id_of(before)) else this


async def said(
    doors: Doors, request: Request, actor: str, expected: int | None, command_of: Callable[[str], Command]
) -> Command:  # fmt: skip
    """The command of these words; `command_of` makes it from what `key_for` finds."""
    return command_of(await key_for(doors, request, actor, expected, lambda key: command_of(key).command_id))


async def said_id(
    doors: Doors, request: Request, actor: str, subject: str, kind: str, told: str, expected: int | None = None
) -> str:  # fmt: skip
    """The id of a command of this kind about `subject` whose words are `told`; see `key_for`."""

    def id_of(key: str) -> str:
        return command_id_of(subject, kind, f"{told}/{key}")

    return id_of(await key_for(doors, request, actor, expected, id_of))


async def is_known(doors: Doors, command_id: str) -> bool:
    """Whether a command was recorded before, as far as this process and the board can tell."""
    return doors.commanded_by(command_id) is not None or await find_outcome(doors, command_id) is not None


async def find_outcome(doors: Doors, command_id: str) -> CommandOutcome | None:
    """None too while Redis is away."""
    try:
        async with asyncio.timeout(LOOK_S):
            return await doors.outcomes.find(command_id)
    except (RedisError, OSError, TimeoutError):
        return None
