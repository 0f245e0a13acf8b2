"""What the commands share: the user's language, and failing with one sentence."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class CommandFailed(Exception):
    """Said on stderr as it is; exit code 1."""


def language(environ: Mapping[str, str] | None = None) -> str:
    """ "ko" when the locale is Korean, else "en"."""
    env = os.environ if environ is None else environ
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "ko" if locale.lower().startswith("ko") else "en"


def say(ko: str, en: str) -> str:
    """The sentence in the user's language."""
    return ko if language() == "ko" else en


def run_on_the_log(work: Coroutine[Any, Any, T]) -> T:
    """Run something that reads or writes the broker; that it is away is said in one sentence."""
    from aiokafka.errors import KafkaError

    from streams.adapters.kafka_log import LogUnavailable

    try:
        return asyncio.run(work)
    except (KafkaError, LogUnavailable, TimeoutError) as error:
        raise CommandFailed(
            say(
                "브로커에 연결되지 않습니다. make run으로 시작했는지 확인하세요.",
                f"The broker cannot be reached ({type(error).__name__}). Is the system running (make run)?",
            )
        ) from None
