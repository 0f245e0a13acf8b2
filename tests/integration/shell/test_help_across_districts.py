"""Mapo asks Seodaemun for help on the real broker, two dispatchers for two districts; one is killed in the middle of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from streams import topics
from streams.contracts import codec
from streams.contracts.decisions import VisitState
from streams.contracts.district import DistrictConfig, OtherDistrict, Place, Service
from streams.contracts.envelope import seal
from streams.contracts.inputs import ConfigureDistrict, Payload, RequestVisit, SettleClaim
from streams.core.between_districts import AskState, GuestState
from streams.core.chain import REAL_CORE
from streams.core.state import DistrictState
from tests.integration.shell.events import MAPO, PARTITION, SEODAEMUN
from tests.neighbours import district, nobody_works
from tests.stack import Stores, fold, read, send, wait_until

pytestmark = pytest.mark.broker


def today(made: DistrictConfig, now_at: datetime) -> DistrictConfig:
    """The small district with its shifts around the wall clock's now: that is the clock of these processes."""
    workers = tuple(
        replace(one, shift_start_at=now_at - timedelta(hours=1), shift_end_at=now_at + timedelta(hours=9)) for one in made.workers
    )
    return replace(made, workers=workers, service_date=now_at.date().isoformat())


def command(stores: Stores, code: str, payload: Payload, topic: str = topics.COMMANDS, copies: int = 1) -> None:
    name = getattr(payload, "command_id", "")
    raw = codec.encode(seal(payload, id=name, district=code, actor="coordinator", at=datetime.now(UTC)))
    send(stores.stack.bootstrap, topic, PARTITION[code], [raw] * copies)


def state_of(stores: Stores, code: str) -> DistrictState:
    found: Any = fold(stores.stack.bootstrap, PARTITION[code], REAL_CORE)[0].districts.get(code)
    return found if found is not None else DistrictState(district=code)


def test_a_dispatcher_is_killed_in_the_middle_of_a_hand_over(stores: Stores, folder: Path, tmp_path: Path) -> None:
    now_at = datetime.now(UTC).replace(microsecond=0)
    quick = {"rung_wait_s": 1, "urgent_rung_wait_s": 1, "help_retry_s": 2}
    mapo = nobody_works(district(MAPO, (OtherDistrict(district=SEODAEMUN, region="서북권"),), **quick))
    seodaemun = district(SEODAEMUN, (OtherDistrict(district=MAPO, region="서북권", offer_at_once=True),), **quick)
    real = "streams.agents.worker"
    stores.worker("desk", folder, real)
    stores.worker("messenger", folder, real)
    pair = [stores.worker("dispatcher", tmp_path / name, real) for name in ("first", "second")]
    for code, made in ((MAPO, mapo), (SEODAEMUN, seodaemun)):
        command(stores, code, ConfigureDistrict(command_id=f"configure-{code}", config=today(made, now_at)))
    wait_until(lambda: all(state_of(stores, code).config is not None for code in PARTITION), "both are configured")
    begin_at = now_at + timedelta(hours=3)
    wanted = RequestVisit(
        command_id="file", visit_id="care-1", reference="care-1", body_hash="x", recipient_id="R-0153",
        service=Service.TEMPORARY_HOME_CARE, dong="1144000001", place=Place(0.0, 500.0), window_start_at=begin_at,
        window_end_at=begin_at + timedelta(hours=2), due_at=begin_at + timedelta(hours=2), service_duration_s=1800,
    )  # fmt: skip
    command(stores, MAPO, wanted, topics.REQUESTS_EMERGENCY)

    def reserved() -> bool:
        return any(one.state == GuestState.RESERVED for one in state_of(stores, SEODAEMUN).guests.values())

    wait_until(lambda: reserved() and bool(state_of(stores, MAPO).claims), "Seodaemun keeps somebody free, and Mapo has heard")
    for worker in pair:
        worker.kill()  # whichever has Mapo, and whichever has Seodaemun: nothing of the two is in memory any more
    (claim_id,) = state_of(stores, MAPO).claims
    messages = [record.value or b"" for record in read(stores.stack.bootstrap, topics.DISTRICT_MESSAGES, PARTITION[MAPO])]
    send(stores.stack.bootstrap, topics.DISTRICT_MESSAGES, PARTITION[MAPO], messages)  # and what was said comes again
    command(stores, MAPO, SettleClaim(command_id="yes", claim_id=claim_id, outcome="confirmed"), copies=2)
    for worker in pair:
        worker.start()
    wait_until(
        lambda: any(one.state == AskState.CONFIRMED for one in state_of(stores, MAPO).asks.values()), "it is confirmed"
    )
    home, there = state_of(stores, MAPO), state_of(stores, SEODAEMUN)
    (visit,), (guest,) = home.visits.values(), there.visits.values()
    assert (visit.state, visit.worker_ids, guest.guest_of) == (VisitState.ACCEPTED, [], MAPO)
    assert guest.state in (VisitState.PLANNED, VisitState.OFFERED, VisitState.ACCEPTED)
    assert guest.spec.recipient_id == "R-0153"
    assert visit.supplied is not None
    assert visit.supplied.supplier == f"district:{SEODAEMUN}"
    said = b"".join(record.value or b"" for record in read(stores.stack.bootstrap, topics.DISTRICT_MESSAGES, PARTITION[SEODAEMUN]))
    assert said.index(b"R-0153") > said.index(b'"asked"')
