"""Whose number is it: found by a keyed digest only, of the person and of their kin, as long as it is theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from streams.adapters.callers import find_by_ending, find_by_name, find_callers
from streams.adapters.persons import Kin, Person
from streams.adapters.phone_index import normal
from streams.adapters.registry import Registry

MOTHER, DAUGHTER = "010-1234-5678", "02-999-0000"


@pytest.fixture(autouse=True)
def stored(registry: Registry) -> None:
    registry.put_recipients([Person(recipient_id="R-1", name="김태용", phone=MOTHER, kin=(Kin("김하나", DAUGHTER),))])


@pytest.mark.parametrize("dialled", ["010-1234-5678", "01012345678", "+82 10-1234-5678", "821012345678", " 010 1234 5678 "])
def test_a_number_is_found_however_it_is_written(registry: Registry, dialled: str) -> None:
    assert find_callers(registry, dialled) == [("R-1", "own")]


@pytest.mark.parametrize("dialled", ["", "119", "010-1234-5679", "1234", "김태용"])
def test_what_is_nobodys_number_finds_nobody(registry: Registry, dialled: str) -> None:
    assert find_callers(registry, dialled) == []


def test_kin_who_call_find_whom_they_call_for_after_who_has_the_number_themselves(registry: Registry) -> None:
    registry.put_recipients([Person(recipient_id="R-0", name="박영희", kin=(Kin("김태용", MOTHER),))])
    assert find_callers(registry, DAUGHTER) == [("R-1", "kin")]
    assert find_callers(registry, MOTHER) == [("R-1", "own"), ("R-0", "kin")]


def test_the_end_of_a_number_and_the_whole_name_find_them(registry: Registry) -> None:
    assert find_by_ending(registry, "5678") == [("R-1", "own")]
    assert find_by_ending(registry, "0000") == [("R-1", "kin")]
    assert find_by_ending(registry, "1234") == []
    assert find_by_name(registry, " 김 태용") == [("R-1", "own")]
    assert find_by_name(registry, "김태") == find_by_name(registry, "김하나") == []
    registry.put_recipients([Person(recipient_id="R-1", name="김태영", phone="")])
    assert find_by_ending(registry, "5678") == find_by_name(registry, "김태용") == []


def test_an_ending_is_no_number(registry: Registry) -> None:
    """Whoever is found by four digits is not found by a number of which these are all that fits."""
    registry.put_recipients([Person(recipient_id="R-2", name="이", phone="02-777-5678")])
    assert find_callers(registry, MOTHER) == [("R-1", "own")]
    assert find_by_ending(registry, "5678") == [("R-1", "own"), ("R-2", "own")]


def test_a_number_that_was_given_up_and_an_erased_person_are_found_no_more(registry: Registry) -> None:
    registry.put_recipients([Person(recipient_id="R-1", name="김태용", phone="010-5555-5555")])
    assert find_callers(registry, MOTHER) == find_callers(registry, DAUGHTER) == []
    registry.erase_recipient("R-1")
    assert find_by_ending(registry, "5555") == find_by_name(registry, "김태용") == []
    assert find_callers(registry, "010-5555-5555") == []


def test_who_was_stored_before_there_was_an_index_is_found_too(registry: Registry) -> None:
    with registry.engine.begin() as connection:
        connection.execute(text("DELETE FROM recipient_phones"))
        connection.execute(text("UPDATE recipients SET phones_indexed = false"))
    assert find_by_ending(registry, "5678") == find_callers(registry, MOTHER) == [("R-1", "own")]


def test_no_number_lies_in_the_file(registry: Registry, tmp_path: Path) -> None:
    for file in tmp_path.iterdir():
        if file.is_file():
            assert not any(number.encode() in file.read_bytes() for number in (MOTHER, normal(MOTHER), DAUGHTER))
