"""A place on the district's plane."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Metres east and north of the district's origin."""

    x_m: float
    y_m: float
