"""Read one cell as its column's kind says: numbers, times, codes, lists, shapes; every error with a remedy.

Cells are quoted in an error only if they look like a code or a number and not like a telephone number: a shifted column
may put a person's name where a number should be.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from shapely import LineString, Polygon, wkt
from shapely.errors import GEOSException
from shapely.validation import explain_validity

from services.sample_day.day import Text
from services.sample_day.day_format import KOREAN_SERVICES, TROUBLE_KINDS
from streams.contracts.district import MealKind, ProviderKind, RungName, Service, WorkerKind
from streams.contracts.eligibility import NOT_SENT, CentreType, OnLapse

SEOUL = ZoneInfo("Asia/Seoul")
LON_RANGE, LAT_RANGE = (124.0, 132.0), (33.0, 39.5)  # Korea

CODE_LIKE = re.compile(r"[A-Za-z0-9_.:+\-]{1,40}")
_PHONE = r"(?:\+?82[\-. ]?|0)\d{1,2}[\-. ]?\d{3,4}[\-. ]?\d{4}"
PHONE_LIKE = re.compile(_PHONE + r"|10\d{8}")  # 010… whose zero a spreadsheet ate; Seoul's codes begin with 11
PHONE_AS_ID = re.compile(_PHONE + r"|1[016789][\-. ]?\d{3,4}[\-. ]?\d{4}")  # as wide as the API's own rule
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


class Bad(Exception):
    """A cell that cannot be read, with the words for it."""

    def __init__(self, code: str, problem: Text, remedy: Text) -> None:
        super().__init__(code)
        self.code, self.problem, self.remedy = code, problem, remedy


def quoted(text: str) -> tuple[str, str]:
    """The cell for an error message in Korean and English, or words that do not repeat it."""
    if CODE_LIKE.fullmatch(text) and not PHONE_LIKE.fullmatch(text):
        return f"'{text}'", f"'{text}'"
    return "이 값", "this value"


def _bad(code: str, text: str, ko: str, en: str, remedy_ko: str, remedy_en: str) -> Bad:
    """`ko` and `en` hold {} for the quoted cell."""
    shown_ko, shown_en = quoted(text)
    return Bad(code, Text(ko.format(shown_ko), en.format(shown_en)), Text(remedy_ko, remedy_en))


@dataclass(frozen=True)
class Context:
    """What a cell needs to be understood: the day that HH:MM belongs to. None while district.csv is being read."""

    service_date: date | None = None


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _bad(
            "not_a_number", text, "{}: 숫자가 아닙니다.", "{} is not a number.",
            "쉼표나 단위 없이 숫자만 쓰세요.", "Write a plain number, without units or thousands separators.",
        )  # fmt: skip
    return value


def _between(low: float, high: float, code: str, remedy_ko: str, remedy_en: str) -> Callable[[str, Context], float]:
    def read(text: str, _: Context) -> float:
        value = _number(text)
        if not low <= value <= high:
            raise _bad(
                code, text, f"{{}}: {low:g}~{high:g} 범위를 벗어났습니다.", f"{{}} is not between {low:g} and {high:g}.",
                remedy_ko, remedy_en,
            )  # fmt: skip
        return value

    return read


def _integer_between(low: int, high: int) -> Callable[[str, Context], int]:
    ranged = _between(low, high, "out_of_range", "범위 안의 값을 쓰세요.", "Write a value within the range.")

    def read(text: str, context: Context) -> int:
        value = ranged(text, context)
        if value != int(value):
            raise _bad(
                "not_whole", text, "{}: 정수가 아닙니다.", "{} is not a whole number.",
                "소수점 없이 쓰세요.", "Write it without decimals.",
            )  # fmt: skip
        return int(value)

    return read


def _one_of(words: type[StrEnum] | tuple[str, ...], code: str, korean: dict[str, str] | None = None) -> Any:
    allowed = tuple(str(word) for word in words)

    def read(text: str, _: Context) -> str:
        word = (korean or {}).get(text, text)
        if word not in allowed:
            close = difflib.get_close_matches(word, allowed, 1)
            hint = close[0] if close else ", ".join(allowed)
            raise _bad(
                code, text, "{}: 없는 종류입니다.", "{} is not a known kind.",
                f"다음을 쓰세요: {hint}", f"Write one of: {hint}",
            )  # fmt: skip
        return word

    return read


def _listed(read_one: Callable[[str, Context], Any], at_most: int = 100) -> Callable[[str, Context], tuple[Any, ...]]:
    def read(text: str, context: Context) -> tuple[Any, ...]:
        parts = [part.strip() for part in text.split(";") if part.strip()]
        if len(parts) > at_most:
            raise Bad(
                "too_many", Text(f"{len(parts)}개: 너무 많습니다.", f"{len(parts)} are too many."),
                Text(f"{at_most}개까지 쓰세요.", f"Write at most {at_most}."),
            )  # fmt: skip
        return tuple(read_one(part, context) for part in parts)

    return read


def _text_up_to(limit: int) -> Callable[[str, Context], str]:
    def read(text: str, _: Context) -> str:
        if len(text) > limit:
            raise Bad(
                "too_long", Text(f"{len(text)}자: 너무 깁니다.", f"{len(text)} characters are too many."),
                Text(f"{limit}자까지 쓰세요.", f"Write at most {limit}."),
            )  # fmt: skip
        return text

    return read


def _id(text: str, _: Context) -> str:
    if not _ID.fullmatch(text) or PHONE_AS_ID.fullmatch(text):
        raise _bad(
            "bad_id", text, "{}: 번호로 쓸 수 없습니다.", "{} cannot be an id.",
            "영문자, 숫자, - _ . 만 64자 안으로 쓰세요(이름·전화 금지).",
            "Use letters, digits, - _ . only, at most 64; no names or telephone numbers.",
        )  # fmt: skip
    return text


def _digits(count: int, code: str) -> Callable[[str, Context], str]:
    def read(text: str, _: Context) -> str:
        if not (len(text) == count and text.isascii() and text.isdigit()):
            raise _bad(
                code, text, f"{{}}: {count}자리 숫자 코드가 아닙니다.", f"{{}} is not a code of {count} digits.",
                "행정표준코드를 글자 그대로 쓰세요(표 계산 프로그램의 1.14E+09 표기 주의).",
                "Write the standard code as text (a spreadsheet may have made it 1.14E+09).",
            )  # fmt: skip
        return text

    return read


def _date(text: str, _: Context) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _bad(
            "bad_date", text, "{}: 날짜가 아닙니다.", "{} is not a date.", "2026-03-03처럼 쓰세요.", "Write 2026-03-03."
        ) from None


def _time(text: str, context: Context) -> datetime | None:
    """HH:MM[:SS] on the service date in Seoul (24:00 is its end), or an ISO instant; without offset it is Seoul's."""
    match = _TIME.fullmatch(text)
    if match:
        hour, minute, second = (int(part or 0) for part in match.groups())
        if minute < 60 and second < 60 and (hour < 24 or (hour, minute, second) == (24, 0, 0)):
            if context.service_date is None:
                return None  # the date itself was bad and is reported there
            start = datetime.combine(context.service_date, datetime.min.time(), SEOUL)
            return start + timedelta(hours=hour, minutes=minute, seconds=second)
    elif len(text) >= 16:
        try:
            at = datetime.fromisoformat(text)
            return at if at.tzinfo else at.replace(tzinfo=SEOUL)
        except ValueError:
            pass
    raise _bad(
        "bad_time", text, "{}: 시각이 아닙니다.", "{} is not a time.",
        "11:30 또는 2026-03-03T11:30처럼 쓰세요.", "Write 11:30 or 2026-03-03T11:30.",
    )  # fmt: skip


