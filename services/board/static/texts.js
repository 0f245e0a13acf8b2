// All texts of the page, Korean first, in the users' words (a meal is 배차, care is 배정, an offer is 수락 요청).
// Every entry is [Korean, English]; {x} is filled in.

const TEXTS = {
  app: ["돌봄 배차", "Dolbom Dispatch"],
  page_title: ["돌봄 배차 현황판", "Dolbom Dispatch board"],
  skip_to_list: ["목록으로 건너뛰기", "Skip to the list"],
  tab_board: ["현황", "Board"], tab_map: ["지도", "Map"], tab_day: ["하루", "Day"], tab_ledger: ["마감표", "Ledger"],
  tabs: ["화면", "Views"],
  language_switch: ["English", "한국어"],
  help: ["도움말", "Help"], close: ["닫기", "Close"], more: ["더 보기", "More"], less: ["접기", "Less"],
  // time
  minutes: ["{n}분", "{n} min"], hours: ["{h}시간", "{h} h"], hours_minutes: ["{h}시간 {n}분", "{h} h {n} min"],
  late_by: ["+{d} 늦음", "+{d} late"], until: ["{at}까지", "by {at}"],
  left: ["{d} 남음", "{d} left"], overdue: ["{d} 지남", "{d} over"], since: ["{at}부터 {d}째", "since {at} · {d}"],
  now: ["지금", "now"],
  // connection
  connecting: ["연결하는 중", "Connecting"], connected: ["연결됨", "Live"],
  seconds_ago: ["{n}초 전", "{n} s ago"], stale: ["끊김", "Stale"],
  stale_title: ["화면이 멈춰 있습니다", "This screen is out of date"],
  stale_detail: ["마지막 갱신 {at} ({n}초 전). 다시 연결하고 있습니다.",
    "Last update at {at} ({n} s ago). Reconnecting."],
  stale_advice: ["급한 일은 전화로 확인하세요.", "Check anything urgent by phone."],
  recovered: ["다시 연결되었습니다.", "Connected again."],
  retry_now: ["지금 다시 연결", "Reconnect now"],
  // service clock
  clock: ["서비스 시각", "Service clock"], clock_controls: ["시계 속도", "Clock speed"],
  pause: ["멈춤", "Pause"], speed: ["{n}배", "{n}×"], paused: ["멈춤", "Paused"],
  clock_failed: ["시계를 바꾸지 못했습니다.", "The clock was not changed."],
  // what needs a person
  attention: ["조치 필요", "Needs a person"],
  attention_empty: ["기다리는 일이 없습니다", "Nothing waits for you"],
  attention_checked: ["마지막 확인 {at}", "last checked {at}"],
  give: ["이 인력에게 맡기기", "Give to this worker"],
  acknowledge: ["확인 중으로", "I am on it"], on_it: ["{who} 확인 중", "{who} is on it"],
  owner: ["담당", "With"], next_owner: ["다음 {who}", "then {who}"],
  announce_exception: ["새 조치 필요: {kind}, {about}", "Needs a person: {kind}, {about}"],
  announce_settled: ["{kind} 처리됨: {outcome}", "{kind} settled: {outcome}"],
  settled: ["처리됨", "Settled"], sending: ["보내는 중", "Sending"], sent: ["기록됨, 반영 대기", "Recorded"],
  undo: ["되돌리기", "Undo"], undo_in: ["되돌리기 ({n})", "Undo ({n})"],
  about_settle: ["처리: {outcome}", "Settling: {outcome}"],
  // counters
  counters: ["상태별 건수", "Counts by state"],
  all: ["전체", "All"], of_filtered: ["조건에 맞는 건", "Matching"],
  of_all: ["전체 {n}건 중", "of {n}"], among: ["그중", "incl."],
  late: ["늦음", "Late"], needs: ["조치", "Person"], late_only: ["늦은 건만", "Late only"],
  // list
  list: ["제공 건", "Visits"], search: ["번호·제공인력·이용자 찾기", "Number, worker, recipient"],
  any_area: ["생활권", "Area"], any_dong: ["동", "Dong"], any_service: ["서비스", "Service"],
  any_provider: ["기관", "Provider"], any_worker: ["배차 여부", "Worker"], all_option: ["{what}: 전체", "{what}: all"],
  no_worker: ["인력 없음", "No worker"], no_worker_for: ["인력 없음 {d} 이상", "No worker for {d}+"],
  reset: ["조건 지우기", "Clear"], filters: ["조건", "Filters"], print_list: ["목록 인쇄", "Print list"],
  rows: ["{n}건", "{n} visits"], rows_one: ["{n}건", "{n} visit"],
  pending_order: ["바뀐 순서 반영", "Apply new order"],
  col_time: ["약속 · 예상", "Promised · expected"], col_who: ["이용자", "Recipient"], col_where: ["동 · 생활권", "Dong · area"],
  col_service: ["서비스", "Service"], col_state: ["상태", "State"], col_worker: ["제공인력 · 기관", "Worker · provider"],
  col_changed: ["변경", "Last"],
  empty_day: ["아직 접수된 건이 없습니다", "No visits yet"],
  empty_day_detail: ["접수되는 대로 여기에 나타납니다.", "They appear here as they are filed."],
  empty_filter: ["조건에 맞는 건이 없습니다", "No visit matches"],
  empty_filter_detail: ["조건을 지우면 {n}건이 보입니다.", "Without filters there are {n}."],
  name_search_note: ["이용자 이름은 화면에 나왔던 사람만 찾습니다.", "Recipient names are searched among those shown so far."],
  name_search_all: ["모두에서 찾기 (열람 기록 남음)", "Search all (logged read)"],
  loading: ["현황을 불러오는 중", "Loading the board"],
  recipient: ["이용자", "Recipient"], unnamed: ["이름 없음", "No name"], no_worker_yet: ["아직 없음", "None yet"],
  // map
  map: ["지도", "Map"], map_fit: ["전체", "Fit"], map_legend: ["표시", "Signs"], river: ["한강", "Han River"],
  map_failed: ["지도를 불러오지 못했습니다. 목록은 그대로 쓸 수 있습니다.", "The map did not load. The list works as before."],
  legend_wait: ["대기", "Waiting"], legend_way: ["진행", "Under way"], legend_done: ["완료", "Done"],
  legend_late: ["늦음", "Late"], legend_person: ["조치 필요", "Needs a person"], legend_worker: ["제공인력", "Worker"],
  legend_kitchen: ["조리장·거점", "Kitchen, hub"],
  next_stop: ["다음 {at}", "next {at}"], boxes_onboard: ["실은 도시락 {n}개", "{n} boxes on board"],
  // areas
  disruptions: ["중단", "Broken now"], disruptions_say: ["중단·날씨 알리기", "Report a failure or weather"], disruption_end: ["다시 시작", "Back again"],
  disruption_moved: ["{n}건 옮김, {left}건 남음, {waiting}건 대기", "{n} moved, {left} to go, {waiting} waiting"], whole_district: ["자치구 전체", "the whole district"],
  failure_title: ["제공기관 중단", "A provider fails"], failure_who: ["조리장·기관", "Kitchen, provider"], failure_span: ["동안", "For"], failure_report: ["다른 곳에 맡기기", "Let others supply"],
  weather_title: ["날씨로 이동 중단", "Weather stops"], weather_for: ["동안", "For"], weather_report: ["멈추고 다른 이동 수단으로", "Stop, let others go"],
  areas: ["생활권", "Living areas"], col_area: ["생활권 · 책임기업", "Area"],
  col_open: ["대기", "Wait"], col_way: ["진행", "Active"], col_workers: ["근무", "Staff"],
  help_wanted: ["지원 필요: {area} {n}명 {from}–{until}", "Help wanted: {n} from {area}, {from}–{until}"],
  workers_short: ["{from}부터 {n}명 부족: {why}", "{n} workers short at {from}: {why}"],
  short_no_skilled_worker: ["자격 있는 인력 없음", "nobody has the skills"], short_no_worker_on_duty: ["근무 중인 인력 없음", "nobody on duty"],
  short_no_worker_may_help: ["지원할 수 있는 생활권 없음", "nobody may help here"], short_all_busy: ["모두 배차됨", "everybody is busy"],
  short_too_dear: ["지원 비용이 더 큼", "help would cost more"],
  // crisis programmes
  programmes: ["긴급돌봄 사업", "Crisis programmes"], programme_on: ["{from} ~ {until}", "{from} to {until}"], programme_off: ["닫힘", "Off"],
  programme_budget: ["예산 {booked} / {budget}원, 방문 {n}건", "{booked} of {budget} won, {n} visits"],
  programme_stock: ["{item} {left}/{count}", "{item} {left}/{count}"],
  posting: ["입소 파견", "Posting"], posting_nobody: ["인력 없음", "nobody yet"], posting_days: ["{dong}, {from}부터 {until}까지", "{dong}, {from} to {until}"],
  // drawer
  drawer: ["제공 건 내용", "Visit"], worker_drawer: ["제공인력", "Worker"],
  promised: ["약속", "Promised"], expected: ["예상", "Expected"], finished: ["완료", "Done"],
  time_window: ["시간대", "Time window"], facts: ["내용", "Facts"], people: ["사람", "People"],
  names_logged: ["이름을 가려서 보입니다. 열람은 기록됩니다.", "Names are masked. Reading them is logged."],
  fact_reference: ["번호", "Number"], fact_kitchen: ["조리장", "Kitchen"], fact_worker: ["제공인력", "Worker"],
  fact_organisation: ["제공기관", "Provider"], fact_area: ["생활권", "Living area"], fact_requested_by: ["접수", "Filed by"],
  fact_priority: ["우선순위", "Priority"], fact_help: ["도움", "Help"], fact_reason: ["사유", "Reason"],
  fact_owner: ["담당", "With"], fact_why: ["배정 근거", "Why this worker"],
  why_own: ["생활권 안의 제공인력", "A worker of its own living area"],
  why_helped: ["{area}에서 지원 ({rung})", "Helped from {area} ({rung})"],
  why_nobody: ["맞는 제공인력을 찾지 못함 ({rung}까지 찾음)", "Nobody was found (searched: {rung})"], why_none: ["아직 맞는 제공인력이 없음 ({rung}까지 찾음)", "Nobody fits yet (searched: {rung})"],
  why_ask: ["누가 더 갈 수 있나", "Who else could come?"], why_asking: ["확인하는 중", "Asking"],
  why_failed: ["답을 받지 못했습니다.", "No answer came."], why_settled: ["이미 진행 중이라 바꿀 수 없습니다.", "It is under way; there is no choice any more."],
  why_chosen: ["현재 배정", "assigned now"], why_term: ["{term} {n}분", "{term} {n} min"],
  why_dearer: ["{n}분 상당", "about {n} min"], why_others: ["나머지: {list}", "Others: {list}"], why_rule: ["{rule} {n}명", "{n} {rule}"],
  rung_0: ["생활권", "own area"], rung_1: ["이웃 생활권", "neighbouring areas"], rung_2: ["자치구 전체", "the whole district"],
  rung_3: ["권역", "the region"], rung_4: ["시", "the city"],
  ledger_help: ["연계로 제공한 곳", "Supplied by the ladder, from"],
  ledger_claims: ["수임 {made}건, 확정 {confirmed}건, 도움 비용 {krw}원", "{made} claims, {confirmed} confirmed, {krw} won for help"],
  fact_claim: ["연계 수임", "Claim"], fact_supplied: ["제공한 곳", "Supplied from"], fact_guest: ["이용자의 자치구", "Recipient's district"],
  claim_open: ["{who} · 확정 대기, {at}까지", "{who} · to be confirmed by {at}"], claim_told: ["{n}개 기관이 볼 수 있음", "{n} organisations see it"],
  supplied_from: ["{rung} · {who} · {n}분 만에 · {price}원", "{rung} · {who} · after {n} min · {price} won"],
  priority_1: ["긴급", "Urgent"], priority_2: ["보통", "Normal"], priority_3: ["여유", "May wait"],
  story: ["경과", "Story"], story_empty: ["아직 기록이 없습니다.", "Nothing recorded yet."],
  story_failed: ["경과를 불러오지 못했습니다.", "The story did not load."], retry: ["다시 시도", "Try again"],
  actions: ["할 수 있는 일", "Actions"], cancel_visit: ["취소", "Cancel visit"], cancel_reason: ["취소 사유", "Reason"],
  about_cancel: ["취소: {reason}", "Cancelling: {reason}"],
  refused_closed: ["이미 끝난 건이라 취소할 수 없습니다.", "It is closed, so it cannot be cancelled."],
  show_worker: ["제공인력 보기", "Show worker"], on_map: ["지도에서 보기", "Show on map"],
  stops: ["남은 방문", "Stops to come"], no_stops: ["남은 방문이 없습니다.", "No stops to come."],
  pickup_of: ["{kitchen} 수령 {n}개", "Pick up {n} at {kitchen}"], from_colleague: ["다른 제공인력", "another worker"],
  status_on: ["근무 중", "On shift"], status_off: ["근무 전·종료", "Off shift"], status_out: ["근무 중단", "Dropped out"], status_ended: ["근무 종료", "Shift over"], status_posted: ["입소 파견 중", "Posted"],
  status_on: ["근무 중", "On shift"], status_off: ["근무 전·종료", "Off shift"], status_out: ["근무 중단", "Dropped out"], status_lost: ["연락 안 됨", "Not reached"], status_ended: ["근무 종료", "Shift over"],
  kind_rider: ["라이더", "Rider"], kind_carer: ["돌봄 제공인력", "Carer"], fact_shift: ["근무 시간", "Shift"],
  fact_mode: ["이동 수단", "Travels by"],
  // day
  demand_title: ["반시간별 필요 인력과 근무 인력", "Workers needed and on shift, by half hour"],
  demand_note: ["막대는 필요한 인력, 선은 근무 인력입니다. 모자라면 숫자로 보입니다. 배송은 한 건 {meal}분, 방문은 {care}분으로 어림합니다.",
    "Bars: workers needed. Line: workers on shift. A shortage shows its number. A meal is taken as {meal} min, a care visit as {care} min."],
  right_now: ["지금 {need}/{have}명", "now {need}/{have}"], meals: ["배송", "Meals"], care: ["방문", "Care"], short_of: ["{n}명 부족", "{n} short"],
  gantt_title: ["제공인력별 일정", "Timetable by worker"], gantt_empty: ["오늘 근무하는 제공인력이 없습니다.", "No workers today."],
  // ledger
  ledger_title: ["일일 마감표", "The day's ledger"], ledger_open: ["마감 전 (진행 중)", "Not closed yet"], ledger_closed: ["마감됨", "Closed"],
  ledger_print: ["인쇄 (A4)", "Print (A4)"], ledger_empty: ["아직 집계가 없습니다.", "Nothing counted yet."],
  ledger_visits: ["전체 제공 건", "All visits"], ledger_unaccounted: ["확인되지 않은 건", "Unaccounted"],
  ledger_balanced: ["모든 건이 확인되었습니다.", "Every visit is accounted for."],
  ledger_unbalanced: ["확인되지 않은 건이 {n}건 있습니다.", "{n} visits are unaccounted for."],
  ledger_counts: ["결과", "Outcome"], ledger_quality: ["시간 지킴과 이동", "Punctuality and travel"], ledger_plan: ["배차안", "Plans"],
  ledger_unmet: ["미충족 수요 {n}건, 막은 이유", "Unmet needs: {n}, by what stood in the way"],
  ledger_eligibility: ["자격 요건", "Eligibility"], ledger_no_longer_eligible: ["자격 요건 어긋남", "No longer eligible"],
  ledger_case_conference: ["사례회의", "Case conferences"], ledger_menu_conflict: ["식단 맞지 않음", "Menu does not fit"],
  ledger_refusals_counted: ["민간기피 집계", "Refusals counted"], ledger_late_boxes: ["마감 뒤 추가 도시락", "Boxes after the cut-off"],
  ledger_crisis: ["방문 {visits}건, 입소 파견 {postings}건, 예산 {krw}원", "{visits} visits, {postings} postings, {krw} won"],
  ledger_broken: ["생긴 일과 대응", "What broke, and how it was met"],
  ledger_failed: ["미제공 사유", "Failed, by reason"], ledger_handed: ["인계받은 담당", "Handed over to"],
  on_time_share: ["정시 비율", "On time"], lateness_mean: ["평균 지연", "Mean lateness"], lateness_p95: ["지연 95% 값", "Lateness, p95"],
  travel_per_visit: ["건당 이동", "Travel per visit"], helped_share: ["이웃 생활권 지원 비율", "Helped from another area"],
  click_to_door: ["접수부터 문 앞까지", "Request to door"], ready_to_pickup: ["조리 완료부터 수령까지", "Ready to pickup"],
  per_busy_hour: ["바쁜 시간당 건수", "Visits per busy hour"],
  plans_proposed: ["제안된 배차안", "Plans proposed"], plans_adopted: ["반영된 배차안", "Plans adopted"], visits_moved: ["옮긴 건", "Visits moved"],
  unit_min: ["분", " min"], count_unit: ["건", ""], not_done: ["완료되지 않은 건", "Visits not done"], none: ["없음", "None"],
  sign_off: ["결재", "Signed"], sign_made: ["작성", "Made by"], sign_checked: ["확인", "Checked"], sign_approved: ["승인", "Approved"],
  printed_at: ["{at} 출력", "Printed {at}"],
  // gate
  gate_title: ["접속 열쇠를 넣어 주세요", "Enter your key"],
  gate_detail: ["시스템을 시작한 창에 표시된 주소로 열면 바로 들어옵니다. 또는 접속 열쇠를 붙여 넣으세요.",
    "Open the address shown where the system was started, or paste the key here."],
  gate_key: ["접속 열쇠", "Key"], gate_enter: ["들어가기", "Enter"], gate_account: ["아이디로 로그인", "Sign in with an account"], gate_wrong: ["열쇠가 맞지 않습니다. 다시 확인해 주세요.", "That key is not right. Please check it."],
  denied_title: ["이 자치구를 볼 권한이 없습니다", "You may not see this district"],
  denied_detail: ["시스템 운영자에게 권한을 요청하세요. 이 화면에는 아무것도 불러오지 않았습니다.", "Ask the operator for access. Nothing was loaded."],
  down_retry: ["3초마다 저절로 다시 시도합니다.", "Trying again every 3 seconds."], down_title: ["현황판을 불러오지 못했습니다", "The board did not load"],
  error_unreachable: ["서버에 닿지 않습니다. 잠시 뒤 저절로 다시 시도합니다.", "The server cannot be reached. Trying again by itself."],
  error_generic: ["처리하지 못했습니다. 잠시 뒤 다시 시도하세요.", "That did not work. Try again shortly."],
  // help
  help_keys: ["키보드", "Keyboard"], key_search: ["찾기", "Search"], key_move: ["목록에서 옮기기", "Move in the list"],
  key_open: ["열기", "Open"], key_close: ["닫기", "Close"], key_help: ["이 도움말", "This help"],
  key_tabs: ["현황 · 하루 · 마감표", "Board · Day · Ledger"], help_signs: ["상태 표시", "Signs of states"],
  help_source: ["행정동 자료: 통계청 SGIS 행정동 경계(공공누리 제1유형), 가공 vuski/admdongkor (CC BY 4.0).",
    "Dong data: Statistics Korea SGIS boundaries (KOGL type 1), processed by vuski/admdongkor (CC BY 4.0)."],
};

