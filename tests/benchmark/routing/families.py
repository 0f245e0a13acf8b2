"""The families of instances that a file may be of, by the FORMAT that `make bench-solve` is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tests.benchmark.routing.instances.verdict import Answer, Loaded, Verdict

FAMILIES = ("lilim", "homberger", "hhcrsp")


@dataclass(frozen=True)
class Family:
    """`load` makes our problem of a file (BadFile, OSError); `verify` judges an answer on the raw file alone."""

    load: Callable[[Path], Loaded]
    verify: Callable[[Path, Answer], Verdict]


def family(name: str) -> Family:
    """Raises KeyError for a name that is not in FAMILIES."""
    if name not in FAMILIES:
        raise KeyError(name)
    module = import_module(f"tests.benchmark.routing.instances.{name}")
    return Family(module.load, module.verify)
