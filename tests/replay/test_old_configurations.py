"""Version 5 of the core took a changed configuration under the same version number. Its logs are folded as they were decided."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from streams.contracts import codec
from streams.contracts.decisions import CommandSettled, Decision, DistrictConfigured
from streams.contracts.envelope import Envelope, JournalRecord, Source
from streams.contracts.inputs import ConfigureDistrict
from streams.core.apply import advance, apply
from streams.core.chain import DispatchCore, PartitionState, apply_record, decide_raw
from streams.core.state import DistrictState, state_hash
from streams.replay.verify import report, verify
from tests.core_world import CoreWorld


class VersionFive(DispatchCore):
    """What it made of a configuration, whatever its number."""

    @property
    def version(self) -> str:
        return "5"

    def decide(self, state: DistrictState, received: Envelope, recorded_at: datetime) -> list[Decision]:
        command = received.read_payload()
        if not isinstance(command, ConfigureDistrict) or state.config is None:
            return super().decide(state, received, recorded_at)
        made: list[Decision] = [
            DistrictConfigured(config=command.config),
            CommandSettled(command_id=command.command_id, outcome="accepted", visit_id="", code=""),
        ]
        advance(state, recorded_at)
        for one in made:
            apply(state, one)
        return made


def test_a_log_in_which_a_version_number_came_twice_is_folded_as_it_was_decided_and_gone_on_with() -> None:
    world = CoreWorld()
    given = world.state.config
    assert given is not None
    twice, after = replace(given, name_en="Overwritten"), replace(given, version=2, name_en="After")
    world.send(ConfigureDistrict(command_id="twice", config=twice))
    world.send(ConfigureDistrict(command_id="after", config=after), expected_version=1)
    records = [
        JournalRecord(source=Source("commands", 0, offset), recorded_at=at, envelope=envelope)
        for offset, (envelope, at) in enumerate(world.inputs)
    ]
    old, heir = PartitionState(), PartitionState()
    decisions = [decide_raw(old, offset, records[offset], VersionFive())[1] for offset in (0, 1)]
    for raw in decisions:
        assert apply_record(heir, raw) is not None
    folded = heir.districts["11440"].config
    assert folded == twice
    decisions.append(decide_raw(heir, 2, records[2])[1])
    assert heir.districts["11440"].config == after
    found = report([verify(0, [(offset, codec.encode(one)) for offset, one in enumerate(records)], decisions)])
    assert (found["ok"], found["of_other_versions"]) == (True, 2), found["divergence"]
    assert found["replayed_state_hash"] == state_hash(heir.districts["11440"])
