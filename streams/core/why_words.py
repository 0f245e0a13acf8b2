"""An explanation of the planner as an answer that people read: whole numbers, instants, names of areas and services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

import routing
from streams.contracts.district import Area
from streams.contracts.queries import Answer, Candidate, Forbidden, Nearest
from streams.core.eligibility import Reason, Rules
from streams.core.instants import SEOUL, instant

SHOWN = 3  # of those who could take a visit that waits
CLOSED_WORDS = ("이미 끝난 건입니다.", "It is closed.")
UNDER_WAY_WORDS = ("이미 진행 중이라 바꿀 수 없습니다.", "It is under way; there is no choice any more.")
SERVICES: dict[str, tuple[str, str]] = {
    "housing_help": ("주거편의", "housing help"), "accompaniment": ("동행·이동지원", "accompaniment"),
    "check_in": ("안부확인", "check-in"), "temporary_home_care": ("일시재가", "temporary care"),
    "emergency_care": ("긴급돌봄", "emergency care"), "visiting_care": ("방문요양", "visiting care"),
    "visiting_nursing": ("방문간호", "nursing"), "visiting_bath": ("방문목욕", "bath"),
    "disability_assistance": ("장애인활동지원", "disability assistance"), "meal_support": ("식사지원", "meals"),
    "errand": ("심부름", "errands"), "local_parcel": ("지역배송", "local parcels"),
}  # fmt: skip
"""Services as skills, as the board and the glossary name them; other skills go by their own word."""

CREDENTIALS: dict[str, tuple[str, str]] = {
    "infection_training": ("감염 예방 교육", "infection training"), "infection_test": ("감염 검사", "infection test"),
    "safety_training": ("안전 교육", "safety training"), "protective_equipment": ("보호 장비", "protective equipment"),
    "care_worker": ("요양보호사 자격", "care worker's certificate"), "nurse": ("간호사 면허", "nurse's licence"),
}  # fmt: skip
"""Credentials by the codes that the sample programmes use; others go by their own code."""
ELIGIBILITY: dict[str, tuple[str, str]] = {
    "service_not_supplied": ("{about}을(를) 제공하지 않는 기관 소속 {n}명", "{n} of organisations that do not supply {about}"),
    "credential_missing": ("{about} 없음 {n}명", "{n} without {about}"),
    "credential_lapsed": ("{about} 기한 지남 {n}명", "{n} whose {about} has lapsed"),
    "credential_too_old": ("{about} 오래됨 {n}명", "{n} whose {about} is too old"),
    "excluded_by_recipient": ("이용자가 거절한 {n}명", "{n} whom the recipient will not have"),
    "excluded_by_worker": ("이 댁을 거절한 {n}명", "{n} who will not go there"),
    "public_provider_only": ("민간기피로 공공기관만 가능, 민간 소속 {n}명", "{n} of private providers, after their refusals"),
    "posted": ("입소 파견 중 {n}명", "{n} posted elsewhere"),
}  # fmt: skip
"""Reasons that somebody can act on: {about} is the service or the credential, {n} how many workers it stops."""


def settled(given: Answer, words: tuple[str, str]) -> Answer:
    """The answer where there is nothing to choose."""
    return msgspec.structs.replace(given, settled=True, sentence_ko=words[0], sentence_en=words[1])


def explained(given: Answer, why: routing.Explanation, areas: Mapping[str, Area]) -> Answer:
    """The answer with the explanation's parts and its sentences."""

    def clock(at_s: float) -> str:
        return f"{instant(int(at_s)).astimezone(SEOUL):%H:%M}"

    def name(area_id: str, at: int) -> str:
        area = areas.get(area_id)
        return area_id if area is None else (area.name_ko, area.name_en)[at]

    def skill(skill_id: str, at: int) -> str:
        return SERVICES[skill_id][at] if skill_id in SERVICES else skill_id

    nearest = why.nearest and Nearest(
        how=why.nearest.how, area_id=why.nearest.area_id, worker_count=why.nearest.count,
        price=round(why.nearest.price), begin_at=instant(int(why.nearest.begin_s)),
    )  # fmt: skip
    others = why.others if why.chosen else why.others[:SHOWN]
    return msgspec.structs.replace(
        given,
        candidates=(*(_candidate(one, chosen=True) for one in why.chosen), *(_candidate(one, chosen=False) for one in others)),
        obstacles=tuple((rule.value, count) for rule, count in why.counts),
        nearest=nearest, settled=why.settled,
        sentence_ko=routing.say(why, "ko", clock, lambda area_id: name(area_id, 0), lambda one: skill(one, 0)),
        sentence_en=routing.say(why, "en", clock, lambda area_id: name(area_id, 1), lambda one: skill(one, 1)),
    )  # fmt: skip

def forbidding(given: Answer, counts: Iterable[tuple[Reason, int]], rules: Rules) -> Answer:
    """The answer with the rules of eligibility that forbid, and a sentence more where one of them can be acted on."""
    told = [(reason, count) for reason, count in counts]
    words = [(reason, count) for reason, count in told if reason.rule in ELIGIBILITY]
    forbidden = tuple(Forbidden(rule=r.rule, about=r.about, worker_count=count) for r, count in told)
    if not words:
        return msgspec.structs.replace(given, forbidden=forbidden)
    ko, en = (", ".join(_reason(reason, count, at, rules) for reason, count in words) for at in (0, 1))
    return msgspec.structs.replace(
        given, forbidden=forbidden, sentence_ko=f"{given.sentence_ko} 자격 요건: {ko}.",
        sentence_en=f"{given.sentence_en} Eligibility: {en}.",
    )  # fmt: skip


def _reason(reason: Reason, count: int, at: int, rules: Rules) -> str:
    programme = next((one for one in rules.programmes.values() if any(x.code == reason.about for x in one.requires)), None)
    about = SERVICES.get(reason.about) or CREDENTIALS.get(reason.about) or (reason.about, reason.about)
    asked = f"{about[at]}({(programme.name_ko, programme.name_en)[at]})" if programme else about[at]
    return ELIGIBILITY[reason.rule][at].format(n=count, about=asked)


def _candidate(choice: routing.Choice, *, chosen: bool) -> Candidate:
    return Candidate(
        worker_id=choice.worker_id, price=round(choice.price), begin_at=instant(int(choice.begin_s)),
        area_id=choice.area_id, chosen=chosen, terms=_whole(choice.terms),
    )  # fmt: skip


def changed_terms(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[tuple[str, int], ...]:
    """By how much each term of the plan's price changes, the greatest change first; what stays is left out."""
    return _whole({name: price - before.get(name, 0.0) for name, price in after.items()})


def _whole(terms: Mapping[str, float]) -> tuple[tuple[str, int], ...]:
    changes = ((name, round(price)) for name, price in terms.items())
    return tuple(sorted((one for one in changes if one[1]), key=lambda one: (-abs(one[1]), one[0])))
