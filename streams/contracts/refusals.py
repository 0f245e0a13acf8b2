"""The one closed list of refusals, each with what a person can do about it, in Korean and English."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Remedy(NamedTuple):
    """`status` is the HTTP status where the refusal is answered at a door."""

    status: int
    ko: str
    en: str


class Refusal(StrEnum):
    NOT_JSON = "not_json"
    WRONG_FIELD = "wrong_field"
    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_VERSION = "unknown_version"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    RATE_LIMITED = "rate_limited"
    ENDPOINT_NOT_ALLOWED = "endpoint_not_allowed"
    UNKNOWN_ENDPOINT = "unknown_endpoint"
    UNKNOWN_DELIVERY = "unknown_delivery"
    UNKNOWN_DISTRICT = "unknown_district"
    UNKNOWN_DONG = "unknown_dong"
    OUTSIDE_DISTRICT = "outside_district"
    POINT_IN_RIVER = "point_in_river"
    TIME_INVERTED = "time_inverted"
    TIME_IN_PAST = "time_in_past"
    IMPOSSIBLE_GAP = "impossible_gap"
    UNKNOWN_KITCHEN = "unknown_kitchen"
    MEAL_WITHOUT_KITCHEN = "meal_without_kitchen"
    ERRAND_WITHOUT_SHOP = "errand_without_shop"
    KEY_REUSED = "key_reused"
    VERSION_CONFLICT = "version_conflict"
    UNDONE_SINCE = "undone_since"
    VERSION_NOT_NEWER = "version_not_newer"
    IF_MATCH_MISSING = "if_match_missing"
    UNKNOWN_VISIT = "unknown_visit"
    UNKNOWN_OFFER = "unknown_offer"
    UNKNOWN_WORKER = "unknown_worker"
    UNKNOWN_EXCEPTION = "unknown_exception"
    UNKNOWN_COMMAND = "unknown_command"
    UNKNOWN_PROVIDER = "unknown_provider"
    UNKNOWN_AREA = "unknown_area"
    UNKNOWN_MODE = "unknown_mode"
    UNKNOWN_DISRUPTION = "unknown_disruption"
    OFFER_CLOSED = "offer_closed"
    OFFER_TAKEN = "offer_taken"
    UNKNOWN_DECLINE_REASON = "unknown_decline_reason"
    NOT_YOUR_VISIT = "not_your_visit"
    NOT_YOUR_WORKER = "not_your_worker"
    OUT_OF_ORDER = "out_of_order"
    ALREADY_CLOSED = "already_closed"
    OUTCOME_NOT_ALLOWED = "outcome_not_allowed"
    STARTED_STAYS = "started_stays"
    MEAL_TOO_OLD = "meal_too_old"
    AFTER_HOURS = "after_hours"
    TWO_WORKERS_NEEDED = "two_workers_needed"
    NOTHING_TO_SWAP = "nothing_to_swap"
    NOTHING_TO_LOCK = "nothing_to_lock"
    NOTHING_TO_UNDO = "nothing_to_undo"
    UNDO_TOO_LATE = "undo_too_late"
    UNKNOWN_OBSERVATION = "unknown_observation"
    UNKNOWN_QUESTION = "unknown_question"
    CORRECTION_TOO_LATE = "correction_too_late"
    BAD_CONFIGURATION = "bad_configuration"
    LEFT_CONFIGURATION = "left_configuration"
    CORE_FAULT = "core_fault"
    SERVICE_NOT_SUPPLIED = "service_not_supplied"
    DIET_NOT_COOKED = "diet_not_cooked"
    ALLERGEN_IN_MEAL = "allergen_in_meal"
    KITCHEN_CUT_OFF = "kitchen_cut_off"
    UNKNOWN_CREDENTIAL = "unknown_credential"
    UNKNOWN_PROGRAMME = "unknown_programme"
    PROGRAMME_OFF = "programme_off"
    NOT_OF_PROGRAMME = "not_of_programme"
    MAY_NOT_ASK = "may_not_ask"
    OPERATOR_ONLY = "operator_only"
    BUDGET_USED_UP = "budget_used_up"
    STOCK_USED_UP = "stock_used_up"
    UNKNOWN_POSTING = "unknown_posting"
    POSTING_CLOSED = "posting_closed"
    POSTING_TOO_LONG = "posting_too_long"
    NOTHING_TO_LIFT = "nothing_to_lift"
    UNKNOWN_CLAIM = "unknown_claim"
    NEED_NOT_OPEN = "need_not_open"
    CLAIMED_BY_OTHER = "claimed_by_other"
    WITH_ANOTHER_DISTRICT = "with_another_district"
    BATCH_REFUSED = "batch_refused"
    NOT_CONFIGURED = "not_configured"
    WORKER_NOT_ABLE = "worker_not_able"
    NO_WORKER_FREE = "no_worker_free"
    NO_SKILLED_WORKER = "no_skilled_worker"
    NO_WORKER_IN_AREA = "no_worker_in_area"
    SIGNATURE_WRONG = "signature_wrong"
    SIGNATURE_OLD = "signature_old"
    SIGNATURE_REPEATED = "signature_repeated"
    TOKEN_MISSING = "token_missing"
    TOKEN_WRONG = "token_wrong"
    CSRF_WRONG = "csrf_wrong"
    SECOND_FACTOR_NEEDED = "second_factor_needed"
    SIGN_IN_WRONG = "sign_in_wrong"
    TOO_MANY_TRIES = "too_many_tries"
    UNKNOWN_RECIPIENT = "unknown_recipient"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    BAD_REQUEST = "bad_request"
    LOG_UNAVAILABLE = "log_unavailable"
    BOARD_UNAVAILABLE = "board_unavailable"
    REGISTRY_UNAVAILABLE = "registry_unavailable"
    INTERNAL_ERROR = "internal_error"


R = Refusal
REMEDIES: dict[Refusal, Remedy] = {
    R.NOT_JSON: Remedy(400, "JSON 형식으로 다시 보내 주세요.", "Send valid JSON."),
    R.WRONG_FIELD: Remedy(
        422, "표시된 항목을 형식에 맞게 고쳐 주세요.", "Correct the field named in the detail to the documented type."
    ),
    R.UNKNOWN_EVENT: Remedy(422, "문서에 있는 보고 종류를 쓰세요.", "Use one of the documented event types."),
    R.UNKNOWN_VERSION: Remedy(
        422, "지원하는 버전으로 보내거나 시스템을 올리세요.", "Send a supported version, or upgrade this system."
    ),
    R.TOO_LARGE: Remedy(413, "요청을 여러 개로 나누어 보내 주세요.", "Split the request into smaller ones."),
    R.TOO_SLOW: Remedy(
        408, "요청이 20초 안에 다 오지 않았습니다. 다시 보내 주세요.", "The request did not come within 20 s. Send it again."
    ),
    R.RATE_LIMITED: Remedy(
        429, "요청이 너무 잦습니다. Retry-After 초 뒤에 다시 보내 주세요.",
        "Too many requests. Send again after the seconds in Retry-After.",
    ),
    R.ENDPOINT_NOT_ALLOWED: Remedy(
        422, "공개 인터넷의 https 주소를 쓰거나, 운영자에게 허용을 요청하세요.",
        "Use an https address on the public Internet, or ask the operator to allow this host by name.",
    ),
    R.UNKNOWN_ENDPOINT: Remedy(404, "기관과 수신 주소 이름을 확인하세요.", "Check the organisation and the endpoint's name."),
    R.UNKNOWN_DELIVERY: Remedy(404, "webhook-id를 확인하세요.", "Check the webhook-id."),
    R.UNKNOWN_DISTRICT: Remedy(
        422, "담당 자치구 코드를 확인하세요.", "Check the district code; this system does not serve that district."
    ),
    R.UNKNOWN_DONG: Remedy(422, "행정동 코드 10자리를 확인하세요.", "Check the ten-digit dong code of this district."),
    R.OUTSIDE_DISTRICT: Remedy(
        422, "주소 위치가 자치구 밖입니다. 좌표나 자치구를 확인하세요.",
        "The place is outside the district. Check the coordinates or file with the other district.",
    ),
    R.POINT_IN_RIVER: Remedy(
        422, "좌표가 강 위에 있습니다. 주소를 다시 찾아 주세요.", "The place is in the river. Look the address up again."
    ),
    R.TIME_INVERTED: Remedy(
        422, "시작이 끝보다 늦습니다. 시간을 바꿔 주세요.", "The time window ends before it starts. Swap the times."
    ),
    R.TIME_IN_PAST: Remedy(
        422, "이미 지난 시간입니다. 앞으로의 시간을 고르세요.", "The time window is over. Choose a time still to come."
    ),
    R.IMPOSSIBLE_GAP: Remedy(
        422, "앞 방문과의 간격을 지킬 수 없습니다. 같은 이용자의 방문인지, 두 시간대와 간격이 맞는지 확인하세요.",
        "The gap to the visit before cannot be kept. Name a visit of the same recipient, and check both time windows.",
    ),
    R.UNKNOWN_KITCHEN: Remedy(422, "조리장 코드를 확인하세요.", "Check the kitchen's code."),
    R.MEAL_WITHOUT_KITCHEN: Remedy(
        422, "식사지원에는 조리장과 준비 시각이 필요합니다.", "A meal needs a kitchen and the time it is ready."
    ),
    R.ERRAND_WITHOUT_SHOP: Remedy(
        422, "심부름과 지역배송에는 문을 여는 가게가 필요합니다. 가게 코드와 영업 시간을 확인하세요.",
        "An errand or a parcel needs a shop that is open in time. Check the shop's code and its hours.",
    ),
    R.KEY_REUSED: Remedy(
        409, "같은 번호로 다른 내용이 왔습니다. 새 번호를 쓰세요.",
        "This key was used with another body. Use a new key for a new request.",
    ),
    R.VERSION_CONFLICT: Remedy(
        409, "그 사이 바뀌었습니다. 다시 읽고 시도하세요.", "It changed meanwhile. Read it again, then retry."
    ),
    R.UNDONE_SINCE: Remedy(
        409, "같은 명령을 다른 사람이 되돌렸습니다. 지금 상태를 보고, 다시 하려면 If-Match나 새 Idempotency-Key를 넣어 주세요.",
        "Somebody else has undone this command. Look how it stands; if you mean it anew, send If-Match or a new Idempotency-Key.",
    ),
    R.VERSION_NOT_NEWER: Remedy(
        409, "바꾼 설정의 version은 지금 쓰는 설정보다 커야 합니다. 지금 설정을 읽어 version을 올리고 다시 보내 주세요.",
        "A changed configuration needs a higher `version` than the one in force. Read that one, raise the version, send it again.",
    ),
    R.IF_MATCH_MISSING: Remedy(
        428, "읽을 때 받은 ETag를 If-Match(묶음은 항목의 etag)에 넣어 다시 보내 주세요. 지금 내용을 무조건 바꾸려면 *를 넣습니다.",
        "Send the ETag of what you read as If-Match (in a batch: as the item's `etag`); * replaces whatever is there.",
    ),
    R.UNKNOWN_VISIT: Remedy(404, "제공 건 번호를 확인하세요.", "Check the visit's id."),
    R.UNKNOWN_OFFER: Remedy(404, "수락 요청 번호를 확인하세요.", "Check the offer's id."),
    R.UNKNOWN_WORKER: Remedy(404, "제공인력 번호를 확인하세요.", "Check the worker's id."),
    R.UNKNOWN_EXCEPTION: Remedy(404, "조치 건 번호를 확인하세요.", "Check the exception's id."),
    R.UNKNOWN_COMMAND: Remedy(404, "접수 번호를 확인하세요.", "Check the command's id."),
    R.UNKNOWN_PROVIDER: Remedy(422, "제공기관 코드를 확인하세요.", "Check the provider's code."),
    R.UNKNOWN_AREA: Remedy(422, "생활권역 코드를 확인하세요.", "Check the living area's code."),
    R.UNKNOWN_MODE: Remedy(
        422, "이 자치구의 이동 수단 가운데 고르세요.", "Choose one of the district's vehicle modes."
    ),
    R.UNKNOWN_DISRUPTION: Remedy(
        404, "중단 건 번호를 확인하세요.", "Check the id of the failure or the pause."
    ),
    R.OFFER_CLOSED: Remedy(
        409, "이미 끝난 수락 요청입니다. 새 요청을 기다리세요.", "The offer is closed. Wait for a new one."
    ),
    R.OFFER_TAKEN: Remedy(
        409, "다른 분이 먼저 맡았습니다. 새 요청을 기다리세요.", "It is taken: somebody else was first. Wait for a new offer."
    ),
    R.UNKNOWN_DECLINE_REASON: Remedy(
        422, "이 자치구의 거절 사유 목록에 있는 것을 고르세요.", "Choose one of the district's reasons for declining."
    ),
    R.NOT_YOUR_VISIT: Remedy(
        403, "다른 기관의 제공 건입니다. 번호를 확인하세요.", "The visit belongs to another organisation. Check the id."
    ),
    R.NOT_YOUR_WORKER: Remedy(
        403, "귀 기관 소속이 아닌 제공인력입니다.", "The worker is not of your organisation. Name one of your own."
    ),
    R.OUT_OF_ORDER: Remedy(
        409, "앞 단계 보고가 먼저 필요합니다(예: 수령 후 전달).",
        "An earlier report is missing (pick up before delivery). Send that first.",
    ),
    R.ALREADY_CLOSED: Remedy(
        409, "이미 끝난 제공 건입니다. 정정이 필요하면 통합창구에 알리세요.",
        "The visit is closed. Ask the integrated window for a correction.",
    ),
    R.OUTCOME_NOT_ALLOWED: Remedy(
        422, "이 조치 건에 있는 결과 중에서 고르세요.", "Choose one of the outcomes listed for this exception."
    ),
    R.STARTED_STAYS: Remedy(
        409, "이미 출발했거나 제공 중입니다. 제공인력에게 연락하세요.",
        "It is under way and stays with its worker. Call the worker, or report them out.",
    ),
    R.MEAL_TOO_OLD: Remedy(
        409, "그때까지 두면 음식이 상할 수 있습니다. 더 이른 시간을 고르거나, 취소하고 다음 끼니를 신청하세요.",
        "The meal would be too old by then. Choose an earlier time, or cancel it and order the next meal.",
    ),
    R.AFTER_HOURS: Remedy(
        409, "그 시간에는 근무하는 제공인력이 없습니다. 더 이른 시간을 고르거나 다른 날로 신청하세요.",
        "Nobody is on duty by then. Choose an earlier time, or request another day.",
    ),
    R.TWO_WORKERS_NEEDED: Remedy(
        422, "두 사람이 함께 가는 건은 한 사람만 지정할 수 없습니다. 배차안에 맡기세요.",
        "A visit for two workers cannot be given to one. Let the plan decide, or forbid a worker.",
    ),
    R.NOTHING_TO_SWAP: Remedy(
        409, "서로 다른 제공인력이 맡은 두 건을 고르세요.", "Choose two visits that two different workers have."
    ),
    R.NOTHING_TO_LOCK: Remedy(
        409, "아직 아무도 맡지 않은 건입니다. 먼저 배정한 뒤 고정하세요.",
        "Nobody has this visit yet. Assign it first, then lock it.",
    ),
    R.NOTHING_TO_UNDO: Remedy(
        404, "되돌릴 수 있는 지시가 아닙니다. 접수 번호를 확인하세요.", "This command cannot be undone. Check its id."
    ),
    R.UNDO_TOO_LATE: Remedy(
        409, "되돌릴 수 있는 10분이 지났습니다. 새로 지시하세요.", "The time to undo it is over. Give a new command."
    ),
    R.UNKNOWN_OBSERVATION: Remedy(
        422, "이 자치구의 안부 관찰 목록에 있는 것을 고르세요.", "Choose one of the district's observation codes."
    ),
    R.UNKNOWN_QUESTION: Remedy(
        422, "이 자치구의 응급 질문에 예·아니요로 하나 이상 답하세요.",
        "Answer at least one of the district's urgency questions, true or false.",
    ),
    R.CORRECTION_TOO_LATE: Remedy(
        409, "스스로 되돌릴 수 있는 시간이 지났습니다. 통합창구에 정정을 요청하세요.",
        "The time to take it back alone is over. Ask the integrated window to correct it.",
    ),
    R.BAD_CONFIGURATION: Remedy(
        422, "설정에 없는 서비스나 기관을 가리키는 항목이 있거나, 오늘 아직 필요한 것이 빠졌습니다. rules에 적힌 항목을 고치세요.",
        "The configuration names something that is not in it, or leaves out what today still needs. Correct what 'rules' lists.",
    ),
    R.CORE_FAULT: Remedy(
        500, "이 시스템의 오류로 처리하지 못해 따로 보관했습니다. 내용을 보고 직접 처리한 뒤, 고친 판에서 다시 보내세요(redrive).",
        "A fault of this system kept it from being handled. See to it by hand, and redrive it on a version without the fault.",
    ),
    R.LEFT_CONFIGURATION: Remedy(
        409, "이 방문의 조리장, 생활권역이나 동이 이제 설정에 없습니다(rules). 새 방문으로 신청하거나 설정에 되돌려 넣으세요.",
        "Its kitchen, living area or dong has left the configuration (see 'rules'). File a new visit, or put it back there.",
    ),
    R.SERVICE_NOT_SUPPLIED: Remedy(
        409, "이 기관은 그날 이 서비스를 제공하지 않습니다. 다른 기관을 고르거나 제공 서비스 목록을 고치세요.",
        "The organisation does not supply this service on that day. Choose another, or correct its list of services.",
    ),
    R.DIET_NOT_COOKED: Remedy(
        409, "이 조리장의 식단에 없습니다. rules에 적힌 조리장을 고르거나 조리장에 문의하세요.",
        "The kitchen does not cook this diet. Choose a kitchen that 'rules' lists, or ask the kitchen.",
    ),
    R.ALLERGEN_IN_MEAL: Remedy(
        409, "피해야 할 재료가 들어가거나 들어가는지 알 수 없습니다. rules에 적힌 조리장을 고르거나 조리장에 확인하세요.",
        "The meal has, or may have, what must be avoided. Choose a kitchen that 'rules' lists, or ask the kitchen.",
    ),
    R.KITCHEN_CUT_OFF: Remedy(
        409, "조리 마감이 지났고 추가분도 찼습니다. 다른 조리장을 고르거나 다음 끼니로 접수하세요.",
        "The kitchen's numbers are closed and its late additions used up. Choose another kitchen or the next meal.",
    ),
    R.UNKNOWN_CREDENTIAL: Remedy(
        404, "이 제공인력에게 없는 교육·검사입니다. 코드를 확인하세요.",
        "The worker holds no such training or test. Check its code.",
    ),
    R.UNKNOWN_PROGRAMME: Remedy(404, "사업 코드를 확인하세요.", "Check the programme's code."),
    R.PROGRAMME_OFF: Remedy(
        409, "그날은 사업이 열려 있지 않습니다. 시스템 운영자에게 문의하거나 일반 서비스로 접수하세요.",
        "The programme is not on for that day. Ask the operator, or file an ordinary service.",
    ),
    R.NOT_OF_PROGRAMME: Remedy(
        422, "이 사업에서 제공하지 않는 것입니다. 사업의 서비스 중에서 고르세요.",
        "The programme does not give this. Choose one of its services.",
    ),
    R.MAY_NOT_ASK: Remedy(
        403, "이 사업에 신청할 수 있는 사람이 아닙니다. asked_by에 신청자를 쓰세요.",
        "The programme does not take requests of this role. Say in asked_by who asks.",
    ),
    R.OPERATOR_ONLY: Remedy(
        403, "시스템 운영자만 사업을 열고 닫을 수 있습니다.", "Only an operator may switch a programme. Ask the operator."
    ),
    R.BUDGET_USED_UP: Remedy(
        409, "사업 예산이 남지 않았습니다. 예산을 늘리거나 일반 서비스로 접수하세요.",
        "The programme's budget is used up. Raise it, or file an ordinary service.",
    ),
    R.STOCK_USED_UP: Remedy(
        409, "보호 장비가 남지 않았습니다. 재고를 채운 뒤 다시 하세요.",
        "The programme's equipment is used up. Add to its stock, then try again.",
    ),
    R.UNKNOWN_POSTING: Remedy(404, "입소 파견 번호를 확인하세요.", "Check the posting's id."),
    R.POSTING_CLOSED: Remedy(
        409, "이미 배정되었거나 끝난 입소 파견입니다.", "The posting has its worker, or is over. Read it again."
    ),
    R.POSTING_TOO_LONG: Remedy(
        422, "사업이 정한 날수를 넘습니다. 기간을 줄이세요.", "It is longer than the programme allows. Shorten it."
    ),
    R.NOTHING_TO_LIFT: Remedy(
        404, "두 사람 사이에 제외가 없습니다. 번호를 확인하세요.", "These two are not excluded from each other. Check the ids."
    ),
    R.UNKNOWN_CLAIM: Remedy(404, "수임 번호를 확인하세요.", "Check the claim's id."),
    R.NEED_NOT_OPEN: Remedy(
        409, "지금은 맡을 수 있는 건이 아닙니다. 다른 자치구의 방문이면 그 자치구가 다시 계획하니 그쪽에 알리세요.",
        "It is not open to you. Another district plans its own visit again: tell them. Else wait until it is shown to you.",
    ),
    R.CLAIMED_BY_OTHER: Remedy(
        409, "다른 기관이 먼저 수임했습니다. 다시 열리면 알려 드립니다.",
        "Another organisation has claimed it. You are told when it is open again.",
    ),
    R.WITH_ANOTHER_DISTRICT: Remedy(
        409, "다른 자치구가 맡고 있습니다. 수임을 먼저 거두세요.",
        "Another district has it. Take the claim back first; it is free when they let it go.",
    ),
    R.BATCH_REFUSED: Remedy(
        422, "표시된 행을 고쳐 전체를 다시 보내 주세요. 접수되거나 저장된 것은 없습니다.",
        "Correct the rows that are named and send all of it again. Nothing was filed or stored.",
    ),
    R.NOT_CONFIGURED: Remedy(
        409, "자치구 설정을 먼저 불러오세요.", "Load the district's configuration first."
    ),
    R.WORKER_NOT_ABLE: Remedy(
        409, "이 제공인력은 할 수 없습니다. 다른 사람을 지정하세요.",
        "This worker cannot serve it (skill, shift or exclusion). Name another.",
    ),
    R.NO_WORKER_FREE: Remedy(
        409, "그 시간에 맞는 제공인력이 없습니다. 시간을 넓히거나 인력을 더하세요.",
        "Nobody is free then. Widen the time window or add a worker.",
    ),
    R.NO_SKILLED_WORKER: Remedy(
        409, "자격 있는 제공인력을 더하거나 시간을 넓히세요.", "Add a qualified carer or widen the time window."
    ),
    R.NO_WORKER_IN_AREA: Remedy(
        409, "이웃 생활권의 도움을 요청하세요.", "Ask the neighbouring living areas for help."
    ),
    R.SIGNATURE_WRONG: Remedy(401, "서명 비밀키를 확인하세요.", "Check the signing secret and sign the raw body."),
    R.SIGNATURE_OLD: Remedy(
        401, "시계를 맞추고 새로 서명하세요.", "Set the clock and sign again; the timestamp is over five minutes off."
    ),
    R.SIGNATURE_REPEATED: Remedy(
        409, "이미 받은 webhook-id입니다.", "This webhook-id was received before; send new content under a new id."
    ),
    R.TOKEN_MISSING: Remedy(401, "접속 토큰을 보내세요.", "Send the token as 'Authorization: Bearer …'."),
    R.TOKEN_WRONG: Remedy(401, "접속 토큰을 확인하세요.", "Check the token; make run prints where it is kept."),
    R.CSRF_WRONG: Remedy(
        403, "화면을 새로 고친 뒤 다시 하세요.",
        "Reload the page and try again. With a cookie, send the header X-Dolbom-CSRF with the `csrf` of GET /v1/me.",
    ),
    R.SECOND_FACTOR_NEEDED: Remedy(
        403, "이 역할은 2단계 인증이 있어야 합니다. '내 계정'에서 등록하세요.",
        "This role needs a second factor. Set one up under 'My account' (POST /v1/me/totp).",
    ),
    R.SIGN_IN_WRONG: Remedy(
        401, "아이디, 비밀번호, 인증번호를 확인하세요. 안 되면 운영자에게 새 로그인 링크를 요청하세요.",
        "Check login, password and code. If that does not help, ask the operator for a new sign-in link.",
    ),
    R.TOO_MANY_TRIES: Remedy(
        429, "잠시 뒤에 다시 시도하세요.", "Wait as long as Retry-After says, then try again."
    ),
    R.UNKNOWN_RECIPIENT: Remedy(
        404, "이용자 번호를 확인하세요. 먼저 이용자로 등록해야 합니다.",
        "Check the recipient's id; the recipient has to be stored first, as yours.",
    ),
    R.NOT_FOUND: Remedy(
        404, "주소를 확인하세요. 이 역할로 볼 수 있는 것이 없습니다.",
        "Check the address; there is nothing here, or nothing for your role.",
    ),
    R.NOT_ALLOWED: Remedy(405, "이 주소에서는 쓸 수 없는 방식입니다.", "Use one of the methods in the Allow header."),
    R.BAD_REQUEST: Remedy(400, "요청 형식을 문서와 맞춰 주세요.", "Correct the request as documented."),
    R.LOG_UNAVAILABLE: Remedy(
        503, "잠시 뒤 같은 번호로 다시 보내 주세요. 두 번 접수되지 않습니다.",
        "Try again shortly with the same key; a repeat is never filed twice.",
    ),
    R.BOARD_UNAVAILABLE: Remedy(
        503, "현황판을 다시 만드는 중입니다. 잠시 뒤 다시 보세요.", "The board is being rebuilt. Try again shortly."
    ),
    R.REGISTRY_UNAVAILABLE: Remedy(
        503, "저장소가 잠시 응답하지 않습니다. 같은 번호로 다시 보내 주세요.",
        "The registry is unavailable; nothing was done. Send it again with the same key.",
    ),
    R.INTERNAL_ERROR: Remedy(
        500, "저희 쪽 오류입니다. 같은 번호로 다시 보내 주세요.", "The fault is ours. Try again with the same key."
    ),
}  # fmt: skip
