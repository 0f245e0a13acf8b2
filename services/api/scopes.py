"""What of a board a limited caller sees, field by field and frame by frame. What is not known here is not shown."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from services.api.callers import Caller
from streams.adapters import board_keys as keys
from streams.contracts import board as b, codec
from streams.contracts.decisions import LedgerClass, VisitState
from streams.contracts.district import DistrictConfig


def limited_fields(caller: Caller, fields: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """The fields of a district's board (the district is in scope) that the caller sees, counters counted anew."""
    if caller.scope.is_whole_districts:
        return fields
    return View(caller).take(fields)


def limited_config(caller: Caller, raw: bytes) -> bytes:
    """The district's configuration: areas, dongs and names as they are; of the workers only one's own."""
    if caller.scope.is_whole_districts:
        return raw
    scope, config = caller.scope, codec.decode(raw, DistrictConfig)
    own = tuple(
        worker for worker in config.workers
        if (scope.organisation and worker.organisation == scope.organisation)
        or (not scope.organisation and worker.area_id in scope.areas)
    )  # fmt: skip
    return codec.encode(msgspec.structs.replace(config, workers=own))


@dataclass
class View:
    """One limited caller's board. `take` begins anew; `narrow` follows frame by frame."""

    caller: Caller
    lost: bool = False  # a visit left the scope: what is shown has to be drawn anew
    _visits: dict[str, b.VisitRow] = field(default_factory=dict)
    _workers: set[str] = field(default_factory=set)
    _open: set[str] = field(default_factory=set)

    def take(self, fields: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """The fields of a whole board -> those in scope."""
        self.lost = False
        self._visits, self._workers, self._open = {}, set(), set()
        kept = {name: fields[name] for name in (keys.POSITION.encode(),) if name in fields}
        if (config := fields.get(keys.DISTRICT.encode())) is not None:
            kept[keys.DISTRICT.encode()] = limited_config(self.caller, config)
        rows = _split(fields)
        kept |= {name: raw for name, raw in rows[b"v"].items() if self._see_visit(codec.decode(raw, b.VisitRow))}
        for name, raw in rows[b"w"].items():
            if (worker := self._see_worker(codec.decode(raw, b.WorkerRow))) is not None:
                kept[name] = codec.encode(worker)
        kept |= {name: raw for name, raw in rows[b"x"].items() if self._see_exception(codec.decode(raw, b.ExceptionRow))}
        for name, raw in rows[b"o"].items():
            if self.caller.sees_offer(codec.decode(raw, b.OfferRow), self._visits.keys()):
                kept[name] = raw
        kept |= {name: raw for name, raw in rows[b"n"].items() if self.caller.sees_need(codec.decode(raw, b.UnmetNeedRow))}
        kept[keys.COUNTERS.encode()] = codec.encode(self.counters())
        return kept

    def narrow(self, raw: bytes) -> bytes | None:
        """A frame -> what of it is in scope; None when nothing is."""
        frame = codec.decode(raw, b.Frame)
        visits = tuple(row for row in frame.visits if self._see_visit(row))
        workers = tuple(seen for row in frame.workers if (seen := self._see_worker(row)) is not None)
        exceptions = tuple(row for row in frame.exceptions if self._see_exception(row))
        offers = tuple(row for row in frame.offers if self.caller.sees_offer(row, self._visits.keys()))
        needs = tuple(row for row in frame.unmet_needs if self.caller.sees_need(row))
        if not (visits or workers or exceptions or offers or needs):
            return None
        return codec.encode(
            b.Frame(
                id=frame.id, district=frame.district, now_at=frame.now_at, visits=visits, workers=workers,
                exceptions=exceptions, offers=offers, unmet_needs=needs, counters=self.counters(),
            )
        )  # fmt: skip

    def sees_worker(self, worker_id: str) -> bool:
        return worker_id in self._workers

    def recipients(self) -> set[str]:
        """Of visits that are a reason to know them."""
        return {row.recipient_id for row in self._visits.values() if self.caller.sees_person_of(row)}

    def counters(self) -> b.Counters:
        """Counted over what is seen: they add up for whoever sees it."""
        by_state = dict.fromkeys((state.value for state in VisitState), 0)
        by_class = dict.fromkeys((class_.value for class_ in LedgerClass), 0)
        by_area: dict[str, dict[str, int]] = {}
        for row in self._visits.values():
            by_state[row.state] = by_state.get(row.state, 0) + 1
            by_class[row.ledger_class] = by_class.get(row.ledger_class, 0) + 1
            area = by_area.setdefault(row.area_id, {})
            area[row.state] = area.get(row.state, 0) + 1
        return b.Counters(
            visits=len(self._visits), by_state=by_state, by_class=by_class, by_area=by_area, open_exceptions=len(self._open)
        )

    def _see_visit(self, row: b.VisitRow) -> bool:
        if self.caller.sees_visit(row):
            self._visits[row.visit_id] = row
            return True
        if self._visits.pop(row.visit_id, None) is not None:
            self.lost = True
        return False

    def _see_worker(self, row: b.WorkerRow) -> b.WorkerRow | None:
        """With the stops at one's own visits only. Whoever leaves is told of once more, without stops."""
        stops = tuple(stop for stop in row.stops if stop.visit_id in self._visits)
        if self.caller.sees_worker(row, self._visits.keys()):
            self._workers.add(row.worker_id)
            if not self.caller.sees_week_of(row):
                row = msgspec.structs.replace(row, week=b.WeekRow(), rests=())
            return msgspec.structs.replace(row, stops=stops)
        if row.worker_id in self._workers:
            self._workers.discard(row.worker_id)
            return msgspec.structs.replace(row, stops=(), week=b.WeekRow(), rests=())
        return None

    def _see_exception(self, row: b.ExceptionRow) -> bool:
        if not self.caller.sees_exception(row, self._visits.keys()):
            return False
        (self._open.discard if row.settled else self._open.add)(row.exception_id)
        return True


def _split(fields: dict[bytes, bytes]) -> dict[bytes, dict[bytes, bytes]]:
    """Rows by the letter of their kind; kinds that are not known here are left out."""
    rows: dict[bytes, dict[bytes, bytes]] = {kind: {} for kind in (b"v", b"w", b"x", b"o", b"n")}
    for name, raw in fields.items():
        kind, colon, _ = name.partition(b":")
        if colon and kind in rows:
            rows[kind][name] = raw
    return rows
