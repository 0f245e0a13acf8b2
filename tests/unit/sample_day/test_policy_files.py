"""Every policy can be said in a day's folder: the ladder, who helps whom, other districts, pay, observations, ways to ask."""

from __future__ import annotations

from pathlib import Path

from services.sample_day.day_parts import LISTS, PARTS, POLICY_FIELDS
from services.sample_day.policy_tables import POLICY_TABLES
from services.sample_day.read_day import read_day
from streams.contracts.district import HelpPair, MealWindow, Observation, OtherDistrict, Rung, RungName, Service, UrgencyQuestion
from streams.contracts.offering import NEAREST, OfferRule, Pay
from tests.unit.sample_day.small_day import errors_of, places_of, write

FILES = {
    "offer_rules.csv": "service,provider_id,nearest_n,expiry_min,reminder_min\ncheck_in,SF,3,5,0\n",
    "ladder.csv": "rung,wait_min,claims,enterprise_first_min,claim_expiry_min,price_krw\ndong,3;15;30,no,,,\n"
                  "living_area,,yes,5,20,700\n",
    "help_pairs.csv": "helper,area_id,services,may_help,pre_approved,price_krw\nSF,B,안부확인,yes,yes,900\n",
    "other_districts.csv": "district,name_ko,name_en,region,services,pre_approved,price_krw,offer_at_once\n"
                           "11410,서대문구,Seodaemun-gu,서북권,check_in,yes,2500,no\n",
    "pay.csv": "service,per_visit_krw,per_hour_krw\nmeal_support,4000,\n,,15000\n",
    "urgency_questions.csv": "code,name_ko,name_en,urgent_if\nfalls,일어나지 못하나요?,Unable to get up?,yes\n",
    "observations.csv": "code,name_ko,name_en,due_min\nlight_off,불이 꺼져 있음,Light off,90\n",
    "meal_windows.csv": "code,from,until\nbreakfast,06:00,09:00\nlate,18:00,24:00\n",
    "decline_reasons.csv": "code,name_ko,name_en\nflood,침수,Flooded\nunstated,이유 없음,No reason\n",
    "policy.csv": "name,value\noffering.max_open,2\noffering.quiet_from,21:30\nfairness.unfamiliar,0\n"
                  "breakable_rules,area;gender\nwelfare_check_by_risk,high:600;low:3600\nnotices_at_any_hour,late\n"
                  "avoidance.excuses,flood;busy\nquiet_until,07:30\n",
}  # fmt: skip


def test_every_policy_can_be_said_in_the_folder(tmp_path: Path) -> None:
    config = read_day(write(tmp_path, FILES)).config
    policy = config.policy
    assert policy.offering.rules == (
        OfferRule(service="check_in", provider_id="SF", ask=NEAREST, nearest_n=3, expiry_s=300, reminder_s=0),
    )
    assert (policy.offering.max_open, policy.offering.quiet_from, policy.fairness.unfamiliar) == (2, "21:30", 0)
    assert policy.breakable_rules == ("area", "gender")
    assert policy.welfare_check_by_risk == {"high": 600, "low": 3600}
    assert (policy.notices_at_any_hour, policy.avoidance.excuses, policy.quiet_until) == (("late",), ("flood", "busy"), "07:30")
    assert policy.meal_windows == (MealWindow("breakfast", 360, 540), MealWindow("late", 1080, 1440))
    assert [reason.code for reason in policy.offering.reasons] == ["flood", "unstated"]
    assert policy.ladder == (
        Rung(name=RungName.DONG, wait_s=(180, 900, 1800), claims=False),
        Rung(name=RungName.LIVING_AREA, enterprise_first_s=300, claim_expiry_s=1200, price_krw=700),
    )
    assert config.help_pairs == (
        HelpPair(helper="SF", area_id="B", services=(Service.CHECK_IN,), pre_approved=True, price_krw=900),
    )
    assert config.other_districts == (
        OtherDistrict(
            district="11410", name_ko="서대문구", name_en="Seodaemun-gu", region="서북권", services=(Service.CHECK_IN,),
            pre_approved=True, price_krw=2500,
        ),
    )
    assert policy.pay == {"meal_support": Pay(4000, 0), "": Pay(0, 15000)}
    assert policy.urgency_questions == (UrgencyQuestion("falls", "일어나지 못하나요?", "Unable to get up?", True),)
    assert policy.observations == (Observation("light_off", "불이 꺼져 있음", "Light off", 5400),)


