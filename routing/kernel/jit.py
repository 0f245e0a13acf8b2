"""`compiled`: numba's `njit` with its cache on disk, or nothing at all where numba is absent or DOLBOM_NO_NUMBA is set.

numba looks only at a function's own file when it decides whether what is on the disk is still good. Here one function is
built into another across files, so every state of the sources has a folder of its own.

The kernel keeps to what both understand, and to arithmetic that is the same in both, so the plans are the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])

HAS_NUMBA = False
numba: Any = None
if os.environ.get("DOLBOM_NO_NUMBA", "") in ("", "0"):
    try:
        import numba

        HAS_NUMBA = True
    except ImportError:  # pragma: no cover - numba is a dependency; a machine without it still plans, slowly
        numba = None


KERNEL = Path(__file__).parent


@cache
def _folder_for(package: str) -> str:
    """Where the compiled functions of a package are kept: by its sources and the kernel's, which it may build in."""
    found = hashlib.sha256()
    for folder in sorted({KERNEL, KERNEL.parent / package}):
        for path in sorted(folder.glob("*.py")):
            found.update(path.read_bytes())
    kept = Path(numba.config.CACHE_DIR) if numba.config.CACHE_DIR else KERNEL / "__pycache__"
    return str(kept / f"{package}-{found.hexdigest()[:12]}")


_CACHE = _folder_for("coupled") if HAS_NUMBA else ""


def number(value: int) -> int:
    """A constant to call compiled functions with: a bare one is a type of its own to numba, and whatever is called with it is
    compiled once more for it."""
    return cast("int", np.int64(value))


def compiled(function: Function) -> Function:
    """Compile on first use. No fast maths: the last bit counts. References to arrays are not counted (the caller holds
    them all the while), which took most of the time: nothing compiled here may make an array."""
    if not HAS_NUMBA:
        return function
    folder = _folder_for(function.__module__.split(".")[1])
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, folder
    try:
        made: Function = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    finally:
        numba.config.CACHE_DIR = before
    return made
