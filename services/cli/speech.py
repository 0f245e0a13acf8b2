"""What the commands share: the user's language, and failing with one sentence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from streams.contracts.refusals import REMEDIES, Refusal
from streams.terminal import language, say

__all__ = ["SEOUL", "CommandFailed", "api_away", "language", "refusal_words", "remedy_for", "run_on_the_log", "say", "seoul"]

T = TypeVar("T")
SEOUL = ZoneInfo("Asia/Seoul")


class CommandFailed(Exception):
    """Said on stderr as it is; exit code 1."""


def remedy_for(code: str) -> str:
    """What to do about a refusal, in the user's language; "" for a code that is none."""
    remedy = REMEDIES.get(Refusal(code)) if code in set(Refusal) else None
    return say(remedy.ko, remedy.en) if remedy else ""


def refusal_words(answer: Mapping[str, Any], otherwise: str = "") -> str:
    """A problem document in one line: its code, what to do in the user's language (`otherwise` when it does not say), and what
    in particular; "" when it says nothing."""
    remedy = (answer.get("remedy") or {}).get(language(), otherwise)
    detail = f" ({answer['detail']})" if answer.get("detail") else ""
    return f"{answer.get('code', '')}: {remedy}{detail}".strip(": ")


def seoul(at: datetime | float) -> str:
    """A time for people, to the second; a float is epoch seconds."""
    moment = at.astimezone(SEOUL) if isinstance(at, datetime) else datetime.fromtimestamp(at, SEOUL)
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def api_away() -> CommandFailed:
    """The API does not answer."""
    return CommandFailed(say("시스템이 응답하지 않습니다. make run으로 시작했는지, --url이 맞는지 확인하세요.",
                             "The system does not answer. Is it running (make run), and is --url right?"))  # fmt: skip


def run_on_the_log(work: Coroutine[Any, Any, T]) -> T:
    """Run something that reads or writes the broker; that it is away is said in one sentence."""
    from aiokafka.errors import KafkaError

    from streams.adapters.kafka_log import LogUnavailable

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the sentence below says it
    try:
        return asyncio.run(work)
    except (KafkaError, LogUnavailable, TimeoutError) as error:
        raise CommandFailed(
            say(
                "브로커에 연결되지 않습니다. make run으로 시작했는지 확인하세요.",
                f"The broker cannot be reached ({type(error).__name__}). Is the system running (make run)?",
            )
        ) from None
