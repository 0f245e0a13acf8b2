"""The points at which care breaks, and the names of what may happen at each, in Korean and English: lines of the ledger."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    ko: str
    en: str


class Point(NamedTuple):
    """A point and the words of its counts."""

    words: Words
    counts: dict[str, Words]


def _point(ko: str, en: str, **counts: tuple[str, str]) -> Point:
    return Point(Words(ko, en), {name: Words(*words) for name, words in counts.items()})


POINTS: dict[str, Point] = {
    "offers": _point(
        "수락 요청", "Offers", made=("보냄", "sent"), by_call=("전화로 요청", "by call"), reminded=("다시 알림", "reminded"),
        accepted=("수락", "accepted"), in_part=("일부만 수락", "accepted in part"), late_yes=("늦은 수락", "late yes"),
        taken=("다른 분이 먼저 수락", "somebody was first"), declined=("거절", "declined"), expired=("응답 없음", "no reply"),
        not_called=("전화하지 못함", "not called"), withdrawn=("회수", "withdrawn"), called_in=("대체인력 호출", "pool called in"),
        substituted=("대체인력 투입", "substitutes sent"),
    ),
    "ladder": _point(
        "상호 지원 단계", "Ladder of mutual help", climbed=("단계 오름", "rungs climbed"), claims=("연계 수임", "claims"),
        claims_confirmed=("수임 확정", "claims confirmed"), claimed_and_done=("수임 뒤 제공", "claimed and done"),
        districts_asked=("다른 자치구에 요청", "other districts asked"),
        guest_visits=("다른 자치구 지원", "made for other districts"),
    ),
    "doorstep": _point(
        "부재 대응", "Doorstep", instructed=("현장 안내", "told at the door"), doorstep_call=("전화 확인", "calls"),
        doorstep_kin=("보호자 확인", "kin called"), welfare_check=("안전 확인", "welfare checks"),
        emergency_call=("응급 질문", "urgency asked by telephone"),
    ),
    "observation": _point(
        "안부 관찰", "Observation", observation=("현장 관찰", "seen at the door"), concern=("이웃 제보", "concerns reported"),
        answered=("결과 회신", "outcomes told back"),
    ),
    "silence": _point(
        "연락 두절", "Silence of a worker", worker_silent=("확인 전화", "called"), worker_missing=("소재 확인", "looked for"),
        lone_worker=("단독 근무 확인", "lone workers checked"), workers_asked=("앱으로 확인", "asked"),
        workers_lost=("교체", "relieved"), meals_collected=("도시락 수거", "meals collected"),
        meals_cooked_again=("다시 조리", "meals cooked again"), meals_replaced=("대체식", "meals replaced"),
        meals_not_rescued=("갈 사람 없던 도시락", "meals nobody could bring"),
    ),
    "failure": _point(
        "기관 중단·날씨", "Provider failure and weather", provider_failures=("제공기관 중단", "providers failed"),
        kitchens_changed=("다른 조리장이 조리", "cooked elsewhere"), mode_pauses=("날씨로 이동 중단", "pauses by weather"),
        visits_given_on=("다른 기관이 맡음", "visits given on"), promises_changed=("약속 변경", "promises changed"),
    ),
    "eligibility": _point(
        "자격", "Eligibility", no_longer_eligible=("자격 만료", "credentials lapsed"),
        refusals_counted=("민간기피 집계", "refusals counted"),
        case_conference=("사례회의", "case conferences"), menu_conflict=("식단 충돌", "menu conflicts"),
        late_boxes=("마감 뒤 추가", "boxes after the cut-off"),
    ),
    "crisis": _point(
        "긴급돌봄 사업", "Crisis programme", programmes_opened=("사업 개시", "opened"), visits=("방문", "visits"),
        postings=("입소 파견", "postings"), budget_used_up=("예산 소진", "budget used up"),
        posting_unfilled=("파견 미정", "postings unfilled"),
    ),
    "overrule": _point(
        "담당자 조정", "Overruled by people", assigned_by_hand=("직접 배차", "assigned by hand"),
        worker_forbidden=("제공인력 제외", "worker ruled out"), stop_locked=("순서 고정", "stop locked"),
        plan_decides=("배차안에 맡김", "left to the plan"),
        undone=("되돌림", "undone"),
    ),
    "phone": _point(
        "전화", "Calls", later=("더 늦게", "come later"), not_today=("오늘은 쉼", "not today"),
        change_address=("다른 곳으로", "another address"), not_received=("안 왔다고 함", "it did not come"),
        address_changed=("가는 길에 주소 변경", "address changed on the way"), meal_left_over=("남은 도시락", "meals left over"),
    ),
    "corrections": _point(
        "정정", "Corrections", by_worker=("제공인력이 정정", "by the worker"), by_coordinator=("담당자가 정정", "by a coordinator"),
    ),
    "exceptions": _point(
        "확인 필요", "What needed a person", raised=("발생", "raised"), acknowledged=("담당자 확인", "acknowledged"),
        escalated=("상위 보고", "escalated"), settled=("처리", "settled"),
    ),
    "unmet": _point(
        "미충족 수요", "Unmet need", ladder_top=("더 찾을 곳 없음", "nobody left to ask"),
        not_served_in_time=("제때 제공 못함", "not in time"),
        open_at_day_end=("마감까지 미정", "open at the day's end"),
    ),
    "fairness": _point(
        "공정·친숙", "Fairness and faces", fair_shares=("공정 몫 계산", "fair shares set"),
        familiar_face=("아는 얼굴", "by a known face"),
    ),
    "notices": _point(
        "안내", "Notices", booked=("접수", "booked"), on_the_way=("출발", "on the way"),
        late=("늦음", "late"), changed=("변경", "changed"),
        done=("완료", "done"), cancelled=("취소", "cancelled"), notice_not_delivered=("안내 실패", "not delivered"),
    ),
}  # fmt: skip
"""In the order in which the ledger names them."""