OF_FILES = {
    "urgency_questions": "urgency_questions.csv",
    "ladder": "ladder.csv", "pay": "pay.csv", "observations": "observations.csv", "meal_windows": "meal_windows.csv",
    "offering.rules": "offer_rules.csv", "offering.reasons": "decline_reasons.csv",
}  # fmt: skip
BY_A_CELL = (bool, int, str)


def test_no_policy_is_left_out() -> None:
    """Each has a file of its own, or a cell of policy.csv that can say it."""
    files = {table.file for table in POLICY_TABLES}
    said = {name for name, wanted in POLICY_FIELDS.items() if wanted in BY_A_CELL} | LISTS.keys() | OF_FILES.keys()
    said |= {"welfare_check_by_risk", "prices.leave_out", *PARTS}
    assert [name for name in POLICY_FIELDS if name not in said] == []
    assert [file for file in OF_FILES.values() if file not in files] == []


def test_bad_rows_are_named(tmp_path: Path) -> None:
    files = {
        "offer_rules.csv": "service,provider_id,nearest_n\ncheck_in,NOBODY,2\n",
        "ladder.csv": "rung,wait_min\nliving_area,1;2;3;4\ndong,\nroof,\n",
        "help_pairs.csv": "helper,area_id,price_krw\nSF,Z,cheap\n",
        "other_districts.csv": "district\n11440\n11410\n11410\n",
        "observations.csv": "code,name_ko,name_en,due_min\nx,가,a,soon\n",
        "policy.csv": "name,value\noffering.quiet_from,25:00\noffering.max_opn,2\nnotices_at_any_hour,birthday\n"
                      "welfare_check_by_risk,high:soon\nwelfare_check_by_risk,middling:900\n",
        "meal_windows.csv": "code,from,until\nlunch,12:00,09:00\ntea,15:00,noon\n",
        "decline_reasons.csv": "code,name_ko,name_en\nflood,침수,Flooded\n",
    }
    errors = errors_of(write(tmp_path, files))
    assert set(places_of(errors)) == {
        ("offer_rules.csv", 2, "provider_id", "unknown_provider"), ("ladder.csv", 2, "wait_min", "too_many"),
        ("ladder.csv", 3, "rung", "rungs_out_of_order"), ("ladder.csv", 4, "rung", "unknown_kind"),
        ("help_pairs.csv", 2, "area_id", "unknown_area"), ("help_pairs.csv", 2, "price_krw", "not_a_number"),
        ("other_districts.csv", 2, "district", "own_district"), ("other_districts.csv", 4, "district", "duplicate"),
        ("observations.csv", 2, "due_min", "not_a_number"), ("policy.csv", 2, "value", "bad_policy"),
        ("policy.csv", 3, "name", "unknown_policy"), ("policy.csv", 4, "value", "bad_policy"),
        ("policy.csv", 5, "value", "bad_policy"), ("policy.csv", 6, "value", "bad_policy"), ("policy.csv", 6, "name", "duplicate"),
        ("meal_windows.csv", 2, "until", "time_inverted"), ("meal_windows.csv", 3, "until", "bad_time"),
        ("decline_reasons.csv", 2, "code", "missing_reason"),
    }  # fmt: skip
    assert all(error.problem.ko != error.problem.en and error.remedy.ko for error in errors)
