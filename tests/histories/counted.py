"""How much was played, and what was reached; printed at the end of the run."""

from collections import Counter

histories = 0
steps = 0
inputs = 0
reached: Counter[str] = Counter()
"""Types of decisions, and states of the talk between districts ("asker confirmed"), by how often they came about."""


def now() -> tuple[int, int, int]:
    """Histories, steps and inputs so far."""
    return histories, steps, inputs
