"""One rule set shortens people's data wherever it is shown."""

from __future__ import annotations

import pytest

from streams.adapters.masks import mask_address, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("김태용", "김*용"),
        ("김용", "김*"),
        ("남궁민수", "남**수"),
        ("김", "*"),
        ("", ""),
        (" 김태용 ", "김*용"),
        ("erased", "erased"),
    ],
)
def test_names(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("010-1234-5678", "010-1234-****"),
        ("01012345678", "010-1234-****"),
        ("02-123-4567", "02-123-****"),
        ("12", "****"),
    ],
)
def test_phones(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("서울특별시 마포구 서교동 123-4 101동 202호", "서울특별시 마포구 서교동"),
        ("서울 마포구 월드컵북로 1 (성산2동)", "서울 마포구 성산2동"),
        ("서울특별시 마포구 월드컵북로 1, 101동 202호", "서울특별시 마포구"),
        ("2층 왼쪽 집", "***"),
    ],
)
def test_addresses_end_at_the_dong(address: str, shown: str) -> None:
    assert mask_address(address) == shown
