"""What the two sample days are made of: workers by area and shift, and demand by service. Numbers with their reasons.

Durations are our own estimates of the trade, not measurements: a meal at the door takes 3–4 minutes (hand over, ask how
they are, take the old box back); a check-in about 15; temporary home care is granted by the hour, mostly one to two;
everyday emergency care one to two hours; accompaniment to a clinic and back one and a half to two; housing help (cleaning,
small repairs) one to one and a half; a visiting bath about an hour, by two carers together.

Capacity: a motorbike needs about 9–10 minutes a door inside a living area (600 m at 19 km/h with detour, 2 minutes of
access, 4 at the door), so about 12 doors in the two lunch departures. Each area can serve itself, except MP-D (성산·상암),
which is deliberately short: one rider at lunch for a quarter of the meals and one carer for a quarter of the visits.
"""

from __future__ import annotations

from typing import NamedTuple


class WorkerPlan(NamedTuple):
    worker_id: str
    kind: str
    provider_id: str
    area_id: str
    mode: str
    shift_start: str
    shift_end: str
    gender: str = "female"
    has_app: bool = True  # without one, every offer is a call in the coordinator's list
    substitute: bool = False  # stands by for who calls in sick
    skills: tuple[str, ...] = ()  # beyond the employer's services


class MealWave(NamedTuple):
    """Meals of one kind from one departure. `kitchens`: by area, "*" for all. `share` of the day's meals of the kind."""

    prefix: str
    meal_kind: str
    ready: str
    window_start: str
    due: str
    window_end: str
    freshness_min: int


class CarePlan(NamedTuple):
    """`windows`: earliest and latest begin of the window's start (HH:MM), and how long it stays open (minutes)."""

    service: str
    number: int
    durations_min: tuple[int, ...]
    earliest: str
    latest: str
    open_min: int
    priority: int = 2
    worker_count: int = 1
    areas: tuple[str, ...] = ()  # where; empty: anywhere, by population


class DayPlan(NamedTuple):
    """A kind of day. `waves` by meal: (number of meals, waves they are dealt to in turn)."""

    riders: tuple[WorkerPlan, ...]
    carers: tuple[WorkerPlan, ...]
    meals: tuple[tuple[int, tuple[MealWave, ...]], ...]
    late_singles: int
    care: tuple[CarePlan, ...]
    care_filed_late: int
    drop_out_areas: tuple[str, ...]  # a rider of these drops out at lunch; none: nobody does
    kitchen_late_min: int
    no_answers: tuple[int, ...]  # for each, how many times nobody opens
    noon_emergency: bool
    with_care: bool = False  # programmes, credentials, menus and a crisis programme (generate_care)
    rare_skills: tuple[tuple[str, str, str], ...] = ()  # (service, skill, area) of a visit that few or none can make
    failing_kitchen: str = ""  # at dinner
    paused_mode: str = ""  # for an hour of the morning
    sick_carer: str = ""  # calls in before the shift
    nearest: tuple[tuple[str, int], ...] = ()  # services asked of so many at once
    deeds: tuple[tuple[str, str, int], ...] = ()  # (from, what, how often): done by whoever first has the chance


R, C = "rider", "carer"

# Hot food keeps above 60 °C in a hot box for about an hour and a quarter; chilled packs have the whole window.
LUNCH_1 = MealWave("LA", "hot_lunch", "10:40", "11:00", "12:15", "12:50", 75)
LUNCH_2 = MealWave("LB", "hot_lunch", "11:30", "11:45", "13:00", "13:30", 75)
DINNER = MealWave("DN", "hot_dinner", "16:40", "17:00", "18:30", "19:00", 75)
SIDE_DISH = MealWave("SD", "side_dish", "08:45", "09:00", "15:30", "16:00", 0)