const CODES = {
  term: {
    travel: ["이동", "travel"], lateness: ["지연", "lateness"], greatest_lateness: ["가장 큰 지연", "greatest lateness"],
    promise: ["알린 시각보다 늦음", "later than told"], help: ["다른 생활권 지원", "help from another area"], unserved: ["미배정", "left out"],
    unfamiliar: ["낯선 사람", "an unknown face"], not_preferred: ["선호하지 않는 사람", "not preferred"], move: ["담당 바뀜", "a change of worker"],
    other_gender: ["선호하지 않는 성별", "another gender"], order_change: ["코스 순서 바뀜", "the round's order"],
    over_share: ["공정 몫 초과", "more than a fair share"], worker_used: ["새로 나섬", "one more worker out"],
  },
  rule: {
    kind: ["다른 직종", "of another kind"], skill: ["자격 없음", "without the skill"], gender: ["성별 조건", "of another gender"],
    excluded: ["거절·제외", "declined or excluded"], pinned: ["다른 사람에게 고정", "held by somebody else"],
    area: ["다른 생활권", "of another area"], capacity: ["보온함 가득", "with a full box"], round_size: ["코스 가득", "with a full round"],
    time_window: ["시간이 맞지 않음", "too late"], freshness: ["식사 보관 시간 초과", "over the freshness limit"],
    shift: ["근무 시간 밖", "off shift by then"], together: ["두 사람이 함께 못 감", "not free together"],
    no_room: ["약속을 지키며 끼울 자리 없음", "without room between promises"],
    credential: ["필요한 교육·검사·장비 없음", "without the training, test or equipment"],
    credential_old: ["교육·검사 기한 지남", "with a training or test that is too old"],
    banned_area: ["갈 수 없는 생활권", "barred from the area"], pickup_window: ["받을 곳이 문을 닫음", "too late for the shop"],
    round_departure: ["같은 코스가 따로 출발", "of a round that has left"], break: ["휴게 시간을 지킬 수 없음", "without a break in time"],
    active_limit: ["하루 근로 한도 넘음", "over the hours"], distance_limit: ["이동 거리 한도 넘음", "over the distance"],
    different_workers: ["다른 방문을 이미 맡음", "has the other visit"],
    gap: ["두 방문의 간격이 맞지 않음", "out of step with the other visit"], parcel_delays: ["식사가 늦어짐", "late with a meal because of it"],
  },
  state: {
    requested: ["접수", "Requested"], waiting: ["대기", "Waiting"], planned: ["예정", "Planned"], offered: ["수락 요청", "Offered"],
    accepted: ["배차·배정", "Assigned"], en_route: ["이동 중", "On the way"], picked_up: ["배송 중", "Picked up"],
    arrived: ["문 앞", "At the door"], in_service: ["제공 중", "In service"], no_answer: ["이용자 부재", "No answer"],
    done: ["완료", "Done"], cancelled: ["취소", "Cancelled"], failed: ["미제공", "Failed"], handed_over: ["인계", "Handed over"],
  },
  group: {
    accepted: ["배차·배정", "Assigned"], moving: ["이동 중", "On the way"], door: ["문 앞·제공", "At the door"],
  },
  service: {
    meal_support: ["식사지원", "Meal"], housing_help: ["주거편의", "Housing help"], accompaniment: ["동행·이동지원", "Accompaniment"],
    check_in: ["안부확인", "Check-in"], temporary_home_care: ["일시재가", "Temporary care"], emergency_care: ["긴급돌봄", "Emergency care"],
    visiting_care: ["방문요양", "Visiting care"], visiting_nursing: ["방문간호", "Nursing"], visiting_bath: ["방문목욕", "Bath"],
    disability_assistance: ["장애인활동지원", "Disability assistance"],
  },
  meal: {
    hot_lunch: ["점심 도시락", "Hot lunch"], hot_dinner: ["저녁 도시락", "Hot dinner"], side_dish: ["밑반찬", "Side dishes"],
    single: ["단건 배송", "Single meal"],
  },
  exception: {
    unserved: ["제공인력 없음", "No worker found"], welfare_check: ["안부 확인 필요", "Welfare check"],
    worker_dropped_out: ["제공인력 근무 중단", "Worker dropped out"], kitchen_late: ["조리 지연", "Kitchen late"],
    worker_silent: ["제공인력 연락 없음", "Worker silent"], lone_worker: ["혼자 일하는 인력 확인", "Carer alone: look now"],
    worker_missing: ["제공인력 찾기", "Find the worker"], provider_failed: ["제공기관 중단", "Provider failed"], mode_paused: ["날씨로 이동 중단", "Stopped by weather"], no_app_call: ["전화로 수락 확인", "Phone for acceptance"],
    doorstep_call: ["부재: 이용자에게 전화", "No answer: call them"], doorstep_kin: ["부재: 보호자에게 전화", "No answer: call kin"],
    endpoint_down: ["기관 수신 서버 응답 없음", "Organisation's server away"],
    endpoint_disabled: ["기관 수신 주소 중지됨", "Organisation's address off"],
    choice_failed: ["지정한 인력이 거절", "Chosen worker said no"],
    observation: ["안부 관찰", "Seen at the door"], concern: ["이웃 제보", "Concern reported"],
    no_longer_eligible: ["자격 요건 어긋남", "No longer eligible"], case_conference: ["사례회의 필요 (민간기피)", "Case conference: refused care"],
    menu_conflict: ["식단 맞지 않음", "Menu does not fit"], budget_used_up: ["예산·재고 소진", "Budget or stock used up"],
    posting_unfilled: ["입소 파견 인력 없음", "Nobody for the posting"],
    ladder_top: ["더 찾을 곳 없음", "Nobody left to ask"], visit_failed: ["미제공", "Visit failed"], help_asked: ["다른 자치구의 도움 요청", "Help asked by a district"],
    help_overdue: ["다른 자치구 소식 없음", "No word from the district"], claim_to_confirm: ["연계 수임 확인", "Confirm a claim"],
  },
  outcome: {
    assigned_by_hand: ["직접 배차함", "Assigned by hand"], cancelled_with_recipient: ["이용자와 취소", "Cancelled with them"],
    handed_over: ["인계", "Hand over"], found_well: ["안전 확인", "Found well"], found_unwell_119: ["119 연계", "Unwell, 119"],
    moved_to_hospital: ["병원 이송", "To hospital"], not_found: ["찾지 못함", "Not found"], seen: ["확인", "Seen"],
    reached: ["연락됨", "Reached"], relieved: ["교체", "Relieved"], accepted: ["수락", "Accepted"], declined: ["거절", "Declined"],
    resolved_itself: ["저절로 해결됨", "Resolved itself"], called_well: ["전화로 안부 확인", "Called, well"],
    visited_well: ["방문해 안부 확인", "Visited, well"], care_requested: ["돌봄 요청함", "Care requested"], called_119: ["119 신고", "119 called"],
    no_reply: ["전화 안 받음", "No reply"], answered: ["문 연다고 함", "Will open"], away_confirmed: ["외출 확인", "Away, well"],
    no_kin_reached: ["보호자 연락 안 됨", "No kin reached"], kin_opens: ["보호자가 문 엶", "Kin opens"], kin_confirms_well: ["보호자가 안부 확인", "Kin: is well"],
    raised: ["증액·보충함", "Raised"], renewed: ["갱신됨", "Renewed"], public_provider_named: ["공공기관 지정", "Public provider named"], plan_changed: ["돌봄 계획 변경", "Plan of care changed"],
    private_again: ["민간기관 다시 요청", "Private providers again"], kitchen_cooks_other: ["조리장이 따로 준비", "Kitchen cooks another"],
    called_112: ["112 신고", "112 called"], back: ["다시 시작", "Back again"],
    help_offered: ["도움 제안", "Offer help"], help_declined: ["도움 어려움", "Cannot help"], confirmed: ["수임 확정", "Confirm"],
    unattended: ["시간 지남, 다음 단계로", "Not done in time, next step"],
  },
  posting: {
    waiting: ["인력 찾는 중", "Looking for somebody"], assigned: ["배정됨", "Assigned"], under_way: ["파견 중", "Under way"],
    ended: ["끝남", "Ended"], cancelled: ["취소", "Cancelled"],
  },
  broken: {
    workers_asked: ["연락 없어 확인", "Workers asked"], workers_lost: ["연락 두절로 교체", "Workers not reached"],
    meals_collected: ["도시락 수거", "Meals collected"], meals_cooked_again: ["다시 조리", "Meals cooked again"], meals_replaced: ["대체식", "Meals replaced"],
    meals_not_rescued: ["갈 사람 없던 도시락", "Meals nobody could bring"], provider_failures: ["제공기관 중단", "Providers that failed"],
    kitchens_changed: ["다른 조리장이 조리", "Cooked by another kitchen"], mode_pauses: ["날씨로 이동 중단", "Pauses by weather"],
    visits_given_on: ["다른 기관이 맡음", "Visits others took over"], promises_changed: ["약속 변경 안내", "Told of a changed promise"],
  },
  observation: {
    no_sign_of_life: ["기척 없음", "No sign of life"], looks_unwell: ["안색 나쁨", "Looks unwell"],
    box_untouched: ["어제 도시락 그대로", "Yesterday's box untouched"], post_piling_up: ["우편물 쌓임", "Post piling up"],
  },
  event: {
    requested: ["접수", "Requested"], queued: ["대기 등록", "Queued"], planned: ["배차 예정", "Planned"], unplanned: ["예정에서 빠짐", "Unplanned"],
    offered: ["수락 요청 보냄", "Offered"], offer_lapsed: ["수락 요청 끝남", "Offer lapsed"], accepted: ["수락", "Accepted"],
    en_route: ["출발", "On the way"], picked_up: ["수령", "Picked up"], arrived: ["도착", "Arrived"], started: ["제공 시작", "Started"],
    no_answer: ["이용자 부재", "No answer"], retried: ["다시 방문", "Tried again"], done: ["완료", "Done"], cancelled: ["취소", "Cancelled"],
    failed: ["미제공", "Failed"], relieved: ["제공인력 교체", "Relieved"], handed_over: ["인계", "Handed over"], reopened: ["다시 열림", "Reopened"],
    rung_climbed: ["도움 범위 넓힘", "Search widened"], exception_raised: ["조치 요청", "Person asked"],
    exception_settled: ["조치 끝", "Settled by a person"], exception_escalated: ["다음 담당으로", "Escalated"],
    notice_due: ["이용자에게 알림", "Recipient told"], offer_made: ["수락 요청 보냄", "Offer sent"],
    offer_accepted: ["수락 요청 수락됨", "Offer accepted"], offer_declined: ["수락 요청 거절됨", "Offer declined"],
    offer_expired: ["수락 요청 시간 지남", "Offer expired"], offer_withdrawn: ["수락 요청 회수", "Offer withdrawn"],
    pickup_moved: ["수령 장소 바뀜", "Pickup moved"], help_asked: ["다른 자치구에 도움 요청", "Other district asked"],
    exception_acknowledged: ["담당자가 확인 중", "Somebody is on it"], pinned: ["직접 지정", "Assigned by hand"], worker_forbidden: ["이 제공인력 제외", "Worker ruled out"], plan_decides: ["배차안에 맡김", "Plan decides again"],
    doorstep_instructed: ["현장 안내", "Told at the door"], unmet_need: ["미충족 수요로 기록", "Recorded as unmet need"],
    refusal_counted: ["민간기피로 집계", "Counted as a refusal"],
    worker_asked: ["제공인력에게 확인 요청", "Worker asked"], meal_rescued: ["도시락 다시 마련", "Meal on its way again"],
    rescue_collect: ["수거해 오면", "If collected"], rescue_cook_again: ["다시 조리하면", "If cooked again"], rescue_replace: ["대체식이면", "If replaced"],
    kitchen_changed: ["조리장 바뀜", "Another kitchen"], promise_changed: ["약속 변경 안내", "Told of a change"],
    provider_failed: ["제공기관 중단", "Provider failed"], mode_paused: ["날씨로 이동 중단", "Stopped by weather"],
    helped: ["다른 자치구가 맡음", "Another district supplies"],
    need_opened: ["수임할 기관 찾는 중", "Open to claims"], claim_made: ["연계 수임", "Claimed"], claim_confirmed: ["수임 확정", "Claim confirmed"],
    claim_declined: ["수임 거절", "Claim declined"], claim_expired: ["수임 시간 지남", "Claim expired"], claim_withdrawn: ["수임 거둠", "Claim withdrawn"],
    need_supplied: ["연계로 제공", "Supplied by the ladder"], help_offered: ["도움 제안", "Help offered"], help_accepted: ["도움 받기로 함", "Help accepted"],
    help_confirmed: ["도움 확인", "Help confirmed"], help_declined: ["도움 어려움", "Help declined"], help_declined_late: ["뒤늦게 어렵다고 함", "Declined late"],
    help_withdrawn: ["도움 거둠", "Help withdrawn"], help_released: ["도움 그만 받음", "Help released"], help_let_go: ["다른 자치구가 놓음", "Let go"],
    help_done: ["다른 자치구가 완료", "Done by the district"], help_failed: ["다른 자치구가 미제공", "Failed there"],
    command_refused: ["요청이 거절됨", "Command refused"], report_refused: ["보고가 거절됨", "Report refused"],
  },
  reason: {
    recipient_asked: ["이용자 요청", "Recipient asked"], same_day: ["당일 취소", "Same-day"], duplicate: ["중복 접수", "Duplicate"],
    office: ["행정 사유", "Office"], declined: ["거절", "Declined"], expired: ["응답 없음", "No reply"], withdrawn: ["회수", "Withdrawn"],
    no_answer: ["이용자 부재", "No answer"], no_worker: ["제공인력 없음", "No worker"], no_worker_free: ["시간 맞는 인력 없음", "Nobody free"],
    no_skilled_worker: ["자격 있는 인력 없음", "No skilled worker"], no_worker_in_area: ["생활권에 인력 없음", "Nobody in the area"],
    worker_dropped_out: ["제공인력 근무 중단", "Worker dropped out"], dropped_out: ["제공인력 근무 중단", "Worker dropped out"],
    kitchen_late: ["조리 지연", "Kitchen late"], kitchen: ["조리 시각 변경", "Kitchen time"], late_kitchen: ["조리 지연", "Kitchen late"],
    plan: ["배차안 조정", "Plan"], insertion: ["바로 끼워 넣음", "Inserted"], report: ["현장 보고", "Report"], relief: ["교체", "Relief"],
    offer: ["수락 요청", "Offer"], busy: ["다른 일 중", "Busy"], too_far: ["거리가 멂", "Too far"], refused: ["이용자가 거절", "Refused"],
    recipient_absent: ["이용자 부재", "Recipient absent"], cancelled: ["취소", "Cancelled"], not_home: ["댁에 없음", "Not at home"], hospital: ["병원에 있음", "In hospital"], day_closed: ["하루 마감", "Day closed"],
    time_window_over: ["시간대 지남", "Time window over"], unserved: ["제공인력 없음", "No worker"], welfare_check: ["안부 확인", "Welfare check"],
    not_served_in_time: ["시간 안에 제공 못 함", "Not served in time"], open_at_day_end: ["마감까지 끝나지 않음", "Open at the day's end"],
    other_worker_missing: ["함께 갈 인력이 없음", "Second worker missing"], own_staff: ["직접 배정", "Assigned directly"],
    recipient_not_found: ["이용자를 찾지 못함", "Recipient not found"], shift_over: ["근무 시간 끝", "Shift over"], silence: ["응답 없음", "No reply"],
    with_recipient: ["이용자와 합의", "Agreed with the recipient"], worker_not_able: ["맡을 수 없는 인력", "Worker not able"],
    worker_silent: ["제공인력 연락 없음", "Worker silent"], unstated: ["사유 없음", "No reason given"], on_break: ["휴식 중", "On a break"],
    vehicle_trouble: ["이동 수단 고장", "Vehicle trouble"], accident: ["사고", "Accident"], offer_declined: ["거절", "Declined"],
    offer_expired: ["응답 없음", "No reply"], offer_withdrawn: ["회수", "Withdrawn"], round: ["배송코스", "Round"], slot: ["시간 요청", "Slot"],
    single: ["단건", "Single"], promised: ["약속 시각 안내", "Promised time"], changed: ["변경 안내", "Change"], late: ["지연 안내", "Delay"],
    already_closed: ["이미 끝난 건", "Already closed"], out_of_order: ["앞 단계 보고 없음", "Earlier report missing"],
    key_reused: ["같은 번호, 다른 내용", "Key reused"], not_your_visit: ["다른 기관의 건", "Not their visit"], version_conflict: ["그 사이 바뀜", "Changed meanwhile"],
    mis_tap: ["잘못 누름", "Mis-tap"], told_by_recipient: ["이용자가 알림", "Told by the recipient"], ladder_top: ["더 찾을 곳 없음", "Nobody left to ask"],
    no_sign_of_life: ["기척 없음", "No sign of life"], looks_unwell: ["안색 나쁨", "Looks unwell"],
    box_untouched: ["어제 도시락 그대로", "Yesterday's box untouched"], post_piling_up: ["우편물 쌓임", "Post piling up"],
    go_on: ["다음 일정으로", "Go on"], leave_at_door: ["문 앞에 두기", "Leave at the door"], return_to_kitchen: ["조리장으로 반납", "Back to the kitchen"],
    overruled: ["담당자가 바꿈", "Overruled by a person"], undone: ["되돌림", "Undone"], started_stays: ["이미 시작됨", "Already started"],
    help_withdrawn: ["다른 자치구가 못 옴", "The district cannot come"], help_released: ["더는 필요 없음", "Not needed any more"],
    claimed: ["연계 수임", "Claimed"], not_confirmed_in_time: ["제때 확정되지 않음", "Not confirmed in time"],
    with_another_district: ["다른 자치구가 맡음", "With another district"], need_not_open: ["수임할 수 없는 건", "Not open to claims"],
    claimed_by_other: ["다른 기관이 수임", "Claimed by another"], corrected: ["정정", "Corrected"],
    dong: ["생활권", "own area"], living_area: ["이웃 생활권", "neighbouring areas"], district: ["자치구 전체", "the whole district"],
    region: ["권역", "the region"], city: ["시", "the city"],
    door_opens: ["문을 연다고 함", "The door will open"],
    silent: ["연락 없음", "Nothing heard"], overdue: ["종료 보고 없음", "No check-out"], alarm: ["무음 경보", "Silent alarm"],
    collect: ["수거", "Collected"], cook_again: ["다시 조리", "Cooked again"], replace: ["대체식", "Replaced"], replacement: ["대체식", "Replacement"],
    possible: ["가능", "Possible"], nobody_free: ["갈 사람 없음", "Nobody free"], stale: ["보관 시간 지남", "Too old by then"],
    kitchen_failed: ["조리장 중단", "Kitchen failed"], no_spare_meal: ["대체식 없음", "No spare meal"], not_found: ["찾지 못함", "Not found"],
    box_not_found: ["도시락을 찾지 못함", "Box not found"], done_after_all: ["이미 전달됨", "Delivered after all"],
    provider_failed: ["제공기관 중단", "Provider failed"], mode: ["날씨", "Weather"],
    promise_late: ["약속보다 늦음", "Later than promised"], promise_another_meal: ["다른 조리장의 식사", "A meal of another kitchen"],
    promise_another_provider: ["다른 기관이 방문", "Another organisation comes"], promise_not_sure_yet: ["아직 정해지지 않음", "Not settled yet"],
    snow: ["눈", "Snow"], ice: ["빙판", "Ice"], rain: ["폭우", "Heavy rain"], wind: ["강풍", "Wind"], heat: ["폭염", "Heat"],
    dust: ["미세먼지", "Fine dust"], fire: ["화재", "Fire"], gas: ["가스", "Gas"], power: ["정전", "Power cut"], water: ["단수", "No water"],
    hygiene: ["위생 점검", "Hygiene"], staff: ["인력 부족", "Staff missing"], other: ["그 밖", "Other"],
    hour: ["한 시간", "An hour"], meal_window: ["이번 식사", "This meal"], day: ["오늘 하루", "The day"],
    unknown_observation: ["모르는 안부 관찰", "Unknown observation"], correction_too_late: ["스스로 되돌릴 시간 지남", "Too late to take back alone"],
    no_longer_eligible: ["자격 요건 어긋남", "No longer eligible"], service_not_supplied: ["제공하지 않는 서비스", "Service not supplied"],
    skill_missing: ["자격 없음", "Skill missing"], credential_missing: ["교육·검사·장비 없음", "Credential missing"],
    credential_lapsed: ["교육·검사 기한 지남", "Credential lapsed"], credential_too_old: ["검사 오래됨", "Test too old"], gender: ["성별 조건", "Gender"],
    excluded_by_recipient: ["이용자가 거절", "Excluded by the recipient"], excluded_by_worker: ["제공인력이 거절", "Excluded by the worker"],
    public_provider_only: ["공공기관만 가능", "Public providers only"], difficult_case: ["어려운 사례", "Difficult case"], unsafe_home: ["안전하지 않은 댁", "Unsafe home"],
    diet_not_cooked: ["식단에 없음", "Diet not cooked"], allergen_in_meal: ["피할 재료가 들어감", "Allergen in the meal"],
    posted: ["입소 파견", "Posted"], budget: ["예산", "Budget"], mask: ["마스크", "Masks"], gloves: ["장갑", "Gloves"], suit: ["보호복", "Suits"],
    shoe_covers: ["덧신", "Shoe covers"], goggles: ["고글", "Goggles"],
    infection_training: ["감염 예방 교육", "Infection training"], infection_test: ["감염 검사", "Infection test"], safety_training: ["안전 교육", "Safety training"],
    protective_equipment: ["보호 장비", "Protective equipment"],
    to_person: ["직접 전달", "To the person"], to_kin: ["가족에게 전달", "To kin"], at_door: ["문 앞에 둠", "Left at the door"],
  },
  cause: {
    RequestVisit: ["접수", "request"], CancelVisit: ["취소 요청", "cancellation"], SettleException: ["조치 결과", "a person's answer"],
    WorkerReported: ["현장 보고", "report"], KitchenReported: ["조리장 보고", "kitchen"], PlanProposed: ["배차안", "plan"],
    SolveFailed: ["배차안 없음", "no plan"], ClockTicked: ["정한 시각", "deadline"], DistrictMessage: ["다른 자치구", "other district"],
    AssignVisit: ["직접 배정", "assigned by hand"], ForbidWorker: ["제공인력 제외", "worker ruled out"], SwapVisits: ["서로 바꿈", "swap"],
    LetPlanDecide: ["배차안에 맡김", "plan decides"], UndoCommand: ["되돌리기", "undo"],
    AcknowledgeException: ["담당자 확인", "somebody on it"], ReportConcern: ["이웃 제보", "concern"], CorrectVisit: ["정정", "correction"],
    SwitchOnProgramme: ["사업 열기", "programme switched on"], SwitchOffProgramme: ["사업 닫기", "programme switched off"],
    IssueEquipment: ["보호 장비 지급", "equipment issued"], RequestPosting: ["입소 파견 신청", "posting asked for"],
    AssignPosting: ["입소 파견 배정", "posting assigned"], EndPosting: ["입소 파견 끝", "posting ended"],
    RecordCredential: ["교육·검사 등록", "credential"], WithdrawCredential: ["교육·검사 취소", "credential withdrawn"],
    ExcludePair: ["서로 제외", "exclusion"], LiftExclusion: ["제외 해제", "exclusion lifted"],
    ReportProviderFailure: ["중단 접수", "failure reported"], ProviderReported: ["제공기관 보고", "provider"],
    PauseMode: ["날씨", "weather"], EndDisruption: ["다시 시작", "back again"], PositionHeard: ["위치 확인", "position"],
    ClaimNeed: ["수임 접수", "claim"], SettleClaim: ["수임 답", "answer to a claim"],
    ConfigureDistrict: ["자치구 설정", "configuration"], CloseDay: ["하루 마감", "day close"],
  },
  role: {
    care_manager: ["돌봄매니저", "Care manager"], coordinator: ["통합창구", "Coordinator"], responsible_enterprise: ["책임기업", "Responsible enterprise"],
    operator: ["운영자", "Operator"], organisation: ["제공기관", "Provider"], worker: ["제공인력", "Worker"], system: ["자동", "Automatic"],
    core: ["자동", "Automatic"], dispatcher: ["자동", "Automatic"], solver: ["배차안", "Plan"], clock: ["자동", "Automatic"], district: ["자치구", "District"],
    recipient: ["이용자", "Recipient"], district_officer: ["구청 담당자", "District officer"],
  },
  mode: { motorbike: ["오토바이", "Motorbike"], bicycle: ["자전거", "Bicycle"], walk: ["도보", "On foot"], foot: ["도보", "On foot"],
    carer_on_foot: ["도보", "On foot"], car: ["자동차", "Car"] },
};

