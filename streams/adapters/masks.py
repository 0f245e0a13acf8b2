"""The one rule set by which people's data is shortened wherever it is shown: 김*용, 010-1234-****, down to the dong."""

from __future__ import annotations

import re

ERASED = "erased"
"""Stands for everything about a person whose key was destroyed."""

_UPPER_LEVEL = re.compile(r"[가-힣]+(?:특별시|광역시|특별자치시|특별자치도|시|도|군|구)")
_DONG = re.compile(r"[가-힣]+\d*(?:동|읍|면|가)")  # begins with Hangul: "101동" is a building


def mask_name(name: str) -> str:
    """First and last character stay; two characters keep the first.

    >>> mask_name("김태용"), mask_name("김용"), mask_name("남궁민수")
    ('김*용', '김*', '남**수')
    """
    name = name.strip()
    if name in ("", ERASED):
        return name
    if len(name) <= 2:
        return name[0] + "*" if len(name) == 2 else "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_phone(phone: str) -> str:
    """The last four digits are hidden.

    >>> mask_phone("010-1234-5678"), mask_phone("01012345678"), mask_phone("02-123-4567")
    ('010-1234-****', '010-1234-****', '02-123-****')
    """
    if phone in ("", ERASED):
        return phone
    digits = re.sub(r"\D", "", phone)
    if len(digits) < 8:
        return "****"
    area = 2 if digits.startswith("02") else 3
    return f"{digits[:area]}-{digits[area:-4]}-****"


def mask_address(address: str) -> str:
    """City, district and dong; the rest is hidden.

    >>> mask_address("서울특별시 마포구 서교동 123-4 101동 202호"), mask_address("서울 마포구 월드컵북로 1 (성산2동)")
    ('서울특별시 마포구 서교동', '서울 마포구 성산2동')
    """
    if address in ("", ERASED):
        return address
    kept: list[str] = []
    words = [word.strip("(),") for word in address.split()]
    for position, word in enumerate(words):
        if _UPPER_LEVEL.fullmatch(word) or (position == 0 and word in _SHORT_CITIES):
            kept.append(word)
        else:
            break
    dong = next((word for word in words[len(kept) :] if _DONG.fullmatch(word)), "")
    return " ".join([*kept, dong] if dong else kept) or "***"


_SHORT_CITIES = frozenset(
    (
        "서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기",
        "강원", "충북", "충남", "전북", "전남", "경북", "경남", "제주",
    )
)  # fmt: skip
