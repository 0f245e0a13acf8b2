"""A district as data: its areas, dongs, providers, kitchens, workers, travel model and policies."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from streams.contracts.eligibility import (
    Avoidance,
    CentreType,
    Credential,
    CutOff,
    DatedService,
    Exclusion,
    MenuLine,
    Programme,
)  # fmt: skip
from streams.contracts.expected import ExpectedDemand
from streams.contracts.offering import PAY, Fairness, Offering, Pay
from streams.contracts.plan_terms import PlanPrices
from streams.contracts.work import WorkTerms


class Service(StrEnum):
    """The catalogue of services (일상편의서비스 and home care); what a visit is for."""

    MEAL_SUPPORT = "meal_support"  # 식사지원
    HOUSING_HELP = "housing_help"  # 주거편의
    ACCOMPANIMENT = "accompaniment"  # 동행·이동지원
    CHECK_IN = "check_in"  # 안부확인
    TEMPORARY_HOME_CARE = "temporary_home_care"  # 일시재가
    EMERGENCY_CARE = "emergency_care"  # 긴급돌봄
    VISITING_CARE = "visiting_care"  # 방문요양
    VISITING_NURSING = "visiting_nursing"  # 방문간호
    VISITING_BATH = "visiting_bath"  # 방문목욕
    DISABILITY_ASSISTANCE = "disability_assistance"  # 장애인활동지원
    ERRAND = "errand"  # 심부름: 장보기, 약 수령
    LOCAL_PARCEL = "local_parcel"  # 지역배송: a local shop's parcel, in spare capacity


BROUGHT = frozenset({Service.ERRAND, Service.LOCAL_PARCEL})
"""Services that bring something from a shop."""


class MealKind(StrEnum):
    """How a meal travels: hot in a round, chilled in a round, or alone."""

    HOT_LUNCH = "hot_lunch"
    HOT_DINNER = "hot_dinner"
    SIDE_DISH = "side_dish"  # 밑반찬, chilled
    SINGLE = "single"  # a late addition or an on-demand order


class WorkerKind(StrEnum):
    RIDER = "rider"
    CARER = "carer"


class ProviderKind(StrEnum):
    RIDER_COOP = "rider_coop"  # 라이더 협동조합
    KITCHEN = "kitchen"
    HOME_CARE_CENTRE = "home_care_centre"  # 종합재가센터
    SOCIAL_FIRM = "social_firm"
    WELFARE_CENTRE = "welfare_centre"
    WINDOW = "window"  # 통합창구: the consortium's own staff


class Place(msgspec.Struct, frozen=True, order=True):
    """A point in the district's coordinate system: WGS 84 (x longitude, y latitude, degrees, three decimals:
    about 100 m) or a plane (x metres east, y metres north)."""

    x: float
    y: float


class Dong(msgspec.Struct, frozen=True, kw_only=True):
    """An administrative dong. `code` is the 10-digit code; `cell` its polygon (closed implicitly)."""

    code: str
    name_ko: str
    name_en: str = ""
    centroid: Place
    cell: tuple[Place, ...] = ()
    population_65: int = 0


class AreaHelp(msgspec.Struct, frozen=True):
    """A neighbouring living area that may help, and the price per visit (in the plan's price units, see routing)."""

    area_id: str
    price: int


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A living area (생활권역): its dongs, its responsible enterprise, and who may help it."""

    area_id: str
    name_ko: str
    name_en: str
    dong_codes: tuple[str, ...]
    responsible_enterprise: str  # provider_id
    helpers: tuple[AreaHelp, ...] = ()


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that supplies. `own_staff`: its workers are assigned directly; else it is asked for a slot and
    names its worker (연계). What it may supply: `dated_services` in force on the day; without any, `services`; without
    those, the first filling of its `centre_type`; without that, nothing is known and nothing is forbidden. `public`: a
    public provider, which takes whom private ones avoid."""

    provider_id: str
    name_ko: str
    name_en: str
    kind: ProviderKind
    services: tuple[Service, ...] = ()
    own_staff: bool = False
    dated_services: tuple[DatedService, ...] = ()
    centre_type: CentreType | None = None
    public: bool = False
    has_app: bool = True  # without one it is called: the coordinator's list
    work: WorkTerms | msgspec.UnsetType = msgspec.UNSET  # of all its people; unset: no rests, no limits


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """A shop or pharmacy, open from `opens_at` until `closes_at`."""

    opens_at: datetime
    closes_at: datetime


class Kitchen(msgspec.Struct, frozen=True, kw_only=True):
    """A kitchen or hub (배송거점) where meals are picked up; or a `shop`, where what an errand or a parcel brings is had."""

    kitchen_id: str
    provider_id: str
    name_ko: str
    name_en: str
    place: Place
    load_duration_s: int = 180  # once for each pickup stop, however many boxes
    menu: tuple[MenuLine, ...] = ()  # what it cooks; without one nothing but the regular diet, allergens unknown
    cut_offs: tuple[CutOff, ...] = ()
    meal_kinds: tuple[MealKind, ...] = ()  # what it can make; empty: every kind
    capacity_meals: int = 0  # of each kind a day, its own with those it takes over; 0: no limit known
    take_over_s: int = 2700  # asked to supply instead of another kitchen, it has the meal ready this long after
    cook_again_s: int = 2700  # a meal that was lost on the way, made anew
    spare_meals: int = 0  # packed meals kept for a day, for whom the ordered one cannot reach
    spare_ready_s: int = 300
    shop: Shop | msgspec.UnsetType = msgspec.UNSET  # unset: it cooks


class WorkerProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A worker and the shift of the day. No name: names are in the registry."""

    worker_id: str
    kind: WorkerKind
    organisation: str  # provider_id
    area_id: str
    mode: str  # key of TravelConfig.modes
    shift_start_at: datetime
    shift_end_at: datetime
    start: Place
    end: Place | None = None
    capacity_boxes: int = 0
    skills: tuple[str, ...] = ()  # services a carer may supply, plus any named skill
    gender: str = ""
    credentials: tuple[Credential, ...] = ()
    has_app: bool = True  # without one (a voice phone) every offer is a call in the coordinator's list
    substitute: bool = False  # 대체인력: stands by, gets nothing until somebody calls in sick
    work: WorkTerms | msgspec.UnsetType = msgspec.UNSET  # what differs from the provider's


class ModeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Great-circle distance x detour at a speed, plus access time at each stop."""

    detour: float
    speed_m_per_s: float
    access_s: int = 0


class TravelConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Travel model: `coordinates` is "wgs84" or "plane_m". Nobody crosses `river` but at a bridge."""

    coordinates: str = "wgs84"
    modes: dict[str, ModeConfig]
    river: tuple[Place, ...] = ()  # polygon
    bridges: tuple[tuple[Place, Place], ...] = ()  # bank to bank
    speed_factor: float = 1.0


class Observation(msgspec.Struct, frozen=True):
    """What a rider or carer may see at a door (안부 관찰), and how soon the dong's care manager is to look."""

    code: str
    name_ko: str
    name_en: str
    due_s: int


OBSERVATIONS = (
    # The four taps of the trade, most alarming first; a person who may be lying behind the door is looked for within
    # the half hour that a welfare check has, the slow signs within the working day.
    Observation("no_sign_of_life", "기척 없음", "No sign of life", 1800),
    Observation("looks_unwell", "안색 나쁨", "Looks unwell", 3600),
    Observation("box_untouched", "어제 도시락 그대로", "Yesterday's box untouched", 7200),
    Observation("post_piling_up", "우편물 쌓임", "Post piling up", 14400),
)


class UrgencyQuestion(msgspec.Struct, frozen=True):
    """A yes/no question to who telephones about somebody in need. `urgent_if`: the answer that means 119 now."""

    code: str
    name_ko: str
    name_en: str
    urgent_if: bool


URGENCY_QUESTIONS = (
    # What a layman can see and say, most alarming first: no grades given by clerks.
    UrgencyQuestion("conscious", "의식이 있나요? (부르면 대답하나요?)", "Conscious? (Do they answer?)", False),
    UrgencyQuestion("breathing", "숨을 편히 쉬나요?", "Breathing easily?", False),
    UrgencyQuestion("bleeding", "출혈이 계속되나요?", "Bleeding that does not stop?", True),
    UrgencyQuestion("chest_pain", "가슴이 아프거나 한쪽 팔다리에 힘이 없나요?", "Pain in the chest, or one side weak?", True),
)


class MealWindow(msgspec.Struct, frozen=True):
    """A meal's time of day, as minutes after local midnight: a kitchen that fails "for the meal" is back after it."""

    code: str
    from_min: int
    until_min: int


MEAL_WINDOWS = (MealWindow("lunch", 570, 840), MealWindow("dinner", 930, 1170))  # 09:30-14:00, 15:30-19:30: cooking to last door
class RungName(StrEnum):
    """The rungs of the ladder of mutual help, each wider, slower and dearer than the one before."""

    DONG = "dong"  # whoever serves the dong: workers of its living area, by the plan
    LIVING_AREA = "living_area"  # its providers may claim, and living areas that may help it are planned for
    DISTRICT = "district"  # the other living areas
    REGION = "region"  # other districts of the same region (권역)
    CITY = "city"  # districts of other regions


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One rung of the ladder. A need waits `wait_s` (by priority 1, 2, 3; () for the policy's times) and climbs.

    `claims`: providers of the rung see the need and may claim it; `enterprise_first_s` long the living area's responsible
    enterprise has it to itself. An unconfirmed claim ends after `claim_expiry_s`. `price_krw`: what a visit supplied from
    this rung costs beside its fee."""

    name: RungName
    wait_s: tuple[int, ...] = ()
    claims: bool = True
    enterprise_first_s: int = 0
    claim_expiry_s: int = 600
    price_krw: int = 0


LADDER = (
    # Prices are ours to begin with (each rung dearer than the one before); a district sets its own.
    Rung(name=RungName.DONG, claims=False),
    Rung(name=RungName.LIVING_AREA, enterprise_first_s=180),
    Rung(name=RungName.DISTRICT, price_krw=1000),
    Rung(name=RungName.REGION, price_krw=3000, claim_expiry_s=900),
    Rung(name=RungName.CITY, price_krw=5000, claim_expiry_s=900),
)


class HelpPair(msgspec.Struct, frozen=True, kw_only=True):
    """Who may help whom: `helper` (a provider) for needs of `area_id` ("" for every area) and `services` (() for all).
    `pre_approved`: its claims are confirmed at once. `price_krw` takes the place of the rung's."""

    helper: str
    area_id: str = ""
    services: tuple[Service, ...] = ()
    may_help: bool = True
    pre_approved: bool = False
    price_krw: int | None = None


class OtherDistrict(msgspec.Struct, frozen=True, kw_only=True):
    """Another district on the ladder. What we ask of it: `services` (() for none but home visits: a meal needs a kitchen),
    `pre_approved` (its offers are accepted at once), `price_krw` (None: the rung's). What it asks of us: `offer_at_once`
    when our plan has room; else our providers and coordinator decide."""

    district: str
    name_ko: str | msgspec.UnsetType = msgspec.UNSET  # unset: people see the code
    name_en: str | msgspec.UnsetType = msgspec.UNSET
    region: str = ""
    services: tuple[Service, ...] = ()
    pre_approved: bool = False
    price_krw: int | None = None
    offer_at_once: bool = False


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Times and prices by which the core acts; all data, in force by version."""

    offer_expiry_s: int = 600
    offer_lead_s: int = 2700  # an offer goes out this long before its first stop should start
    slot_lead_s: int = 5400  # a provider is asked this long before
    replan_interval_s: int = 900
    replan_timeout_s: int = 1800
    rung_wait_s: int = 900  # a waiting visit climbs to the next rung after this
    urgent_rung_wait_s: int = 180
    no_answer_retry_s: int = 300
    doorstep_call_s: int = 300  # nobody opens: the window calls within this, then kin, then somebody goes and looks
    doorstep_kin_s: int = 600
    welfare_check_s: int = 1800
    welfare_check_by_risk: dict[str, int] = msgspec.field(default_factory=lambda: {"high": 900, "low": 7200})
    worker_silence_s: int = 2400
    handover_grace_s: int = 3600  # after the time window a visit still without a worker is handed over
    exception_due_s: int = 1200
    single_offers: bool = False  # every meal is its own offer (on-demand districts)
    late_grace_s: int = 1800  # so long after the time window a visit may still begin, late, rather than never
    late_price_per_min: int = 300
    unserved_price: int = 200_000
    move_price: int = 600
    solve_iterations: int = 120  # 0 in a district that is planned by insertion alone
    match_interval_s: int = 0  # on-demand districts: meals are matched with riders anew every so many seconds; 0: they are not
    max_meals_per_round: int = 40
    door_code_lead_s: int = 1800  # so long before it should begin, a worker is told how to get in
    quiet_from: str = "21:00"  # nobody is told anything until `quiet_until` (Seoul) but what cannot wait
    quiet_until: str = "08:00"
    notices_at_any_hour: tuple[str, ...] = ("late", "changed", "cancelled")
    meal_kept_s: int = 7200  # a hot meal may wait so long for who wants it later: two hours after cooking, the ministry's rule
    not_received_s: int = 1800  # "it did not come": the dong's care manager looks within this time
    first_visit_s: int = 259_200  # the care manager's own first visit: within 72 hours of the referral
    first_visit_near_s: int = 86_400  # so long before that is over it stands in their queue
    undo_s: int = 600  # a person's command can be undone for this long
    breakable_rules: tuple[str, ...] = ("area", "excluded", "gender")  # hard rules a coordinator may waive with a reason
    report_off_shown_s: int = 300  # a report that says it happened so long before (or after) it came is shown as such
    self_correction_s: int = 300  # a worker may take back a mis-tap alone for this long; later a coordinator does
    observations: tuple[Observation, ...] = OBSERVATIONS
    urgency_questions: tuple[UrgencyQuestion, ...] = URGENCY_QUESTIONS
    emergency_call_s: int = 600  # who was to call 119 is called back within this time, and whoever takes it over too
    not_urgent_call_s: int = 3600  # the same of who needs somebody, but not 119
    expected_late_s: int = 900  # a visit that somebody has taken and that will be so much later than promised is told of
    avoidance: Avoidance = Avoidance()
    silence_answer_s: int = 300  # a silent worker who is asked answers within this; then somebody calls
    silence_call_s: int = 600  # the call; then the worker is relieved
    lone_overdue_s: int = 1800  # a carer alone in a home who has not checked out this long after the visit should be over
    lone_due_s: int = 300  # somebody has to act on it within this, and each next role too
    alarm_due_s: int = 120  # the same for a silent alarm
    search_for_worker_s: int = 600  # a colleague who collects boxes from a worker nobody can reach looks for them this long
    batch_placed_at_once: int = 200  # a batch of more visits is filed at once and given workers in chunks
    batch_chunk: int = 100
    disruption_chunk: int = 10  # visits moved to others at one go when a provider fails
    meal_windows: tuple[MealWindow, ...] = MEAL_WINDOWS
    ladder: tuple[Rung, ...] = LADDER
    help_retry_s: int = 120  # another district that does not answer is told again after this, then ever more slowly
    help_confirm_s: int = 900  # so long an accepted offer may stay unconfirmed before it is released
    offering: Offering = Offering()
    pay: dict[str, Pay] = msgspec.field(default_factory=lambda: dict(PAY))  # by service; "" for all others
    fairness: Fairness = Fairness()
    prices: PlanPrices | msgspec.UnsetType = msgspec.UNSET  # unset: the usual ones


class DistrictConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a district that can change a decision; enters through the journal as one event."""

    version: int
    district: str
    name_ko: str
    name_en: str
    service_date: str  # ISO date in Asia/Seoul
    dongs: tuple[Dong, ...]
    areas: tuple[Area, ...]
    providers: tuple[Provider, ...]
    kitchens: tuple[Kitchen, ...] = ()
    workers: tuple[WorkerProfile, ...] = ()
    travel: TravelConfig
    policy: Policy = Policy()
    programmes: tuple[Programme, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()  # both sides; more come in by command
    helping_districts: tuple[str, ...] = ()  # asked on the rung of the region, when not told more of below
    region: str = ""  # by name: 서북권
    help_pairs: tuple[HelpPair, ...] = ()
    other_districts: tuple[OtherDistrict, ...] = ()
    expected: tuple[ExpectedDemand, ...] | msgspec.UnsetType = msgspec.UNSET  # for the area balance; unset: what is filed alone
