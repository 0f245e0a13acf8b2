"""`compiled` for the matching of meals: numba's `njit` with its cache on disk, or plain Python where numba is not used.

Unlike the kernel's, what is compiled here may make arrays. numba looks only at a function's own file when it decides
whether what is on the disk is still good, but one function is built into another across files: every state of the
sources has a folder of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from routing.kernel.jit import HAS_NUMBA

Function = TypeVar("Function", bound=Callable[..., Any])
HERE = Path(__file__).parent
SOURCES = ("meal_compiled.py", "meal_facts.py", "meal_runs.py", "meal_search.py", "kernel/rng.py")  # all that is compiled


@cache
def _folder(root: str) -> str:
    found = hashlib.sha256()
    for name in SOURCES:
        found.update((HERE / name).read_bytes())
    kept = Path(root) if root else HERE / "__pycache__"
    return str(kept / f"meals-{found.hexdigest()[:12]}")


def compiled(function: Function) -> Function:
    """Compile on first use. No fast maths: the last bit counts."""
    if not HAS_NUMBA:
        return function
    numba: Any = import_module("numba")
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _folder(before)
    try:
        made: Function = numba.njit(cache=True, nogil=True)(function)
    finally:
        numba.config.CACHE_DIR = before
    return made
