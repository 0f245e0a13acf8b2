"""What the commands share: the user's language, and failing with one sentence."""

from __future__ import annotations

import os
from collections.abc import Mapping


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
