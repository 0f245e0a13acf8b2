"""How much was played; printed at the end of the run."""

histories = 0
steps = 0
inputs = 0


def now() -> tuple[int, int, int]:
    """Histories, steps and inputs so far."""
    return histories, steps, inputs
