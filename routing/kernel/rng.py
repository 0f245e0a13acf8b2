"""Random numbers that are the same compiled and in Python: xorshift128 (Marsaglia 2003) on 32-bit words in int64."""

from __future__ import annotations

from math import log

import numpy as np

from routing.kernel.jit import compiled, number
from routing.kernel.state import Floats, Ints

WORD = 0xFFFFFFFF
LOGS = 4096  # steps of the table of logarithms
SEE_ALL = number(0)  # the chance, of 2**32, of overlooking a place: none


def seeded(seed: int) -> Ints:
    """A state of four words, none of them all zero, well apart for neighbouring seeds."""
    words = []
    mixed = seed & WORD
    for _ in range(4):  # splitmix on 32 bits
        mixed = (mixed + 0x9E3779B9) & WORD
        one = ((mixed ^ (mixed >> 16)) * 0x21F0AAAD) & WORD
        one = ((one ^ (one >> 15)) * 0x735A2D97) & WORD
        words.append((one ^ (one >> 15)) or 1)
    return np.array(words, dtype=np.int64)


def thresholds() -> Floats:
    """-ln(u) for u in the middle of each of `LOGS` equal steps: how many temperatures worse a plan may be."""
    return np.array([-log((step + 0.5) / LOGS) for step in range(LOGS)])


@compiled
def draw(state: Ints) -> int:
    """A whole number in [0, 2**32)."""
    x = state[0]
    t = x ^ ((x << 11) & WORD)
    w = state[3]
    state[0] = state[1]
    state[1] = state[2]
    state[2] = w
    w = (w ^ (w >> 19)) ^ (t ^ (t >> 8))
    state[3] = w
    drawn: int = w
    return drawn


@compiled
def below(state: Ints, limit: int) -> int:
    """A whole number in [0, limit), for limits below 2**31."""
    return (draw(state) * limit) >> 32


@compiled
def unit(state: Ints) -> float:
    """A number in [0, 1)."""
    return draw(state) * (1.0 / 4294967296.0)
