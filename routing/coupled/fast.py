"""How the coupled search is compiled: without counting references to its arrays.

The search hands some forty arrays from function to function; counting who holds them took most of the time. The caller
holds them for the whole search, so nothing is lost by not counting. Nothing here may make an array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from routing.kernel import jit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile on first use, cached on disk; plain Python without numba. No fast maths: the last bit counts."""
    return _made(function, cache=True, nogil=True, error_model="numpy", _nrt=False)


def inlined(function: Function) -> Function:
    """The same, as part of each caller: for small functions that are called for every place tried."""
    return _made(function, inline="always", error_model="numpy", _nrt=False)


def _made(function: Function, **options: Any) -> Function:
    if not jit.HAS_NUMBA:
        return function
    import numba

    # As `jit.compiled`: one function is built into another across files, so every state of the sources has its own folder.
    config: Any = numba.config
    before, config.CACHE_DIR = config.CACHE_DIR, jit._CACHE
    try:
        made: Function = numba.njit(**options)(function)
    finally:
        config.CACHE_DIR = before
    return made
