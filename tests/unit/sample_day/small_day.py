"""A small valid day in a folder, as texts that tests bend."""

from __future__ import annotations

from pathlib import Path

from services.sample_day.day import DayInvalid, RowError
from services.sample_day.read_day import read_day

FILES = {
    "district.csv": """district,name_ko,name_en,service_date,day_start,day_end,coordinates,bridges_wkt,river_wkt
11440,마포구,Mapo-gu,2026-03-03,06:30,21:00,wgs84,"MULTILINESTRING ((126.92 37.542, 126.92 37.528))",\
"POLYGON ((126.88 37.53, 126.96 37.53, 126.96 37.54, 126.88 37.54, 126.88 37.53))"
""",
    "areas.csv": """area_id,name_ko,name_en,responsible_enterprise,helpers
A,동권,East,SF,B:600
B,서권,West,SF,A:600
""",
    "dongs.csv": """code,name_ko,name_en,area_id,population_65,lon,lat
1144000001,가동,Ga-dong,A,100,126.930,37.550
1144000002,나동,Na-dong,B,200,126.910,37.550
""",
    "travel.csv": """mode,detour,speed_m_per_s,access_s
motorbike,1.4,5.278,120
foot,1.3,1.25,120
""",
    "providers.csv": """provider_id,name_ko,name_en,kind,services,own_staff
RC,라이더협동조합,Riders,rider_coop,meal_support,no
SF,사회적기업,Firm,social_firm,안부확인;housing_help,no
KP,부엌,Kitchen,kitchen,meal_support,no
""",
    "kitchens.csv": """kitchen_id,provider_id,name_ko,name_en,load_min,lon,lat
K1,KP,부엌,Kitchen,3,126.920,37.550
""",
    "workers.csv": """worker_id,kind,provider_id,area_id,mode,shift_start,shift_end,capacity_boxes,skills,start_lon,start_lat
R1,rider,RC,A,motorbike,09:00,18:00,20,meal_support,126.930,37.550
C1,carer,SF,B,foot,09:00,18:00,0,check_in,126.910,37.550
""",
    "visits.csv": """reference,file_at,recipient_id,service,dong,lon,lat,window_start,window_end,due,service_min,\
kitchen_id,meal_kind,ready
L-1,07:00,P1,meal_support,1144000001,126.93012,37.55034,11:00,13:00,12:30,4,K1,hot_lunch,10:40
C-1,07:00,P2,안부확인,1144000002,126.91012,37.55034,10:00,12:00,,15,,,
""",
}  # fmt: skip


def write(folder: Path, files: dict[str, str] | None = None, encoding: str = "utf-8") -> Path:
    """Write the small day, with some files put differently."""
    for name, text in (FILES | (files or {})).items():
        (folder / name).write_bytes(text.encode(encoding))
    return folder


def bend(file: str, old: str, new: str) -> dict[str, str]:
    """The small day's file with one text replaced (it must be there exactly once)."""
    assert FILES[file].count(old) == 1, f"{old!r} is {FILES[file].count(old)} times in {file}"
    return {file: FILES[file].replace(old, new)}


def errors_of(folder: Path) -> list[RowError]:
    """What reading the folder complains of, [] if nothing."""
    try:
        read_day(folder)
    except DayInvalid as invalid:
        return invalid.errors
    return []


def places_of(errors: list[RowError]) -> list[tuple[str, int, str, str]]:
    return [(error.file, error.line, error.column, error.code) for error in errors]
