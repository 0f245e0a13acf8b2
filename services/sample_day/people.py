"""Clearly fictional people for sample days: made-up surnames, a telephone range that is not given out, invented streets.

Everything follows from the id's place in a list and a seed, so the same day has the same people.
"""

from __future__ import annotations

import random
from typing import Any

SURNAMES = ("봄", "솔", "별", "샘", "늘", "참", "온", "새", "들", "빛")  # no real surnames among the common ones
GIVEN_FIRST = ("가", "나", "다", "라", "마", "바", "하", "누", "모", "보", "소", "초", "리", "미", "우", "예")
GIVEN_SECOND = ("람", "래", "솜", "온", "루", "슬", "울", "늬", "담", "봄", "결", "별", "찬", "름", "솔", "샘")
STREETS = ("별빛로", "봄볕로", "느티길", "솔바람길", "물결로", "돌담길", "은하로", "살구길")
NOTES = (
    "", "", "", "초인종이 작게 들림", "오기 전에 전화", "문 앞 의자에 두기", "계단 3층", "귀가 어두움", "작은 개 있음",
)  # fmt: skip

NAME_COUNT = len(SURNAMES) * len(GIVEN_FIRST) * len(GIVEN_SECOND)


def person_name(index: int, rng_offset: int = 0) -> str:
    """The index-th name; the first `NAME_COUNT` differ, after that a numeral keeps them apart."""
    number = (index * 1_009 + rng_offset) % NAME_COUNT  # 1009 is prime to the count: walks through all of them
    number, second = divmod(number, len(GIVEN_SECOND))
    surname, first = divmod(number, len(GIVEN_FIRST))
    name = SURNAMES[surname] + GIVEN_FIRST[first] + GIVEN_SECOND[second]
    return name if index < NAME_COUNT else f"{name}{index // NAME_COUNT + 1}"


def phone_number(index: int) -> str:
    """010-00xx-xxxx: no subscriber has such a number."""
    return f"010-00{index // 10_000 % 100:02d}-{index % 10_000:04d}"


def number_out_of_reach(index: int) -> str:
    """A number of which no notice is ever delivered: the recorder of notices (`notice_gateway.Recorder`) refuses them."""
    return phone_number(990_000 + index)


def make_recipients(ids: list[str], dong_names: dict[str, str], district_ko: str, seed: int) -> list[dict[str, Any]]:
    """One recipient for each id, in order; `dong_names` tells in which dong each lives."""
    rng = random.Random(f"recipients:{seed}")
    people = []
    for index, recipient_id in enumerate(ids):
        people.append(
            {
                "recipient_id": recipient_id,
                "name": person_name(index, seed * 7),
                "phone": phone_number(1_000 + 2 * index),
                "address": f"서울특별시 {district_ko} {dong_names.get(recipient_id, '')} {rng.choice(STREETS)} "
                f"{index + 1}번길 {rng.randint(1, 60)}, {rng.randint(1, 5)}층 {rng.randint(1, 9)}호",
                "door_code": f"종{rng.randint(1000, 9999)}#" if rng.random() < 0.6 else "",
                "note": rng.choice(NOTES),
                "kin": [{"name": person_name(index + 1_200, seed * 7), "phone": phone_number(1_001 + 2 * index)}]
                if rng.random() < 0.7
                else [],
            }
        )
    return people


def make_workers(ids: list[str], seed: int) -> list[dict[str, str]]:
    """Name and telephone for each worker id, in order."""
    return [
        {"worker_id": worker_id, "name": person_name(index + 2_000, seed * 7), "phone": phone_number(100 + index)}
        for index, worker_id in enumerate(ids)
    ]
