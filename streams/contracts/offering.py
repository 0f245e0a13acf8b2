"""How workers and providers are asked, what work pays and what is fair: data of a district's policy."""

from __future__ import annotations

import msgspec

ONE_AT_A_TIME, NEAREST = "one_at_a_time", "nearest"
"""Ways to ask: the planned worker alone, or the nearest `n` at once with the first yes winning."""

UNSTATED = "unstated"


class DeclineReason(msgspec.Struct, frozen=True):
    """Why somebody says no. The list is closed: a no for another reason is refused."""

    code: str
    name_ko: str
    name_en: str


DECLINE_REASONS = (
    DeclineReason("too_far", "너무 멂", "Too far"),
    DeclineReason("on_break", "휴게 중", "On a break"),
    DeclineReason("vehicle_trouble", "이륜차·차량 고장", "Vehicle trouble"),
    DeclineReason("vehicle", "차량 없음", "No vehicle"),
    DeclineReason("no_worker", "보낼 인력 없음", "No worker free"),
    DeclineReason("no_capacity", "여력 없음", "No capacity"),
    DeclineReason("busy", "다른 일 중", "Busy"),
    DeclineReason("off_shift", "근무 시간 아님", "Off shift"),
    DeclineReason("sick", "몸이 좋지 않음", "Unwell"),
    DeclineReason("accident", "사고", "Accident"),
    DeclineReason("weather", "날씨", "Weather"),
    DeclineReason("too_many_boxes", "상자가 너무 많음", "Too many boxes"),
    DeclineReason("hard_door", "계단·출입 곤란", "Hard to reach door"),
    DeclineReason("not_on_good_terms", "이용자와 맞지 않음", "Not on good terms with the recipient"),
    DeclineReason("unsafe_home", "집이 위험함", "Unsafe home"),
    DeclineReason("difficult_case", "어려운 사례", "Difficult case"),
    DeclineReason("pay", "보수가 낮음", "Pay too low"),
    DeclineReason(UNSTATED, "이유 없음", "No reason given"),
)


class OfferRule(msgspec.Struct, frozen=True, kw_only=True):
    """How a service is asked for, of a provider. "" matches any; the rule that says most applies (a provider weighs more
    than a service). 0 or -1: as the policy says for everybody."""

    service: str = ""
    provider_id: str = ""
    ask: str = ONE_AT_A_TIME
    nearest_n: int = 1  # how many are asked at once, with `nearest`
    expiry_s: int = 0
    reminder_s: int = -1  # so long before the expiry; 0 never


class Offering(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all offers. `quiet_from` and `quiet_until` are Seoul's wall clock; who is on shift is at work and is
    asked all the same, and what is urgent or cannot wait is asked at any hour."""

    rules: tuple[OfferRule, ...] = ()
    reasons: tuple[DeclineReason, ...] = DECLINE_REASONS
    reminder_s: int = 240  # an offer is brought to mind so long before it expires
    max_open: int = 3  # offers that a worker has on the phone at once; more is a list that nobody reads
    max_open_slots: int = 40  # the same of a provider's desk
    quiet_from: str = "22:00"
    quiet_until: str = "06:00"
    call_expiry_s: int = 1200  # who has no app is called: a coordinator needs longer than a phone's bell
    terms_moved_s: int = 1800  # a time window that moved by more is another offer: who declined may be asked again
    begin_moved_s: int = 7200  # inside an unchanged window: a begin later than the declined one by more


class Pay(msgspec.Struct, frozen=True):
    """What a worker is paid for a visit, in won: a piece, and by the hour planned at the home."""

    per_visit_krw: int = 0
    per_hour_krw: int = 0


PAY = {
    # What is carried goes by the door, care by the hour; the sums are a start, each district enters its own agreement.
    "meal_support": Pay(3_500, 0),
    "errand": Pay(4_500, 0),
    "local_parcel": Pay(2_500, 0),
    "": Pay(0, 13_000),
}


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """Fair shares over the week and known faces, as prices of the plan. A worker's fair share of a day is
    `day_share_percent` of the shift, more or less by what the week so far gave this worker against the mean of its kind;
    the weights (percent) say how much hours, income, distance and the co-operative's share of offers count for that."""

    over_share_per_min: int = 10  # price of a minute beyond the fair share; 0 switches it off
    unfamiliar: int = 120  # price of sending a stranger where faces are known; 0 switches it off
    day_share_percent: int = 60
    hours_weight: int = 50
    income_weight: int = 25
    distance_weight: int = 25
    offered_weight: int = 25
    team_size: int = 6  # faces a recipient knows: those who came last, whoever of them comes is familiar