let current = readLanguage();
const watchers = new Set();

function readLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "en" || asked === "ko") return asked;
  try { return localStorage.getItem("dolbom.language") === "en" ? "en" : "ko"; } catch { return "ko"; }
}

export const language = () => current;
export const onLanguage = (watcher) => watchers.add(watcher);

export function setLanguage(next) {
  current = next;
  try { localStorage.setItem("dolbom.language", next); } catch { /* a private window: the choice lasts as long as the page */ }
  applyTexts();
  for (const watcher of watchers) watcher();
}

const pick = (pair) => pair[current === "ko" ? 0 : 1];

export function t(key, values) {
  const text = pick(TEXTS[key] ?? [key, key]);
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? "")) : text;
}

export const hasLabel = (kind, code) => Boolean(CODES[kind]?.[code]);

/** The users' word for a code. A code of a newer server is shown as it is, readable, rather than hidden. */
export function label(kind, code) {
  const pair = CODES[kind]?.[code];
  return pair ? pick(pair) : String(code ?? "").replaceAll("_", " ");
}

export const groupLabel = (id) => label(CODES.group[id] ? "group" : "state", id);

/** Fill the static page: data-t (text), data-t-title, data-t-placeholder, data-t-label (aria-label). */
export function applyTexts(root = document) {
  document.documentElement.lang = current;
  document.title = t("page_title");
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-title]")) element.title = t(element.dataset.tTitle);
  for (const element of root.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
  for (const element of root.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
}