def _flag(text: str, _: Context) -> bool:
    word = text.lower()
    if word in ("yes", "y", "true", "1", "예"):
        return True
    if word in ("no", "n", "false", "0", "아니오", "아니요"):
        return False
    raise _bad("bad_flag", text, "{}: 예/아니오가 아닙니다.", "{} is not yes or no.", "yes 또는 no", "Write yes or no.")


def _prices(text: str, context: Context) -> tuple[tuple[str, int], ...]:
    pairs = []
    for part in (part.strip() for part in text.split(";")):
        area, _, price = part.partition(":")
        if not price.isdigit() or not _ID.fullmatch(area):
            raise _bad(
                "bad_price", part, "{}: 생활권:가격 형식이 아닙니다.", "{} is not area:price.",
                "MP-B:600;MP-C:900처럼 쓰세요.", "Write MP-B:600;MP-C:900.",
            )  # fmt: skip
        pairs.append((area, int(price)))
    return tuple(pairs)


def _wkt_polygon(text: str, _: Context) -> Polygon:
    try:
        shape = wkt.loads(text)
    except (GEOSException, ValueError):
        shape = None
    remedy = Text(
        "POLYGON ((경도 위도, …)) 하나로 쓰세요. dolbom areas import가 만들어 줍니다.",
        "Write one POLYGON ((lon lat, …)); dolbom areas import makes it for you.",
    )
    if not isinstance(shape, Polygon) or shape.is_empty:
        raise Bad("bad_polygon", Text("다각형(WKT)이 아닙니다.", "This is no polygon in WKT."), remedy)
    if not shape.is_valid:
        why = explain_validity(shape)
        raise Bad("bad_polygon", Text(f"다각형이 잘못되었습니다: {why}", f"The polygon is invalid: {why}"), remedy)
    return shape


