"""The ladder as data: which rungs a district has, how long a need waits on each, who is on it, who may help whom, at what price."""

from __future__ import annotations

from collections.abc import Iterator

from streams.contracts.district import HelpPair, OtherDistrict, Rung, RungName, Service
from streams.core.between_districts import DISTRICT_PREFIX
from streams.core.state import VisitRecord
from streams.core.turn import Turn

ELSEWHERE = (RungName.REGION, RungName.CITY)


def rung_at(turn: Turn, number: int) -> Rung:
    """The rung of that number; the highest there is when the ladder has become shorter meanwhile."""
    ladder = turn.policy.ladder
    return ladder[min(number, len(ladder) - 1)]


def next_rung(turn: Turn, number: int) -> int | None:
    """The number of the next rung on which there is anybody; None at the top."""
    ladder = turn.policy.ladder
    for higher in range(number + 1, len(ladder)):
        if ladder[higher].name not in ELSEWHERE or districts_on(turn, ladder[higher].name):
            return higher
    return None


def is_own_top(turn: Turn, number: int) -> bool:
    """Nobody of the district itself is left to look for on a higher rung."""
    ladder = turn.policy.ladder
    return not any(rung.name not in ELSEWHERE for rung in ladder[number + 1 :])


def wait_s(turn: Turn, visit: VisitRecord) -> int:
    """How long the visit waits on its rung."""
    waits, priority = rung_at(turn, visit.rung).wait_s, visit.spec.priority
    if waits:
        return waits[min(max(priority, 1), len(waits)) - 1]
    return turn.policy.urgent_rung_wait_s if priority <= 1 else turn.policy.rung_wait_s


def districts_on(turn: Turn, name: RungName) -> list[OtherDistrict]:
    """The other districts of that rung, in their order: those of our region, or all others."""
    config = turn.config
    named = {one.district for one in config.other_districts}
    plain = [OtherDistrict(district=code, region=config.region) for code in config.helping_districts if code not in named]
    every = [*plain, *config.other_districts]
    return [one for one in every if (one.region == config.region) == (name is RungName.REGION)]


def rung_for(turn: Turn, visit: VisitRecord, area_id: str) -> int | None:
    """The lowest rung, from the visit's on, where workers of that living area may serve it; None where none is."""
    prices = turn.state.runtime.geography.area_prices
    rungs = range(visit.rung, max(visit.rung + 1, len(turn.policy.ladder)))
    return next((rung for rung in rungs if area_id in prices(visit.spec.area_id, rung)), None)


def find_other(turn: Turn, code: str) -> OtherDistrict:
    """What is agreed with another district; nothing when it is not named."""
    for name in ELSEWHERE:
        for one in districts_on(turn, name):
            if one.district == code:
                return one
    return OtherDistrict(district=code)


def _pairs(turn: Turn, helper: str, area_id: str, service: Service) -> Iterator[HelpPair]:
    for pair in turn.config.help_pairs:
        if pair.helper == helper and pair.area_id in ("", area_id) and (not pair.services or service in pair.services):
            yield pair


def may_help(turn: Turn, helper: str, visit: VisitRecord) -> bool:
    return all(pair.may_help for pair in _pairs(turn, helper, visit.spec.area_id, visit.spec.service))


def is_pre_approved(turn: Turn, helper: str, visit: VisitRecord) -> bool:
    """Confirmed at once: a pair that says so, or the responsible enterprise for its own living area."""
    if helper.startswith(DISTRICT_PREFIX):
        return find_other(turn, helper.removeprefix(DISTRICT_PREFIX)).pre_approved
    if helper == enterprise(turn, visit):
        return True
    return any(pair.pre_approved for pair in _pairs(turn, helper, visit.spec.area_id, visit.spec.service))


def price_krw(turn: Turn, helper: str, visit: VisitRecord, rung: str = "") -> int:
    """What the help costs: as the pair says, else as the rung does (the visit's, or the one named)."""
    if helper.startswith(DISTRICT_PREFIX):
        agreed = find_other(turn, helper.removeprefix(DISTRICT_PREFIX)).price_krw
    else:
        pairs = _pairs(turn, helper, visit.spec.area_id, visit.spec.service)
        agreed = next((pair.price_krw for pair in pairs if pair.price_krw is not None), None)
    if agreed is not None:
        return agreed
    named = next((one for one in turn.policy.ladder if one.name == rung), None)
    return (named or rung_at(turn, visit.rung)).price_krw


def rung_of_area(turn: Turn, visit: VisitRecord, area_id: str) -> str:
    """Where on the ladder a worker of that living area stands for this visit."""
    if area_id == visit.spec.area_id:
        return RungName.DONG.value
    area = turn.state.runtime.geography.areas.get(visit.spec.area_id)
    near = area is not None and any(helper.area_id == area_id for helper in area.helpers)
    return (RungName.LIVING_AREA if near else RungName.DISTRICT).value


def enterprise(turn: Turn, visit: VisitRecord) -> str:
    """The responsible enterprise of the visit's living area."""
    area = turn.state.runtime.geography.areas.get(visit.spec.area_id)
    return area.responsible_enterprise if area else ""
