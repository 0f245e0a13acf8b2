"""An input on which the core itself fails, on the real broker: it is set aside and told, and the district goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams import topics
from streams.agents.faults import IN_A_ROW
from streams.agents.worker import open_bytes_vault
from streams.contracts import codec
from streams.contracts.envelope import DecisionsRecord, Envelope
from streams.contracts.inputs import CancelVisit
from streams.core.chain import SET_ASIDE
from streams.dead_letters import list_dead_letters
from streams.replay.verify import verify
from tests.integration.shell.events import MAPO, SEODAEMUN, all_covered, event
from tests.stack import Stores, fold, read, send, wait_until
from tests.toy_core import FAULT, TOY

pytestmark = pytest.mark.broker


def failing(name: str, district: str = MAPO) -> bytes:
    return event(name, district, CancelVisit(command_id=name, visit_id="v", reason=FAULT))


def skipped(bootstrap: str, partition: int) -> list[str]:
    records = read(bootstrap, topics.DECISIONS, partition)
    return [codec.decode(record.value or b"", DecisionsRecord).skipped for record in records]


def test_it_is_set_aside_and_told_and_what_comes_after_it_is_decided(stores: Stores, folder: Path) -> None:
    bootstrap = stores.stack.bootstrap
    stores.worker("desk", folder)
    dispatcher = stores.worker("dispatcher", folder)
    send(bootstrap, topics.COMMANDS, 0, [event("before"), failing("bad"), event("after")])
    send(bootstrap, topics.COMMANDS, 1, [event("elsewhere", SEODAEMUN)])
    wait_until(lambda: all_covered(stores, 0) and all_covered(stores, 1), "all decided")
    wait_until(lambda: fold(bootstrap, 0)[0].districts[MAPO].refused == ["core_fault"], "the operator is told")
    wait_until(lambda: all_covered(stores, 0), "all decided")
    state, _ = fold(bootstrap, 0)
    assert state.districts[MAPO].heard == ["before", "after"]
    assert fold(bootstrap, 1)[0].districts[SEODAEMUN].heard == ["elsewhere"]

    (letter,) = asyncio.run(list_dead_letters(bootstrap, 2))
    assert (letter.topic, letter.offset, letter.code) == (topics.COMMANDS, 1, "core_fault")
    assert "toy_core.py" in letter.detail
    assert FAULT not in letter.detail
    kept = open_bytes_vault(stores.settings(folder, registry_url=f"sqlite:///{folder / 'registry.db'}"))
    raw = kept.load(letter.dead_letter_id)
    assert codec.decode(raw, Envelope).id == "bad"
    assert FAULT not in dispatcher.log_path.read_text()

    journal = [(offset, record.value or b"") for offset, record in enumerate(read(bootstrap, topics.JOURNAL, 0))]
    verdict = verify(0, journal, [record.value or b"" for record in read(bootstrap, topics.DECISIONS, 0)], TOY)
    assert (verdict.divergence, verdict.undecided) == (None, 0)
    assert verdict.decided == verdict.applied == state

    # Started again, it goes on behind it; sent again, it is tried again.
    dispatcher.kill()
    dispatcher.start()
    send(bootstrap, topics.COMMANDS, 0, [event("later"), raw, event("last")])
    wait_until(lambda: len(fold(bootstrap, 0)[0].districts[MAPO].refused) == 2, "told again")
    wait_until(lambda: all_covered(stores, 0), "all decided")
    assert fold(bootstrap, 0)[0].districts[MAPO].heard == ["before", "after", "later", "last"]
    assert skipped(bootstrap, 0).count(SET_ASIDE) == 2


def test_a_version_that_fails_on_everything_ends_and_what_comes_in_waits(stores: Stores, folder: Path) -> None:
    bootstrap = stores.stack.bootstrap
    stores.worker("desk", folder)
    send(bootstrap, topics.COMMANDS, 0, [event("before"), *(failing(f"bad-{n}") for n in range(IN_A_ROW + 2)), event("after")])
    wait_until(lambda: len(read(bootstrap, topics.JOURNAL, 0)) >= IN_A_ROW + 4, "the journal")
    for _ in range(2):  # also when the supervisor starts it again
        worker = stores.worker("dispatcher", folder)
        wait_until(lambda w=worker: w.process is not None and w.process.poll() == 1, "the dispatcher ended with 1")
        state, _ = fold(bootstrap, 0)
        assert state.districts[MAPO].heard == ["before"]
        assert (state.coverage[topics.COMMANDS], state.set_aside_in_a_row) == (IN_A_ROW + 1, IN_A_ROW)
