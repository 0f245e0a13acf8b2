"""The district's configuration and policy out of checked rows."""

from __future__ import annotations

import difflib
import re
from datetime import UTC
from typing import Any

import msgspec

from services.sample_day import day_format as form, read_care, read_policy as read_policy_files
from services.sample_day.day_geometry import Cell, ring_of
from services.sample_day.read_expected import expected
from services.sample_day.read_shops import shops
from services.sample_day.read_table import Row
from services.sample_day.read_work import work_terms
from services.sample_day.reading import Reading
from streams.contracts.district import (
    Area,
    AreaHelp,
    DistrictConfig,
    Dong,
    Kitchen,
    ModeConfig,
    Place,
    Policy,
    Provider,
    ProviderKind,
    Service,
    TravelConfig,
    WorkerKind,
    WorkerProfile,
)
from streams.contracts.eligibility import Avoidance, CentreType
from streams.contracts.offering import Fairness, Offering
from streams.contracts.plan_terms import PlanPrices

PARTS = {"avoidance": Avoidance, "offering": Offering, "fairness": Fairness, "prices": PlanPrices}
"""Policies of several numbers: part.name."""
POLICY_FIELDS = {field.name: type(field.default) for field in msgspec.structs.fields(Policy)} | {
    f"{part}.{field.name}": type(field.default) for part, made_of in PARTS.items() for field in msgspec.structs.fields(made_of)
}
RISKS = frozenset({"high", "low"})
LISTS: dict[str, frozenset[str] | None] = {
    "breakable_rules": None, "avoidance.excuses": None,
    "notices_at_any_hour": frozenset({"accepted", "on_the_way", "late", "changed", "done", "cancelled"}),
}  # fmt: skip
"""Policies that are lists, with what may stand in them (None: any code)."""
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
WORDS = {"yes": True, "true": True, "1": True, "예": True, "no": False, "false": False, "0": False, "아니오": False}


def read_policy(reading: Reading) -> Policy:
    """Defaults, changed by the rows of policy.csv. Bad rows are reported."""
    values: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {part: {} for part in PARTS}
    for row in reading.of(form.POLICY):
        if not row.good("name", "value"):
            continue
        name, text = row["name"], row["value"]
        wanted = POLICY_FIELDS.get(name)
        if wanted is None:
            close = difflib.get_close_matches(name, POLICY_FIELDS, 1)
            hint = close[0] if close else "docs/day-format.md"
            reading.report(
                form.POLICY, row, "name", "unknown_policy", f"'{name}': 없는 규칙입니다.", f"'{name}' is no policy.",
                f"확인: {hint}", f"See: {hint}",
            )  # fmt: skip
        elif (value := _value_of(name, wanted, text)) is not None:
            part, _, inner = name.rpartition(".")
            (parts[part] if part else values)[inner] = value
        else:
            reading.report(
                form.POLICY, row, "value", "bad_policy", "값을 쓸 수 없습니다.", "The value cannot be used.",
                *_remedy(name, wanted),
            )  # fmt: skip
    values |= read_policy_files.policy_values(reading)
    parts["offering"]["rules"] = read_policy_files.offer_rules(reading)
    if reasons := read_policy_files.decline_reasons(reading):
        parts["offering"]["reasons"] = reasons
    for part, found in parts.items():
        usual = getattr(Policy(), part)
        if usual is not msgspec.UNSET:
            values[part] = msgspec.structs.replace(usual, **found)
        elif found:
            values[part] = PARTS[part](**found)
    return Policy(**values)


def _remedy(name: str, wanted: type) -> tuple[str, str]:
    if allowed := LISTS.get(name):
        words = ";".join(sorted(allowed))
        return f"다음 가운데 쓰세요: {words}", f"Write some of: {words}"
    if name == "welfare_check_by_risk":
        return "high:900;low:7200처럼 쓰세요(초).", "Write high:900;low:7200 (seconds)."
    if wanted is bool:
        return "yes/no로 쓰세요.", "Write yes or no."
    if wanted is str:
        return "21:30처럼 쓰세요.", "Write 21:30."
    return "0 이상의 정수로 쓰세요.", "Write a whole number of 0 or more."


def _value_of(name: str, wanted: type, text: str) -> Any:
    """What the cell says; None when it cannot be used."""
    if wanted is bool:
        return WORDS.get(text.lower())
    if wanted is int and text.isascii() and text.isdigit() and int(text) < 10_000_000:
        return None if name == "avoidance.refusals" and not 0 < int(text) < 1000 else int(text)
    if wanted is str and CLOCK.fullmatch(text):
        return text
    parts = tuple(part.strip() for part in text.split(";") if part.strip())
    if name == "welfare_check_by_risk":
        return _by_risk(parts)
    if name in LISTS:
        return parts if LISTS[name] is None or set(parts) <= LISTS[name] else None
    if name == "prices.leave_out" and len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts):
        return tuple(int(part) for part in parts)
    return None


def _by_risk(parts: tuple[str, ...]) -> dict[str, int] | None:
    """high:900;low:7200."""
    found = {risk: seconds for risk, _, seconds in (part.partition(":") for part in parts)}
    good = all(seconds.isascii() and seconds.isdigit() and 0 < int(seconds) < 1_000_000 for seconds in found.values())
    return {risk: int(seconds) for risk, seconds in found.items()} if good and set(found) <= RISKS else None