BUSY = DayPlan(
    riders=(
        WorkerPlan("R01", R, "RC1", "MP-A", "motorbike", "09:00", "17:30", "male"),
        WorkerPlan("R02", R, "RC1", "MP-A", "motorbike", "10:15", "19:00", "male"),
        WorkerPlan("R03", R, "RC1", "MP-A", "bicycle", "10:15", "14:15", "female", has_app=False),
        WorkerPlan("R04", R, "RC1", "MP-B", "motorbike", "09:00", "17:30", "male"),
        WorkerPlan("R05", R, "RC1", "MP-B", "motorbike", "10:15", "19:00", "female"),
        WorkerPlan("R06", R, "RC2", "MP-B", "bicycle", "10:15", "14:15", "male"),
        WorkerPlan("R07", R, "RC1", "MP-B", "motorbike", "14:00", "20:30", "male"),
        WorkerPlan("R08", R, "RC2", "MP-C", "motorbike", "09:00", "17:30", "male"),
        WorkerPlan("R09", R, "RC2", "MP-C", "motorbike", "10:15", "19:00", "male"),
        WorkerPlan("R10", R, "RC2", "MP-C", "bicycle", "10:15", "14:15", "female"),
        WorkerPlan("R11", R, "RC2", "MP-C", "motorbike", "10:15", "18:30", "male"),
        WorkerPlan("R12", R, "RC1", "MP-C", "motorbike", "14:00", "20:30", "male"),
        WorkerPlan("R13", R, "RC2", "MP-D", "motorbike", "10:15", "16:30", "male"),
        WorkerPlan("R14", R, "RC2", "MP-D", "motorbike", "15:00", "20:30", "female"),
    ),
    carers=(
        WorkerPlan("C01", C, "HC1", "MP-A", "foot", "08:30", "17:30"),
        WorkerPlan("C02", C, "WC1", "MP-A", "bicycle", "09:00", "18:00"),
        WorkerPlan("C03", C, "SF1", "MP-A", "car", "09:00", "18:00", "male"),
        WorkerPlan("C04", C, "WIN", "MP-A", "bicycle", "09:00", "18:00"),
        WorkerPlan("C05", C, "HC1", "MP-B", "foot", "08:30", "17:30"),
        WorkerPlan("C06", C, "HC1", "MP-B", "bicycle", "09:00", "18:00"),
        WorkerPlan("C07", C, "WC1", "MP-B", "bicycle", "09:00", "18:00"),
        WorkerPlan("C08", C, "WIN", "MP-B", "bicycle", "10:00", "19:00", "male"),
        WorkerPlan("C09", C, "HC1", "MP-C", "bicycle", "08:30", "17:30"),
        WorkerPlan("C10", C, "SF2", "MP-C", "foot", "08:30", "17:30"),
        WorkerPlan("C11", C, "SF2", "MP-C", "car", "09:00", "18:00", "male"),
        WorkerPlan("C12", C, "WC1", "MP-C", "bicycle", "09:00", "18:00"),
        WorkerPlan("C13", C, "WIN", "MP-C", "car", "09:30", "18:30"),
        WorkerPlan("C14", C, "SF3", "MP-D", "foot", "10:00", "16:00"),
        # The only one for small repairs, of MP-D's responsible enterprise and far from it: claimed, not planned.
        WorkerPlan("C16", C, "SF3", "MP-A", "car", "09:00", "18:00", "male", skills=("small_repairs",)),
        WorkerPlan("S01", C, "HC1", "MP-B", "bicycle", "08:30", "17:30", substitute=True),
        WorkerPlan("C15", C, "WIN", "MP-B", "bicycle", "08:30", "17:30"),  # posted from noon on, see generate_care
    ),
    meals=((56, (LUNCH_1, LUNCH_2)), (32, (DINNER,)), (46, (SIDE_DISH,))),
    late_singles=5,
    care=(
        CarePlan("emergency_care", 3, (60, 90, 120), "09:30", "13:30", 120, priority=1),
        CarePlan("temporary_home_care", 9, (60, 60, 90, 120), "09:00", "14:30", 90),
        CarePlan("check_in", 7, (15,), "09:00", "14:00", 180),
        CarePlan("accompaniment", 4, (90, 120), "09:00", "13:00", 60),
        CarePlan("housing_help", 5, (60, 90), "09:00", "13:00", 180),
        CarePlan("visiting_bath", 1, (60,), "10:00", "10:30", 270, worker_count=2, areas=("MP-B",)),
    ),
    care_filed_late=4,
    drop_out_areas=("MP-A", "MP-B"),
    kitchen_late_min=25,
    no_answers=(1, 2),
    noon_emergency=True,
    sick_carer="C05",
    nearest=(("check_in", 2),),
    deeds=(
        ("08:00", "accepts_in_part", 1), ("08:00", "sends_another", 1), ("10:00", "answers_late", 1), ("10:20", "declines", 1),
        ("10:40", "lets_it_ring", 1), ("09:30", "sees_something", 2), ("12:00", "taps_wrong", 1), ("09:00", "falls_silent", 1),
        ("08:30", "pins_a_worker", 3), ("08:30", "rules_a_worker_out", 1),
    ),
    with_care=True,
    rare_skills=(("housing_help", "small_repairs", "MP-D"), ("temporary_home_care", "sign_language", "MP-C")),
    failing_kitchen="K2",
    paused_mode="bicycle",
)

