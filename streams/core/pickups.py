"""What is picked up before it comes to a door: meals at kitchens, errands and parcels at shops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from streams.contracts.district import BROUGHT, Kitchen, Service

if TYPE_CHECKING:
    from streams.contracts.decisions import VisitRequested
    from streams.contracts.inputs import RequestVisit

KINDS: dict[Service, Literal["errand", "parcel"]] = {Service.ERRAND: "errand", Service.LOCAL_PARCEL: "parcel"}
"""Kinds of visits, as routing calls them."""


def is_meal(spec: VisitRequested | RequestVisit) -> bool:
    """Something that a kitchen cooks."""
    return bool(spec.kitchen_id) and spec.service not in BROUGHT


def closes_s(kitchen: Kitchen) -> float:
    """The last second at which something is had there; no end of a kitchen."""
    return kitchen.shop.closes_at.timestamp() if kitchen.shop else float("inf")


def boxes_of(spec: VisitRequested) -> int:
    """Room that it takes in the rider's box: an errand is carried by hand, unless it is said to be more than one box."""
    return 0 if spec.service is Service.ERRAND and spec.boxes <= 1 else spec.boxes