def _place(row: Row, coordinates: str, prefix: str = "") -> Place:
    if coordinates == "wgs84":
        return Place(row[prefix + "lon"], row[prefix + "lat"])
    return Place(row[prefix + "x_m"], row[prefix + "y_m"])


def _places(points: Any) -> tuple[Place, ...]:
    return tuple(Place(x, y) for x, y in points)


def _travel(reading: Reading, head: Row) -> TravelConfig:
    river = ring_of(head["river_wkt"]) if head.good("river_wkt") else ()
    bridges = tuple(
        (Place(*line.coords[0][:2]), Place(*line.coords[1][:2])) for line in head["bridges_wkt"] or ()
    )
    return TravelConfig(
        coordinates=reading.coordinates,
        modes={
            row["mode"]: ModeConfig(
                detour=row["detour"], speed_m_per_s=row["speed_m_per_s"], access_s=row["access_s"]
            )
            for row in reading.of(form.TRAVEL)
        },
        river=_places(river),
        bridges=bridges,
        speed_factor=head["speed_factor"],
    )


def _worker(reading: Reading, row: Row, coordinates: str) -> WorkerProfile:
    has_end = row.good("end_lon") or row.good("end_x_m")
    return WorkerProfile(
        worker_id=row["worker_id"],
        kind=WorkerKind(row["kind"]),
        organisation=row["provider_id"],
        area_id=row["area_id"],
        mode=row["mode"],
        shift_start_at=row["shift_start"].astimezone(UTC),
        shift_end_at=row["shift_end"].astimezone(UTC),
        start=_place(row, coordinates, "start_"),
        end=_place(row, coordinates, "end_") if has_end else None,
        capacity_boxes=row["capacity_boxes"],
        skills=row["skills"] or (),
        gender=row["gender"] or "",
        has_app=row["has_app"],
        substitute=row["substitute"],
        work=work_terms(row),
        credentials=read_care.credentials(reading, row["worker_id"]),
    )


def read_config(reading: Reading, cells: dict[str, Cell], policy: Policy) -> DistrictConfig:
    """The configuration of a folder without errors."""
    head = reading.of(form.DISTRICT)[0]
    at = reading.coordinates
    dongs = reading.of(form.DONGS)
    return DistrictConfig(
        version=head["config_version"],
        district=head["district"],
        name_ko=head["name_ko"],
        name_en=head["name_en"],
        service_date=head["service_date"].isoformat(),
        dongs=tuple(
            Dong(
                code=row["code"],
                name_ko=row["name_ko"],
                name_en=row["name_en"] or "",
                centroid=_place(row, at),
                cell=_places(cells[row["code"]]),
                population_65=row["population_65"],
            )
            for row in dongs
        ),
        areas=tuple(
            Area(
                area_id=row["area_id"],
                name_ko=row["name_ko"],
                name_en=row["name_en"],
                dong_codes=tuple(dong["code"] for dong in dongs if dong["area_id"] == row["area_id"]),
                responsible_enterprise=row["responsible_enterprise"],
                helpers=tuple(AreaHelp(area_id, price) for area_id, price in row["helpers"] or ()),
            )
            for row in reading.of(form.AREAS)
        ),
        providers=tuple(
            Provider(
                provider_id=row["provider_id"],
                name_ko=row["name_ko"],
                name_en=row["name_en"] or row["name_ko"],
                kind=ProviderKind(row["kind"]),
                services=tuple(Service(service) for service in row["services"] or ()),
                own_staff=row["own_staff"],
                has_app=row["has_app"],
                dated_services=read_care.dated_services(reading, row["provider_id"]),
                centre_type=CentreType(row["centre_type"]) if row["centre_type"] else None,
                public=row["public"],
                work=work_terms(row),
            )
            for row in reading.of(form.PROVIDERS)
        ),
        kitchens=tuple(
            Kitchen(
                kitchen_id=row["kitchen_id"],
                provider_id=row["provider_id"],
                name_ko=row["name_ko"],
                name_en=row["name_en"] or row["name_ko"],
                place=_place(row, at),
                load_duration_s=round(row["load_min"] * 60),
                menu=read_care.menu(reading, row["kitchen_id"]),
                cut_offs=read_care.cut_offs(reading, row["kitchen_id"]),
                capacity_meals=row["capacity_meals"],
                take_over_s=round(row["take_over_min"] * 60),
                cook_again_s=round(row["cook_again_min"] * 60),
                spare_meals=row["spare_meals"],
            )
            for row in reading.of(form.KITCHENS)
        ) + shops(reading),
        workers=tuple(_worker(reading, row, at) for row in reading.of(form.WORKERS)),
        travel=_travel(reading, head),
        policy=policy,
        helping_districts=head["helping_districts"] or (),
        region=head["region"] or "",
        help_pairs=read_policy_files.help_pairs(reading),
        other_districts=read_policy_files.other_districts(reading),
        programmes=read_care.programmes(reading),
        exclusions=read_care.exclusions(reading),
        expected=expected(reading) or msgspec.UNSET,
    )
