"""What each code means and what a person can do about it, in Korean and English."""

from __future__ import annotations

from typing import NamedTuple

from routing.refusals import Code


class Remedy(NamedTuple):
    """A title (what is wrong) and a remedy (what to do), each in both languages."""

    title_ko: str
    title_en: str
    ko: str
    en: str


REMEDIES: dict[Code, Remedy] = {
    Code.NO_SKILLED_WORKER: Remedy(
        "자격 있는 인력 없음", "No skilled worker",
        "자격 있는 제공인력을 더하거나 조건을 넓히세요.", "Add a qualified worker, or widen what the visit asks for.",
    ),
    Code.NO_WORKER_IN_AREA: Remedy(
        "생활권에 인력 없음", "Nobody in the area", "다른 생활권의 지원을 허용하세요.", "Let another living area help.",
    ),
    Code.NO_WORKER_FREE: Remedy(
        "시간이 되는 인력 없음", "Nobody is free",
        "시간대를 넓히거나 제공인력을 더하세요.", "Widen the time window or add workers.",
    ),
    Code.PICKUP_AFTER_DOOR: Remedy(
        "수령이 전달 마감보다 늦음", "Ready after the door closes",
        "조리·준비 시각을 앞당기거나 전달 마감을 늦추세요.", "Have it ready earlier, or let it come later.",
    ),
    Code.FRESHNESS_TOO_SHORT: Remedy(
        "보관 시간 안에 닿을 수 없음", "Too far to stay fresh",
        "더 가까운 조리장을 고르거나 보관 시간을 늘리세요.", "Choose a nearer kitchen, or allow more time in the box.",
    ),
    Code.NOBODY_EVER: Remedy(
        "맡을 수 있는 인력이 아무도 없음", "Nobody could ever serve it",
        "표시된 조건을 풀거나 맞는 제공인력을 더하세요.", "Relax the rule that is named, or add a worker who meets it.",
    ),
    Code.TIME_INVERTED: Remedy(
        "시작이 끝보다 늦음", "The window ends before it begins", "두 시각을 바로잡으세요.", "Correct the two times.",
    ),
    Code.NOT_A_NUMBER: Remedy("숫자가 아님", "Not a number", "유한한 숫자를 넣으세요.", "Give a finite number."),
    Code.OUT_OF_RANGE: Remedy(
        "다룰 수 없이 크거나 작은 값", "A number far out of range",
        "단위(초, 미터, 원)를 확인하세요.", "Check the unit: seconds, metres, won.",
    ),
    Code.WRONG_TYPE: Remedy(
        "맞지 않는 형식", "A value of another type", "문서에 있는 형식으로 넣으세요.", "Give the type that the model documents.",
    ),
    Code.PLACE_NOT_FINITE: Remedy(
        "위치가 없거나 잘못됨", "A place is missing",
        "주소를 다시 찾아 좌표를 넣으세요.", "Look the address up and give its place.",
    ),
    Code.UNKNOWN_PLACE: Remedy(
        "이동 시간표에 없는 위치", "A place without travel times",
        "이동 시간표에 그 위치를 더하세요.", "Add the place to the table of travel times.",
    ),
    Code.NEGATIVE_DURATION: Remedy(
        "음수이거나 끝없는 시간", "A negative or endless duration", "0 이상의 초를 넣으세요.", "Give zero seconds or more.",
    ),
    Code.NEGATIVE_BOXES: Remedy(
        "상자 수가 음수", "A negative number of boxes", "0개 이상으로 고치세요.", "Give zero boxes or more.",
    ),
    Code.NEGATIVE_NUMBER: Remedy("음수 값", "A negative number", "0 이상의 값을 넣으세요.", "Give zero or more."),
    Code.MEAL_WITHOUT_KITCHEN: Remedy(
        "조리장 없는 식사", "A meal without a kitchen", "조리장을 정하세요.", "Say which kitchen it comes from.",
    ),
    Code.UNKNOWN_MODE: Remedy(
        "모르는 이동 수단", "An unknown mode of travel", "등록된 이동 수단을 쓰세요.", "Use a mode that has travel times.",
    ),
    Code.UNKNOWN_KIND: Remedy(
        "모르는 종류", "An unknown kind",
        "문서에 있는 종류를 쓰세요.", "Use one of the documented kinds of visits and workers.",
    ),
    Code.UNKNOWN_WORKER: Remedy(
        "모르는 제공인력", "An unknown worker", "제공인력 번호를 확인하세요.", "Check the worker's id.",
    ),
    Code.UNKNOWN_VISIT: Remedy("모르는 방문", "An unknown visit", "방문 번호를 확인하세요.", "Check the visit's id."),
    Code.WRONG_WORKER_COUNT: Remedy(
        "맞지 않는 인원", "A wrong number of workers",
        "돌봄은 1~2명, 나르는 일은 1명으로 고치세요.", "One or two for care, one for what is carried.",
    ),
    Code.WRONG_GAP: Remedy("자신과의 간격", "A gap with itself", "서로 다른 두 방문을 정하세요.", "Name two different visits."),
    Code.IMPOSSIBLE_GAP: Remedy(
        "지킬 수 없는 방문 간격", "A gap that no begins can keep",
        "두 방문의 시간대나 간격을 넓히세요.", "Widen the windows of the two visits, or the gap between them.",
    ),
    Code.BREAKS_OUT_OF_ORDER: Remedy(
        "휴게 순서가 뒤바뀜", "Breaks out of order",
        "쉬는 순서대로, 서로 겹치지 않게 적으세요.", "List them in the order in which they are taken, one after the other.",
    ),
    Code.BREAK_OUTSIDE_SHIFT: Remedy(
        "근무 시간 밖의 휴게", "A break outside of the shift",
        "휴게를 근무 시간 안에 두세요.", "Put the break inside the shift.",
    ),
    Code.WRONG_ID: Remedy(
        "번호가 서로 다름", "Two ids for one thing",
        "목록의 번호와 내용의 번호를 맞추세요.", "Make the key and the id the same.",
    ),
    Code.MISSING_ID: Remedy("번호가 비어 있음", "An empty id", "번호를 넣으세요.", "Give it an id."),
    Code.WRONG_LOCK: Remedy(
        "경로보다 긴 고정 구간", "More locked stops than stops",
        "고정된 정차 수를 확인하세요.", "Check the number of locked stops.",
    ),
    Code.PLANNED_TOO_OFTEN: Remedy(
        "인원보다 많은 경로에 든 방문", "A visit in more routes than it has workers",
        "짜 둔 경로에서 남는 것을 빼세요.", "Take it out of the routes that are too many.",
    ),
    Code.WRONG_MATRIX: Remedy(
        "이동 시간표의 모양이 틀림", "A table of the wrong shape",
        "모든 위치 쌍에 0 이상의 값이 하나씩 있어야 합니다.", "It needs one number of zero or more for every pair of places.",
    ),
    Code.NO_WORKER: Remedy(
        "제공인력이 없음", "No worker at all", "근무 중인 제공인력을 한 명 이상 더하세요.", "Add at least one worker on shift.",
    ),
}  # fmt: skip