def _wkt_lines(text: str, _: Context) -> list[LineString]:
    try:
        shape = wkt.loads(text)
    except (GEOSException, ValueError):
        shape = None
    lines = list(getattr(shape, "geoms", [])) if shape is not None else []
    if not lines or any(not isinstance(line, LineString) or len(line.coords) != 2 for line in lines):
        raise Bad(
            "bad_lines",
            Text("다리 목록(WKT)이 아닙니다.", "This is no list of bridges in WKT."),
            Text("MULTILINESTRING으로 다리마다 두 점을 쓰세요.", "Write a MULTILINESTRING with two points a bridge."),
        )
    return lines


_SWAPPED = ("경도(lon)와 위도(lat)를 바꿔 쓰지 않았는지, WGS 84 도 단위인지 확인하세요.",
            "Check that lon and lat are not swapped and are WGS 84 degrees.")  # fmt: skip

READERS: dict[str, Callable[[str, Context], Any]] = {
    "raw": lambda text, _: text,
    "text": _text_up_to(1_000),
    "short_text": _text_up_to(200),
    "id": _id,
    "ids": _listed(_id),
    "reference": _id,
    "policy": _id,
    "dong": _digits(10, "bad_dong"),
    "district": _digits(5, "bad_district"),
    "date": _date,
    "time": _time,
    "flag": _flag,
    "prices": _prices,
    "lon": _between(*LON_RANGE, "outside_korea", *_SWAPPED),
    "lat": _between(*LAT_RANGE, "outside_korea", *_SWAPPED),
    "metres": _between(-1e6, 1e6, "out_of_range", "미터 단위로 쓰세요.", "Write metres."),
    "integer": _integer_between(0, 10_000_000),
    "count": _integer_between(1, 1_000_000),
    "minutes": _between(0, 1_440, "out_of_range", "분 단위로 쓰세요.", "Write minutes, at most a day."),
    "hours": _between(0, 24, "out_of_range", "시간 단위로 쓰세요(24 이하).", "Write hours, at most 24."),
    "visits": _between(0, 10_000, "out_of_range", "건수를 쓰세요.", "Write a number of visits."),
    "kilometres": _between(0, 1_000, "out_of_range", "km 단위로 쓰세요.", "Write kilometres, at most 1,000."),
    "positive": _between(0.01, 1_000, "out_of_range", "0보다 큰 값을 쓰세요.", "Write a value above 0."),
    "detour": _between(1, 10, "out_of_range", "1 이상의 우회율을 쓰세요.", "Write a detour factor of 1 or more."),
    "boxes": _integer_between(1, 100),
    "priority": _integer_between(1, 3),
    "worker_count": _integer_between(1, 2),
    "service": _one_of(Service, "unknown_service", KOREAN_SERVICES),
    "listed_service": _one_of(sorted((*Service, *NOT_SENT)), "unknown_service", KOREAN_SERVICES),
    "centre_type": _one_of(CentreType, "unknown_kind"),
    "holds_for": _one_of(("visit", "posting"), "unknown_kind"),
    "on_lapse": _one_of(OnLapse, "unknown_kind"),
    "side": _one_of(("recipient", "worker"), "unknown_kind"),
    "counts": _prices,
    "rung": _one_of(RungName, "unknown_kind"),
    "waits": _listed(_between(0, 1_440, "out_of_range", "분 단위로 쓰세요.", "Write minutes, at most a day."), at_most=3),
    "services": _listed(_one_of(Service, "unknown_service", KOREAN_SERVICES)),
    "skills": _listed(lambda text, context: KOREAN_SERVICES.get(text) or _id(text, context), at_most=20),
    "worker_kind": _one_of(WorkerKind, "unknown_kind"),
    "provider_kind": _one_of(ProviderKind, "unknown_kind"),
    "meal_kind": _one_of(MealKind, "unknown_kind"),
    "trouble_kind": _one_of(TROUBLE_KINDS, "unknown_kind"),
    "gender": _one_of(("female", "male"), "unknown_kind", {"F": "female", "M": "male", "여": "female", "남": "male"}),
    "coordinates": _one_of(("wgs84", "plane_m"), "unknown_kind"),
    "wkt_polygon": _wkt_polygon,
    "wkt_lines": _wkt_lines,
}
