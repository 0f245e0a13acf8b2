"""Mapo-gu as facts: dongs, living areas, the Han river and its bridges. What the sample days stand on.

NOTICE (attribution that is owed; kept in docs/attribution.md as well):

* Centroids of the 16 dongs were computed from open boundaries. The boundaries themselves are not in this project.
  본 데이터는 통계청 통계지리정보서비스(SGIS, https://sgis.kostat.go.kr)에서 공공누리 제1유형으로 개방한 행정동 경계를
  가공한 것이며(가공: vuski/admdongkor, https://github.com/vuski/admdongkor), CC BY 4.0으로 배포됩니다.
  (Statistics Korea SGIS, KOGL type 1; processed by vuski/admdongkor, CC BY 4.0; release of April 2021. Changes: reduced
  to one centroid a dong, four decimals.)
* People of 65 and over: resident registration statistics of Seoul by dong, second quarter of 2021, foreigners included
  (Seoul Open Data Plaza, https://data.seoul.go.kr, 서울시 고령자현황 (동별) 통계).
* Codes: 10-digit codes of administrative dongs (Ministry of the Interior and Safety). Mapo's dongs have not changed
  since.

The four living areas are PROPOSED for this sample, not official (the official plan, 2030 서울생활권계획, knows five in
Mapo). All providers are fictional. River and bridges are our own coarse digitisation from where the bridges stand;
good to about 200 m: enough to refuse an address in the water and to send nobody across it, not for navigation.
"""

from __future__ import annotations

from typing import NamedTuple

DISTRICT = "11440"
DISTRICT_NAME_KO = "마포구"
DISTRICT_NAME_EN = "Mapo-gu"
SERVICE_DATE = "2026-03-03"  # a Tuesday that is no holiday (2 March 2026 is a substitute holiday)


class DongFact(NamedTuple):
    code: str
    name_ko: str
    name_en: str
    lon: float
    lat: float
    population_65: int
    area_id: str


class AreaFact(NamedTuple):
    """`helpers`: neighbours and the price of a visit that they take over (1 is about a second of travel)."""

    area_id: str
    name_ko: str
    name_en: str
    responsible_enterprise: str
    helpers: tuple[tuple[str, int], ...]


class ProviderFact(NamedTuple):
    provider_id: str
    name_ko: str
    name_en: str
    kind: str
    services: tuple[str, ...]
    own_staff: bool


class KitchenFact(NamedTuple):
    kitchen_id: str
    provider_id: str
    name_ko: str
    name_en: str
    lon: float
    lat: float
    spare_meals: int = 3  # our estimate: packed meals that a kitchen keeps for the day


class ModeFact(NamedTuple):
    mode: str
    detour: float
    speed_m_per_s: float
    access_s: int


class BridgeFact(NamedTuple):
    """The two banks: north (Mapo) and south."""

    name_ko: str
    north: tuple[float, float]
    south: tuple[float, float]


DONGS = (
    DongFact("1144055500", "아현동", "Ahyeon-dong", 126.9528, 37.5519, 3064, "MP-A"),
    DongFact("1144056500", "공덕동", "Gongdeok-dong", 126.9578, 37.5491, 5799, "MP-A"),
    DongFact("1144058500", "도화동", "Dohwa-dong", 126.9468, 37.5370, 3671, "MP-B"),
    DongFact("1144059000", "용강동", "Yonggang-dong", 126.9413, 37.5406, 2967, "MP-B"),
    DongFact("1144060000", "대흥동", "Daeheung-dong", 126.9414, 37.5521, 2032, "MP-A"),
    DongFact("1144061000", "염리동", "Yeomni-dong", 126.9475, 37.5498, 2040, "MP-A"),
    DongFact("1144063000", "신수동", "Sinsu-dong", 126.9336, 37.5436, 3239, "MP-B"),
    DongFact("1144065500", "서강동", "Seogang-dong", 126.9252, 37.5459, 3163, "MP-B"),
    DongFact("1144066000", "서교동", "Seogyo-dong", 126.9209, 37.5548, 3366, "MP-C"),
    DongFact("1144068000", "합정동", "Hapjeong-dong", 126.9088, 37.5469, 2648, "MP-C"),
    DongFact("1144069000", "망원1동", "Mangwon 1-dong", 126.9002, 37.5528, 3365, "MP-C"),
    DongFact("1144070000", "망원2동", "Mangwon 2-dong", 126.8957, 37.5571, 3107, "MP-D"),
    DongFact("1144071000", "연남동", "Yeonnam-dong", 126.9215, 37.5630, 2435, "MP-C"),
    DongFact("1144072000", "성산1동", "Seongsan 1-dong", 126.9118, 37.5620, 2914, "MP-C"),
    DongFact("1144073000", "성산2동", "Seongsan 2-dong", 126.9020, 37.5681, 6177, "MP-D"),
    DongFact("1144074000", "상암동", "Sangam-dong", 126.8809, 37.5718, 3904, "MP-D"),
)