MAPO = DayPlan(  # the Mapo plan: 1,000 meals a month, about 45 on a working day; 20 housing and 20 mobility jobs a month
    riders=(
        WorkerPlan("R01", R, "RC1", "MP-A", "motorbike", "09:00", "15:00", "male"),
        WorkerPlan("R02", R, "RC1", "MP-B", "motorbike", "09:00", "15:00", "male"),
        WorkerPlan("R03", R, "RC2", "MP-C", "motorbike", "10:15", "19:00", "male"),
        WorkerPlan("R04", R, "RC2", "MP-D", "motorbike", "10:15", "15:00", "female"),
        WorkerPlan("R05", R, "RC1", "MP-B", "motorbike", "15:00", "20:30", "male"),
        WorkerPlan("R06", R, "RC2", "MP-D", "motorbike", "15:30", "20:30", "male"),
    ),
    carers=(
        WorkerPlan("C01", C, "HC1", "MP-A", "bicycle", "09:00", "18:00"),
        WorkerPlan("C02", C, "SF1", "MP-B", "car", "09:00", "18:00", "male"),
        WorkerPlan("C03", C, "SF2", "MP-C", "car", "09:00", "18:00", "male"),
        WorkerPlan("C04", C, "WIN", "MP-C", "car", "09:00", "18:00"),
        WorkerPlan("C05", C, "WC1", "MP-D", "bicycle", "09:00", "18:00"),
    ),
    meals=((24, (LUNCH_1, LUNCH_2)), (10, (DINNER,)), (11, (SIDE_DISH,))),
    late_singles=0,
    care=(
        CarePlan("emergency_care", 1, (60, 90), "10:00", "13:30", 180, priority=1),
        CarePlan("temporary_home_care", 1, (60, 90, 120), "09:30", "14:00", 120),
        CarePlan("check_in", 2, (15,), "09:30", "14:00", 180),
        CarePlan("accompaniment", 1, (90,), "10:00", "13:00", 60),
        CarePlan("housing_help", 2, (60, 90), "09:30", "13:00", 180),
    ),
    care_filed_late=0,
    drop_out_areas=(),
    kitchen_late_min=0,
    no_answers=(1,),
    noon_emergency=False,
)

PLANS = {"busy": BUSY, "mapo": MAPO}

BOX_CAPACITY = {"motorbike": 20, "bicycle": 12}
KITCHEN_OF_AREA = {"MP-A": "K1", "MP-B": "K1", "MP-C": "K2", "MP-D": "K2"}
SIDE_DISH_KITCHEN = "HUB"
