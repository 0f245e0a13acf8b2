"""An explanation as one sentence that a coordinator can act on, in Korean and English. Ids and areas only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from routing.explain import Choice, Explanation
from routing.fits import SKILL_RULES
from routing.model import Visit
from routing.refusals import Rule
from routing.terms import more_by_term

Language = Literal["ko", "en"]
REASONS = 3  # kinds of obstacles that a sentence names; the rest is in the counts
AREA_RULES = frozenset({Rule.AREA, Rule.BANNED_AREA})

# Who serves what, as the sentence's subject.
WHO: dict[str, tuple[str, str]] = {
    "meal": ("라이더", "rider"), "parcel": ("라이더", "rider"), "care": ("돌봄 제공인력", "carer"),
    "errand": ("라이더나 돌봄 제공인력", "rider or carer"),
}  # fmt: skip
GENDERS = {"f": ("여성", "female"), "female": ("여성", "female"), "m": ("남성", "male"), "male": ("남성", "male")}
REASON: dict[Rule, tuple[str, str]] = {
    Rule.SKILL: ("자격 없음 {n}명", "{n} without the skill"),
    Rule.CREDENTIAL: ("교육·검사·장비 없음 {n}명", "{n} without the credential"),
    Rule.CREDENTIAL_OLD: ("교육·검사 기한 지남 {n}명", "{n} with one that is too old"),
    Rule.GENDER: ("성별 조건 {n}명", "{n} of another gender"),
    Rule.EXCLUDED: ("거절·제외 {n}명", "{n} declined or excluded"),
    Rule.BANNED_AREA: ("갈 수 없는 생활권 {n}명", "{n} barred from the area"),
    Rule.AREA: ("다른 생활권 {n}명", "{n} of other areas"),
    Rule.PINNED: ("다른 사람에게 고정 {n}명", "{n} kept out by a pin"),
    Rule.CAPACITY: ("보온함 용량 부족 {n}명", "{n} with too small a box"),
    Rule.SHIFT: ("근무 시간 밖 {n}명", "{n} off shift by then"),
    Rule.TIME_WINDOW: ("시간 안에 갈 수 없음 {n}명", "{n} too far away in time"),
    Rule.PICKUP_WINDOW: ("받을 곳이 문을 닫음 {n}명", "{n} too late for the shop"),
    Rule.FRESHNESS: ("보관 시간 초과 {n}명", "{n} over the freshness limit"),
    Rule.BREAK: ("휴게 시간을 지킬 수 없음 {n}명", "{n} without a break in time"),
    Rule.ACTIVE_LIMIT: ("근로 한도 {n}명", "{n} over their hours"),
    Rule.DISTANCE_LIMIT: ("이동 거리 한도 {n}명", "{n} over their distance"),
    Rule.DIFFERENT_WORKERS: ("다른 방문을 이미 맡음 {n}명", "{n} with the other visit"),
    Rule.NO_ROOM: ("다른 약속으로 자리 없음 {n}명", "{n} busy with what was promised"),
}  # fmt: skip
TERM: dict[str, tuple[str, str]] = {
    "travel": ("이동", "travel"), "lateness": ("지연", "lateness"), "greatest_lateness": ("가장 큰 지연", "greatest lateness"),
    "promise": ("알린 시각보다 늦음", "later than told"), "help": ("다른 생활권 지원", "help from another area"),
    "unfamiliar": ("낯선 사람", "an unknown face"), "not_preferred": ("선호하지 않는 사람", "not preferred"),
    "other_gender": ("선호하지 않는 성별", "another gender"), "order_change": ("코스 순서 바뀜", "the round's order"),
    "over_share": ("공정 몫 초과", "more than a fair share"), "worker_used": ("새로 나섬", "one more worker out"),
    "unserved": ("미배정", "left out"), "move": ("담당 바뀜", "a change of worker"),
}  # fmt: skip


def clock_of_day(at_s: float) -> str:
    """Seconds of a day as 14:05."""
    return f"{int(at_s) // 3600 % 24:02d}:{int(at_s) // 60 % 60:02d}"


def subject(word: str) -> str:
    """A Korean noun with its subject particle."""
    syllable = ord(word[-1]) - 0xAC00
    return word + ("이" if 0 <= syllable < 11172 and syllable % 28 else "가")


def say(
    explained: Explanation,
    language: Language,
    clock: Callable[[float], str] = clock_of_day,
    area_name: Callable[[str], str] = str,
    skill_name: Callable[[str], str] = str,
) -> str:
    """The sentence. `clock`, `area_name` and `skill_name` turn seconds and ids into what people read."""
    words = _Words(0 if language == "ko" else 1, clock, area_name, skill_name)
    if explained.chosen:
        return words.assigned(explained)
    return words.able(explained) if len(explained.others) >= explained.visit.worker_count else words.left_out(explained)


class _Words:
    def __init__(
        self, at: int, clock: Callable[[float], str], area_name: Callable[[str], str], skill_name: Callable[[str], str]
    ) -> None:
        self.at, self.clock, self.area_name, self.skill_name = at, clock, area_name, skill_name

    def pick(self, ko: str, en: str) -> str:
        return (ko, en)[self.at]

    # -- a visit with a worker

    def assigned(self, explained: Explanation) -> str:
        chosen = explained.chosen[-1]
        begin = self.clock(chosen.begin_s)
        adds = self.terms(chosen.terms, signed=False)
        first = self.pick(f"{begin}에 시작{', ' + adds if adds else ''}", f"It begins at {begin}{', ' + adds if adds else ''}")
        if explained.settled:
            return first + self.pick(". 이미 진행 중이라 바꿀 수 없습니다.", ". It is under way; there is no choice any more.")
        if not explained.others:
            return first + self.pick(". 지금 대신 갈 수 있는 사람이 없습니다.", ". Nobody else could take it now.")
        nexts = [self.other(other, chosen) for other in explained.others]
        return first + self.pick(". 다음 후보: ", ". Next: ") + "; ".join(nexts) + "."

    def other(self, other: Choice, chosen: Choice) -> str:
        difference = self.terms(more_by_term(other.terms, chosen.terms), signed=True)
        area = self.area_name(other.area_id)
        return f"{area} {self.minutes(other.price - chosen.price)}" + (f" ({difference})" if difference else "")

    def terms(self, terms: Mapping[str, float], *, signed: bool) -> str:
        largest = sorted(terms.items(), key=lambda item: (-abs(item[1]), item[0]))
        shown = [(name, price) for name, price in largest if round(price / 60)][:REASONS]
        return ", ".join(f"{TERM[name][self.at]} {self.minutes(price, signed)}" for name, price in shown)

    def minutes(self, price: float, signed: bool = True) -> str:
        sign = "+" if signed and round(price / 60) >= 0 else ""
        return f"{sign}{round(price / 60)}" + self.pick("분", " min")

    # -- a visit without one

    def able(self, explained: Explanation) -> str:
        best, count = explained.others[0], len(explained.others)
        begin, area, more = self.clock(best.begin_s), self.area_name(best.area_id), self.minutes(best.price)
        return self.pick(
            f"배정을 기다립니다: {count}명이 갈 수 있고, 가장 나은 사람은 {area}에서 {begin}, {more}입니다.",
            f"It waits to be placed: {count} could take it, the best from {area} at {begin}, {more}.",
        )

    def left_out(self, explained: Explanation) -> str:
        visit, two = explained.visit, explained.visit.worker_count > 1
        rules = {rule for rule, _ in explained.counts} - {Rule.KIND}
        who, areas = self.who(visit, plural=two), self.areas(explained.asked_areas)
        if rules - SKILL_RULES - AREA_RULES or explained.others:
            by = self.clock(visit.latest_s)
            head = self.pick(
                f"{areas}에 {by} 전에 갈 수 있는 {subject(who)} 없습니다",
                f"{'No two' if two else 'No'} {who} {'are' if two else 'is'} free before {by} in {areas}",
            )
        else:
            head = self.pick(
                f"{areas}에 {subject(who)} 없습니다", f"There {'are no two' if two else 'is no'} {who} in {areas}"
            )
        reasons = self.reasons(explained)
        return head + (f" ({reasons})" if reasons else "") + self.nearest(explained) + "."

    def who(self, visit: Visit, *, plural: bool) -> str:
        who = WHO[visit.kind][self.at]
        if plural:
            who = self.pick(f"{who} 두 명", who.replace("er", "ers"))
        if visit.gender in GENDERS:
            who = f"{GENDERS[visit.gender][self.at]} {who}"
        skills = [self.skill_name(skill) for skill in sorted(visit.required_skills)]
        wants = [self.pick(f"{name} 자격", f"the skill {name}") for name in skills]
        for name, age_s in sorted(visit.required_credentials.items()):
            hours = round(age_s / 3600)
            aged = self.pick(f"최근 {hours}시간 안의 {name}", f"a {name} from the last {hours} h")
            wants.append(aged if age_s else self.pick(f"유효한 {name}", f"a valid {name}"))
        if not wants:
            return who
        return self.pick(f"{'·'.join(wants)} 있는 {who}", f"{who} with {' and '.join(wants)}")

    def areas(self, area_ids: tuple[str, ...]) -> str:
        names = [self.area_name(area_id) for area_id in area_ids]
        if self.at == 0 or len(names) < 2:
            return "·".join(names) or self.pick("허용된 생활권", "the areas allowed")
        return ", ".join(names[:-1]) + f" and {names[-1]}"

    def reasons(self, explained: Explanation) -> str:
        told = [(rule, n) for rule, n in explained.counts if rule in REASON][:REASONS]
        return ", ".join(REASON[rule][self.at].format(n=n) for rule, n in told)

    def nearest(self, explained: Explanation) -> str:
        found = explained.nearest
        if found is None:
            return ""
        area, count, more, begin = self.area_name(found.area_id), found.count, self.minutes(found.price), self.clock(found.begin_s)
        if found.how == "area":
            return self.pick(f". 가장 가까운 대안: {area}의 {count}명, {more}", f"; nearest: {count} in {area}, {more}")
        if found.how == "later":
            return self.pick(f". 가장 이른 시각: {begin}, {area}의 {count}명", f"; earliest: {begin}, {count} in {area}")
        return self.pick(
            f". 검사·교육을 새로 받으면: {area}의 {count}명, {more}", f"; with it renewed: {count} in {area}, {more}"
        )