AREAS = (  # proposed, not official
    AreaFact("MP-A", "아현·공덕권", "Ahyeon–Gongdeok", "SF1", (("MP-B", 600), ("MP-C", 900))),
    AreaFact("MP-B", "용강·서강권", "Yonggang–Seogang", "WC1", (("MP-A", 600), ("MP-C", 600))),
    AreaFact("MP-C", "합정·서교권", "Hapjeong–Seogyo", "SF2", (("MP-B", 600), ("MP-D", 600), ("MP-A", 900))),
    AreaFact("MP-D", "성산·상암권", "Seongsan–Sangam", "SF3", (("MP-C", 600),)),
)

PROVIDERS = (  # all fictional: (예시) and (sample) say so
    ProviderFact("RC1", "한강바람 라이더협동조합(예시)", "River Wind riders' co-op (sample)", "rider_coop",
                 ("meal_support", "errand"), False),
    ProviderFact("RC2", "골목길 라이더협동조합(예시)", "Alley riders' co-op (sample)", "rider_coop",
                 ("meal_support",), False),
    ProviderFact("KP1", "공덕 한끼부엌(예시)", "Gongdeok One Meal kitchen (sample)", "kitchen", ("meal_support",), False),
    ProviderFact("KP2", "망원 찬마루(예시)", "Mangwon Banchan kitchen (sample)", "kitchen", ("meal_support",), False),
    ProviderFact("HC1", "늘곁 재가센터(예시)", "Always Beside home-care centre (sample)", "home_care_centre",
                 ("visiting_care", "emergency_care", "temporary_home_care", "visiting_bath", "check_in"), False),
    ProviderFact("WC1", "든든 복지관(예시)", "Deundeun welfare centre (sample)", "welfare_centre",
                 ("check_in", "accompaniment", "temporary_home_care"), False),
    ProviderFact("SF1", "고갯마루 사회적협동조합(예시)", "Hilltop social co-op (sample)", "social_firm",
                 ("housing_help", "accompaniment", "check_in"), False),
    ProviderFact("SF2", "골목살림 사회적기업(예시)", "Alley Housekeeping social firm (sample)", "social_firm",
                 ("housing_help", "temporary_home_care", "accompaniment"), False),
    ProviderFact("SF3", "노을이웃 사회적기업(예시)", "Sunset Neighbours social firm (sample)", "social_firm",
                 ("check_in", "housing_help"), False),
    ProviderFact("WIN", "마포 통합창구 사업단(예시)", "Mapo integrated window (sample)", "window",
                 ("emergency_care", "check_in", "accompaniment", "temporary_home_care", "meal_support"), True),
)  # fmt: skip

KITCHENS = (  # fictional, placed in the middle of the dongs they are named after
    KitchenFact("K1", "KP1", "공덕 한끼부엌(예시)", "Gongdeok kitchen (sample)", 126.9520, 37.5455),
    KitchenFact("K2", "KP2", "망원 찬마루(예시)", "Mangwon kitchen (sample)", 126.9045, 37.5560),
    KitchenFact("HUB", "WIN", "서교 배송거점(예시)", "Seogyo delivery hub (sample)", 126.9185, 37.5535),
)

MODES = (
    # Detours and speeds of the design's travel model; access (lock, entrance code, stairs) 2–4 minutes a stop.
    ModeFact("bicycle", 1.35, 4.167, 120),  # 15 km/h
    ModeFact("motorbike", 1.4, 5.278, 120),  # 19 km/h
    ModeFact("foot", 1.3, 1.25, 120),  # 4.5 km/h
    ModeFact("car", 1.4, 5.0, 240),  # our estimate: 18 km/h in town, parking included in access
)

BRIDGES = (  # (longitude, latitude) of the water's edge at each end
    BridgeFact("원효대교", (126.9478, 37.5313), (126.9395, 37.5225)),
    BridgeFact("마포대교", (126.9421, 37.5368), (126.9326, 37.5288)),
    BridgeFact("서강대교", (126.9282, 37.5420), (126.9218, 37.5326)),
    BridgeFact("양화대교", (126.9083, 37.5457), (126.9002, 37.5400)),
    BridgeFact("성산대교", (126.8938, 37.5545), (126.8873, 37.5482)),
    BridgeFact("월드컵대교", (126.8875, 37.5580), (126.8815, 37.5528)),
    BridgeFact("가양대교", (126.8645, 37.5728), (126.8580, 37.5672)),
)

RIVER = (  # the Han along Mapo: north bank downstream, south bank back
    *(bridge.north for bridge in BRIDGES[:3]),
    (126.9110, 37.5440),
    *(bridge.north for bridge in BRIDGES[3:6]),
    (126.8760, 37.5655),
    BRIDGES[6].north,
    (126.8550, 37.5785),
    (126.8480, 37.5740),
    *(bridge.south for bridge in reversed(BRIDGES)),
)

BANK_STEP = 0.08  # a bridge's end is set back from the water by this share of its length, so that a way to it stays dry


def bridge_ends(bridge: BridgeFact) -> tuple[tuple[float, float], tuple[float, float]]:
    """Both ends of a bridge on dry land, a little behind the bank line."""
    (nx, ny), (sx, sy) = bridge.north, bridge.south
    dx, dy = (nx - sx) * BANK_STEP, (ny - sy) * BANK_STEP
    return (round(nx + dx, 5), round(ny + dy, 5)), (round(sx - dx, 5), round(sy - dy, 5))


PROVIDER_BY_ID = {provider.provider_id: provider for provider in PROVIDERS}
