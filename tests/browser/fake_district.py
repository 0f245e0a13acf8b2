"""Mapo-gu as the fake API shows it: dongs as cells, four living areas, providers, kitchens, workers."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from shapely import MultiPoint, Point, Polygon, box, voronoi_polygons

from streams.contracts import district as c
from streams.contracts.district import Place

SEOUL = timezone(timedelta(hours=9))
DISTRICT = "11440"

# Names, codes, centroids of the 16 dongs of Mapo-gu: facts.
DONGS = """1144055500 아현동 Ahyeon-dong 126.9528 37.5519 A|1144056500 공덕동 Gongdeok-dong 126.9578 37.5491 A
1144061000 염리동 Yeomni-dong 126.9475 37.5498 A|1144060000 대흥동 Daeheung-dong 126.9414 37.5521 A
1144058500 도화동 Dohwa-dong 126.9468 37.5370 B|1144059000 용강동 Yonggang-dong 126.9413 37.5406 B
1144063000 신수동 Sinsu-dong 126.9336 37.5436 B|1144065500 서강동 Seogang-dong 126.9252 37.5459 B
1144066000 서교동 Seogyo-dong 126.9209 37.5548 C|1144068000 합정동 Hapjeong-dong 126.9088 37.5469 C
1144069000 망원1동 Mangwon1-dong 126.9002 37.5528 C|1144071000 연남동 Yeonnam-dong 126.9215 37.5630 C
1144072000 성산1동 Seongsan1-dong 126.9118 37.5620 C|1144070000 망원2동 Mangwon2-dong 126.8957 37.5571 D
1144073000 성산2동 Seongsan2-dong 126.9020 37.5681 D|1144074000 상암동 Sangam-dong 126.8809 37.5718 D"""
AREAS = {
    "A": ("아현·공덕권", "Ahyeon–Gongdeok", "WC-1"),
    "B": ("용강·서강권", "Yonggang–Seogang", "SF-1"),
    "C": ("합정·서교권", "Hapjeong–Seogyo", "SF-2"),
    "D": ("성산·상암권", "Seongsan–Sangam", "HC-1"),
}
PROVIDERS = [
    ("RC-1", "마포라이더협동조합", "Mapo Riders Co-op", c.ProviderKind.RIDER_COOP),
    ("RC-2", "한강배달협동조합", "Hangang Delivery Co-op", c.ProviderKind.RIDER_COOP),
    ("HC-1", "마포종합재가센터", "Mapo Home Care Centre", c.ProviderKind.HOME_CARE_CENTRE),
    ("SF-1", "돌봄사회적협동조합 이웃", "Neighbours Care Co-op", c.ProviderKind.SOCIAL_FIRM),
    ("SF-2", "나눔반장 사업단", "Sharing Captains", c.ProviderKind.SOCIAL_FIRM),
    ("WC-1", "우리마포복지관", "Uri Mapo Welfare Centre", c.ProviderKind.WELFARE_CENTRE),
    ("KT-1", "성산 나눔주방", "Seongsan Shared Kitchen", c.ProviderKind.KITCHEN),
    ("KT-2", "공덕 마을부엌", "Gongdeok Village Kitchen", c.ProviderKind.KITCHEN),
]
KITCHENS = [
    ("K1", "KT-1", "성산 나눔주방", "Seongsan Kitchen", 126.907, 37.5655),
    ("K2", "KT-2", "공덕 마을부엌", "Gongdeok Kitchen", 126.9525, 37.5455),
    ("H1", "KT-1", "합정 배송거점", "Hapjeong Hub", 126.914, 37.5495),
]
FAMILY = "김이박최정강조윤장임한오서신권황안송류홍"
LAST = "용희숙자순영옥철수민호진석례분남식복"


@dataclass
class FakeDistrict:
    """`visits`: how many there will be, so that there are workers enough. `plane`: metres instead of degrees."""

    visits: int = 170
    seed: int = 7
    plane: bool = False
    now_at: datetime = field(default_factory=lambda: datetime(2026, 11, 24, 11, 52, 10, tzinfo=SEOUL))

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.midnight = self.now_at.replace(hour=0, minute=0, second=0)
        self.names: dict[str, str] = {}
        self.config = self._config()

    def at(self, hour: float) -> datetime:
        return self.midnight + timedelta(seconds=round(hour * 3600))

    def _name(self, key: str) -> str:
        self.names[key] = f"{self.draw.choice(FAMILY)}*{self.draw.choice(LAST)}"
        return key

    def _place(self, x: float, y: float) -> Place:
        if self.plane:
            return Place(round((x - 126.87) * 88_000, 1), round((y - 37.53) * 111_000, 1))
        return Place(round(x, 5), round(y, 5))

    def _config(self) -> c.DistrictConfig:
        facts = [item.split() for item in DONGS.replace("\n", "|").split("|")]
        points = [Point(float(f[3]), float(f[4])) for f in facts]
        river_line = [
            (126.862, 37.5665),
            (126.885, 37.5525),
            (126.905, 37.5405),
            (126.925, 37.5385),
            (126.944, 37.5300),
            (126.962, 37.5265),
        ]
        river = Polygon([*river_line, (126.962, 37.5180), (126.925, 37.5280), (126.895, 37.5330), (126.862, 37.5560)])
        hull = MultiPoint(points).convex_hull.buffer(0.0095, quad_segs=4).difference(river)
        cells = list(voronoi_polygons(MultiPoint(points), extend_to=box(126.85, 37.5, 126.99, 37.6)).geoms)
        dongs = []
        for fact, point in zip(facts, points, strict=True):
            cell = next(cell for cell in cells if cell.contains(point)).intersection(hull)
            dongs.append(
                c.Dong(
                    code=fact[0],
                    name_ko=fact[1],
                    name_en=fact[2],
                    centroid=self._place(point.x, point.y),
                    cell=tuple(self._place(x, y) for x, y in cell.exterior.coords[:-1]),
                    population_65=3000,
                )
            )
        areas = tuple(
            c.Area(
                area_id=f"MP-{key}",
                name_ko=ko,
                name_en=en,
                responsible_enterprise=enterprise,
                dong_codes=tuple(f[0] for f in facts if f[5] == key),
            )
            for key, (ko, en, enterprise) in AREAS.items()
        )
        self.dong_area = {f[0]: f"MP-{f[5]}" for f in facts}
        self.dong_at = {f[0]: (float(f[3]), float(f[4])) for f in facts}
        workers = []
        for number in range(max(10, self.visits // 14)):
            area = "ABCD"[number % 4]
            workers.append(self._profile("rider", number, area, "RC-1" if number % 3 else "RC-2", 9.5, 19))
        for number in range(max(14, self.visits // 18)):
            area = "ABCD"[number % 4]
            workers.append(self._profile("carer", number, area, ["HC-1", "SF-1", "SF-2", "WC-1"][number % 4], 8.5, 17.5))
        return c.DistrictConfig(
            version=1,
            district=DISTRICT,
            name_ko="마포구",
            name_en="Mapo-gu",
            service_date="2026-11-24",
            dongs=tuple(dongs),
            areas=areas,
            providers=tuple(c.Provider(provider_id=i, name_ko=ko, name_en=en, kind=k) for i, ko, en, k in PROVIDERS),
            kitchens=tuple(
                c.Kitchen(kitchen_id=i, provider_id=p, name_ko=ko, name_en=en, place=self._place(x, y))
                for i, p, ko, en, x, y in KITCHENS
            ),
            workers=tuple(workers),
            travel=c.TravelConfig(
                coordinates="plane_m" if self.plane else "wgs84",
                modes={"motorbike": c.ModeConfig(detour=1.4, speed_m_per_s=5.3)},
                river=tuple(self._place(x, y) for x, y in river.exterior.coords[:-1]),
                bridges=(
                    (self._place(126.8995, 37.5445), self._place(126.9015, 37.531)),
                    (self._place(126.9365, 37.5335), self._place(126.9345, 37.524)),
                ),
            ),
        )

    def _profile(self, kind: str, number: int, area: str, organisation: str, begin: float, end: float) -> c.WorkerProfile:
        dong = self.draw.choice([code for code, owner in self.dong_area.items() if owner == f"MP-{area}"])
        return c.WorkerProfile(
            worker_id=self._name(f"{kind}-{number + 1:02d}"),
            kind=c.WorkerKind(kind),
            organisation=organisation,
            area_id=f"MP-{area}",
            mode="motorbike" if kind == "rider" else "walk",
            shift_start_at=self.at(begin),
            shift_end_at=self.at(end),
            start=self._place(*self.dong_at[dong]),
            capacity_boxes=20,
        )
