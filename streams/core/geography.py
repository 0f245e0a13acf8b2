"""The district's places as its configuration gives them, on one plane."""

from __future__ import annotations

import routing
from streams.contracts.district import DistrictConfig, Place, RungName


class Geography:
    """The district's places on one plane: projection, travel, dongs, areas and who may help whom."""

    def __init__(self, config: DistrictConfig) -> None:
        self._plane = config.travel.coordinates == "plane_m"
        centroids = [dong.centroid for dong in config.dongs]
        self._origin = Place(
            sum(c.x for c in centroids) / len(centroids), sum(c.y for c in centroids) / len(centroids)
        ) if centroids else Place(0.0, 0.0)  # fmt: skip
        self._projected: dict[Place, routing.Place] = {}
        travel = config.travel
        self.travel = routing.TravelModel(
            modes={name: routing.Mode(mode.detour, mode.speed_m_per_s * travel.speed_factor, mode.access_s)
                   for name, mode in travel.modes.items()},
            river=tuple(self.project(place) for place in travel.river),
            bridges=tuple((self.project(a), self.project(b)) for a, b in travel.bridges),
        )  # fmt: skip
        self.kitchens = {kitchen.kitchen_id: kitchen for kitchen in config.kitchens}
        self.providers = {provider.provider_id: provider for provider in config.providers}
        self.areas = {area.area_id: area for area in config.areas}
        self.area_of_dong = {code: area.area_id for area in config.areas for code in area.dong_codes}
        self.dongs = {dong.code: dong for dong in config.dongs}
        self.river = tuple(self.project(place) for place in travel.river)
        self._ladder = config.policy.ladder
        self._prices: dict[tuple[str, int], dict[str, int]] = {}

        cells = {dong.code: [self.project(p) for p in dong.cell] for dong in config.dongs if len(dong.cell) >= 3}
        self._map = routing.AreaMap(
            cells=cells, areas={area.area_id: area.dong_codes for area in config.areas}, river=self.river
        ) if cells else None  # fmt: skip
        self._located: dict[Place, routing.Outside | None] = {}

    def find_outside(self, place: Place) -> routing.Outside | None:
        """Why a place is in no dong; None when it is in one, or the district has no cells."""
        if self._map is None:
            return None
        if place not in self._located:
            found = self._map.locate(self.project(place))
            self._located[place] = found if isinstance(found, routing.Outside) else None
        return self._located[place]

    def project(self, place: Place) -> routing.Place:
        """A place on the plane, in metres."""
        found = self._projected.get(place)
        if found is None:
            found = (
                routing.Place(place.x, place.y)
                if self._plane
                else routing.project(place.x, place.y, self._origin.x, self._origin.y)
            )
            if len(self._projected) > 50_000:
                self._projected.clear()
            self._projected[place] = found
        return found

    def area_prices(self, area_id: str, rung: int) -> dict[str, int]:
        """Areas whose workers may serve a visit of `area_id` on this rung, each with its price."""
        key = (area_id, rung)
        if key not in self._prices:
            prices = {area_id: 0}
            helpers = self.areas[area_id].helpers
            name = self._ladder[min(rung, len(self._ladder) - 1)].name
            if name is not RungName.DONG:
                prices |= {helper.area_id: helper.price for helper in helpers}
            if name not in (RungName.DONG, RungName.LIVING_AREA):
                dearest = max((helper.price for helper in helpers), default=600)
                prices |= {other: 2 * dearest for other in self.areas if other not in prices}
            self._prices[key] = prices
        return self._prices[key]
