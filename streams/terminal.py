"""What a terminal is told in: Korean or English, by `DOLBOM_LANG`, else by the locale; and argparse's own words in Korean.

Standard library only, and parsable by old Pythons: set-up speaks before there is an environment.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Mapping
from typing import NoReturn


def language(environ: Mapping[str, str] | None = None) -> str:
    """ "ko" or "en": what `DOLBOM_LANG` says, else "ko" when the locale is Korean, else "en"."""
    env = os.environ if environ is None else environ
    said = env.get("DOLBOM_LANG", "").lower()
    if said[:2] in ("ko", "en"):
        return said[:2]
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "ko" if locale.lower().startswith("ko") else "en"


def say(ko: str, en: str) -> str:
    """The sentence in the user's language."""
    return ko if language() == "ko" else en


HELP_IN_KOREAN = (
    ("usage: ", "사용법: "),
    ("positional arguments:", "쓸 것:"),
    ("options:", "선택 사항:"),
    ("show this help message and exit", "이 도움말을 보여 줍니다"),
)
ERRORS_IN_KOREAN = (  # of argparse, 3.11 to 3.14
    (r"^argument (\S+): ", r"\1: "),
    (r"the following arguments are required: (.+)$", r"빠진 것이 있습니다: \1"),
    (r"unrecognized arguments: (.+)$", r"모르는 말입니다: \1"),
    (r"one of the arguments (.+) is required$", r"하나는 있어야 합니다: \1"),
    (r"not allowed with argument (.+)$", r"\1와 함께 쓸 수 없습니다"),
    (r"invalid choice: (.+) \(choose from (.+)\)$", r"\1은(는) 고를 수 없습니다. 고를 수 있는 것: \2"),
    (r"invalid \w+ value: (.+)$", r"\1은(는) 쓸 수 없는 값입니다"),
    (r"expected at least one argument$", "값이 하나 이상 있어야 합니다"),
    (r"expected (?:one|at most one) argument$", "값이 하나 있어야 합니다"),
    (r"expected (\d+) arguments?$", r"값이 \1개 있어야 합니다"),
    (r"ambiguous option: (\S+) could match (.+)$", r"\1은(는) 여럿일 수 있습니다: \2"),
    (r"ignored explicit argument (.+)$", r"값을 받지 않습니다: \1"),
)


class Parser(argparse.ArgumentParser):
    """An argument parser whose own words are in the user's language too; its subparsers are such parsers as well."""

    def format_usage(self) -> str:
        return _in_korean(super().format_usage()) if language() == "ko" else super().format_usage()

    def format_help(self) -> str:
        return _in_korean(super().format_help()) if language() == "ko" else super().format_help()

    def error(self, message: str) -> NoReturn:
        if language() != "ko":
            super().error(message)
        for pattern, korean in ERRORS_IN_KOREAN:
            message = re.sub(pattern, korean, message)
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}\n")


def _in_korean(text: str) -> str:
    for english, korean in HELP_IN_KOREAN:
        text = text.replace(english, korean, 1)
    return text
