"""Open offers by what they are about: derived from the state, so that no question goes through all of a day's offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.contracts.decisions import OfferMade
    from streams.core.state import DistrictState


class OfferIndex:
    """Ids of open offers, each list in the order in which they were made."""

    def __init__(self, state: DistrictState) -> None:
        self._lists: dict[tuple[str, str], dict[str, None]] = {}
        for offer in state.offers.values():
            if not offer.outcome:
                self.add(offer.made)

    def add(self, made: OfferMade) -> None:
        for key in _keys(made):
            self._lists.setdefault(key, {})[made.offer_id] = None

    def remove(self, made: OfferMade) -> None:
        for key in _keys(made):
            ids = self._lists.get(key)
            if ids is not None:
                ids.pop(made.offer_id, None)
                if not ids:
                    del self._lists[key]

    def about(self, visit_id: str) -> list[str]:
        """Open offers with this visit in them."""
        return list(self._lists.get(("visit", visit_id), ()))

    def of_worker(self, worker_id: str) -> list[str]:
        """Open offers on a rider's phone; a provider's slots are its desk's."""
        return list(self._lists.get(("worker", worker_id), ()))

    def of_desk(self, organisation: str) -> list[str]:
        """Open slots at a provider's desk."""
        return list(self._lists.get(("desk", organisation), ()))

    def of_group(self, group_id: str) -> list[str]:
        """Those asked at once who have not answered."""
        return list(self._lists.get(("group", group_id), ())) if group_id else []


def _keys(made: OfferMade) -> list[tuple[str, str]]:
    keys = [("visit", visit_id) for visit_id in made.visit_ids]
    keys.append(("desk", made.organisation) if made.kind == "slot" else ("worker", made.worker_id))
    if made.group_id:
        keys.append(("group", made.group_id))
    return keys
