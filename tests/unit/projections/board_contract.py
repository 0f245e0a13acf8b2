"""What every board must do, whatever it keeps its rows in. Subclasses say how to open one and how to look into it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import msgspec

from streams.adapters.story import story_lines
from streams.contracts.board import CommandOutcome, Counters, Frame, Ledger, StoryLine, VisitRow
from streams.contracts.district import DistrictConfig
from tests.core_world import DISTRICT
from tests.unit.projections.feeding import Feed, decisions_of, lively_day, records_of


@cache
def day() -> tuple[bytes, ...]:
    return tuple(records_of(lively_day()))


class BoardContract(ABC):
    """`run` gives a scenario a fresh board."""

    @abstractmethod
    def run(self, scenario: Callable[[Any], Awaitable[None]]) -> None:
        """Run the scenario with one `Looker` over an empty store."""

    def test_the_board_shows_the_state(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board)
            rows = await store.rows(DISTRICT)
            state = feed.ps.districts[DISTRICT]
            visits = [msgspec.json.decode(raw, type=VisitRow) for key, raw in rows.items() if key.startswith("v:")]
            assert {row.visit_id: row.state for row in visits} == {
                visit_id: visit.state.value for visit_id, visit in state.visits.items()
            }
            counters = msgspec.json.decode(rows["counters"], type=Counters)
            assert counters.visits == len(visits) == sum(counters.by_state.values()) == sum(counters.by_class.values())
            ledger = msgspec.json.decode(rows["ledger"], type=Ledger)
            assert (ledger.closed, ledger.unaccounted, ledger.visits) == (True, 0, len(visits))
            assert msgspec.json.decode(rows["district"], type=DistrictConfig) == state.config
            assert {key[2:] for key in rows if key.startswith("w:")} == set(state.workers)
            assert {key[2:] for key in rows if key.startswith("o:")} == set(state.offers)
            assert {key[2:] for key in rows if key.startswith("x:")} == set(state.exceptions)

        self.run(scenario)

    def test_the_board_equals_the_board_rebuilt(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board)
            lived = await store.everything()
            for batch in (1000, 5):
                await store.empty()
                await feed.open(store.board(), batch=batch)
                assert await store.everything() == lived

        self.run(scenario)

    def test_a_board_that_is_closed_goes_on_where_it_was(self) -> None:
        async def scenario(store: Any) -> None:
            feed = Feed(list(day()))
            board = store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board)
            lived = await store.everything()
            await store.empty()
            for end in (9, 9, 23, 50, len(day())):
                again = Feed(list(day()))
                await again.open(store.board(), end=end)
                assert again.fed == end
            assert await store.everything() == lived

        self.run(scenario)

    def test_a_board_that_was_emptied_is_built_again(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board)
            lived = await store.everything()
            await store.empty()
            again = Feed(list(day()))
            await again.open(board, end=20)
            await store.empty()
            await again.hand_over(board)
            assert await store.everything() == lived

        self.run(scenario)

    def test_every_changed_row_is_in_a_frame(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board)
            shown: dict[str, Any] = {}
            numbers = []
            for number, raw in await store.frames(DISTRICT):
                frame = msgspec.json.decode(raw, type=Frame)
                assert frame.id == number
                numbers.append(int(number.partition("-")[0]))
                shown |= {f"v:{row.visit_id}": row for row in frame.visits}
                shown |= {f"w:{row.worker_id}": row for row in frame.workers}
                shown |= {f"x:{row.exception_id}": row for row in frame.exceptions}
                shown |= {f"o:{row.offer_id}": row for row in frame.offers}
                shown |= {f"n:{row.need_id}": row for row in frame.unmet_needs}
                shown |= {"counters": frame.counters} if frame.counters else {}
                shown |= {"ledger": frame.ledger} if frame.ledger else {}
            assert numbers == sorted(set(numbers))
            rows = await store.rows(DISTRICT)
            assert {key: msgspec.json.encode(row, order="sorted") for key, row in shown.items()} == {
                key: raw for key, raw in rows.items() if key not in ("district", "position")
            }

        self.run(scenario)

    def test_a_rebuild_ends_in_one_frame_with_everything(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=len(day()) - 1)
            assert await store.frames(DISTRICT) == []
            await feed.hand_over(board)
            ((_, raw),) = await store.frames(DISTRICT)
            frame = msgspec.json.decode(raw, type=Frame)
            state = feed.ps.districts[DISTRICT]
            assert {row.visit_id for row in frame.visits} == set(state.visits)
            assert {row.worker_id for row in frame.workers} == set(state.workers)
            assert frame.counters is not None
            assert frame.ledger is not None

        self.run(scenario)

    def test_a_visits_story_is_told_once_and_in_order(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board, end=0)
            await feed.hand_over(board, batch=3)
            state = feed.ps.districts[DISTRICT]
            told = [pair for record in decisions_of(day()) for pair in story_lines(record, state)]
            stories = await store.stories()
            assert set(stories) == set(state.visits)
            for visit_id, lines in stories.items():
                read = [msgspec.json.decode(raw, type=StoryLine) for raw in lines]
                assert read == [line for own, line in told if own == visit_id]
                assert read[0].event == "requested"
                assert sum(line.event == "requested" for line in read) == 1

        self.run(scenario)

    def test_commands_have_their_outcome(self) -> None:
        async def scenario(store: Any) -> None:
            feed, board = Feed(list(day())), store.board()
            await feed.open(board)
            commands = await store.commands()
            found = {key: msgspec.json.decode(raw, type=CommandOutcome) for key, raw in commands.items()}
            assert found["file-lunch-1"].outcome == "accepted"
            assert all(one.actor for one in found.values())  # who may ask
            assert (found["cancel-nothing"].outcome, found["cancel-nothing"].code) == ("refused", "unknown_visit")

        self.run(scenario)

    def test_two_writers_do_not_mix(self) -> None:
        async def scenario(store: Any) -> None:
            first, second = Feed(list(day())), Feed(list(day()))
            one, other = store.board(), store.board()
            await first.open(one, end=30)
            await second.open(other, end=40)
            await first.hand_over(one)  # finds the other's work, opens again, and goes on from there
            assert (await store.position(0)).next_journal_offset == len(day())
            await second.hand_over(other)
            single = Feed(list(day()))
            lived = await store.everything()
            await store.empty()
            await single.open(store.board())
            assert await store.everything() == lived

        self.run(scenario)


def run_async(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(60):
            await scenario()

    asyncio.run(main())
