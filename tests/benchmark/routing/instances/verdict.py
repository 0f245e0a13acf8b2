"""What every family of instances says about a file, a plan and an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routing import Plan, Problem

Answer = dict[str, Any]  # "routes": lists of the file's own numbers or ids, "unassigned", and what else the family tells


class BadFile(ValueError):
    """The file is not of the family it was said to be. One line."""


@dataclass(frozen=True)
class Loaded:
    """A file as our problem, and the way back: a plan in the file's own numbers. `cost_of` turns our price into the
    file's unit of cost."""

    problem: Problem
    answer: Callable[[Plan], Answer]
    cost_of: Callable[[float], float] = float


@dataclass(frozen=True)
class Verdict:
    """An answer judged on the raw file alone. No faults: all rules are kept."""

    cost: float
    vehicles: int
    faults: tuple[str, ...] = ()
