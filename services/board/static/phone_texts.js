// Words of the phone: what a caller may want, and what follows from it. Every entry is [Korean, English].

import { filled, pick } from "./texts.js";

const WORDS = {
  title: ["전화 받기", "A call"],
  number: ["전화번호", "Telephone number"],
  find: ["찾기", "Find"],
  whose: ["이용자나 보호자의 번호로 오늘의 약속을 찾습니다. 조회는 기록됩니다.",
    "Finds today's promises by the number of the recipient or their kin. The look is logged."],
  nobody: ["이 번호로 등록된 이용자가 없습니다. 성함과 주소를 확인하세요.", "Nobody here has this number. Ask for the name and the address."],
  no_promises: ["오늘 약속이 없습니다.", "Nothing is promised for today."],
  kin: ["보호자 전화", "kin's number"],
  promised: ["약속 {at}", "promised {at}"], expected: ["예상 {at}", "expected {at}"], came: ["{at} 전달로 기록됨", "came at {at} by the log"],
  follows: ["이렇게 됩니다", "What follows"], say: ["이대로 접수", "Write it down"], back: ["그만두기", "Leave it"],
  until: ["새 약속 시각 (늦어도 {at})", "New time ({at} at the latest)"],
  address: ["새 주소 (암호화해 보관)", "New address (kept sealed)"], dong: ["동", "Dong"],
  point: ["경도, 위도 (모르면 비워 두세요: 동 중심으로 잡힙니다)", "Longitude, latitude (left empty: the middle of the dong)"],
  point_wrong: ["경도와 위도를 쉼표로 나누어 적어 주세요. 예: 126.909, 37.556", "Write longitude and latitude with a comma: 126.909, 37.556"],
  sending: ["접수하는 중", "Writing it down"], written: ["접수되었습니다.", "Written down."],
  recorded: ["기록되었습니다. 반영되면 목록에 보입니다.", "Recorded; the list shows it when it is decided."],
  notices: ["알림 받는 방법", "How they are told"], channels: ["순서대로 시도", "Tried in this order"], channel_nth: ["{n}번째", "No. {n}"],
  channel_kakao: ["카카오톡 알림", "KakaoTalk"], channel_sms: ["문자", "SMS"], channel_voice: ["전화 음성", "Voice"], channel_none: ["없음", "None"],
  language: ["언어", "Language"], quiet: ["조용한 시간 (비우면 구의 기준)", "Quiet hours (empty: the district's)"],
  quiet_from: ["부터", "From"], quiet_until: ["까지", "Until"], kin_told: ["함께 알릴 보호자", "Kin who are told too"],
  kin_language: ["{name} 언어", "Language of {name}"], language_same: ["이용자와 같음", "The recipient's"],
  save: ["저장", "Save"], saved: ["저장되었습니다.", "Saved."], close: ["닫기", "Close"],
  not_today: ["오늘은 필요 없어요", "Not today"], later: ["더 늦게 와 주세요", "Later"],
  did_not_come: ["안 왔어요", "It did not come"], change_address: ["다른 곳으로 와 주세요", "Change the address"],
};

const FOLLOWS = {
  nothing_cooked: ["아직 조리 전이라 비용 없이 취소됩니다.", "Nothing is cooked yet: it is cancelled without cost."],
  meal_is_cooked: ["이미 조리된 식사라 비용이 나갑니다. 다른 분께 드릴지 통합창구가 정합니다.",
    "The meal is cooked and has to be paid for. The window decides who else may have it."],
  offer_withdrawn: ["수락 요청을 거둬들입니다.", "The offer is withdrawn."],
  worker_told: ["맡은 제공인력에게 바로 알립니다.", "The worker who has it is told at once."],
  box_comes_back: ["이미 도시락을 싣고 가는 중입니다. 조리장으로 되가져오라고 알립니다.",
    "The box is on the road. The rider is told to bring it back to the kitchen."],
  worker_turns_back: ["제공인력이 가는 중입니다. 오지 말라고 알립니다.", "The worker is on the way and is told to turn back."],
  planned_anew: ["다시 배차합니다. 맡을 사람이 바뀔 수 있습니다.", "It is planned anew; somebody else may come."],
  worker_comes_back: ["문 앞에 왔다가 못 만났습니다. 다시 가라고 바로 알립니다.", "Somebody was at the door. They are told to come back at once."],
  not_due_yet: ["아직 약속 시각 전입니다. 예상 시각을 알려 주세요.", "It is not due yet. Say when it is expected."],
  comes_again: ["끝난 것으로 기록되어 있습니다. 다시 열어 배차합니다.", "It stands as ended. It is opened again, and somebody goes."],
  said_delivered: ["전달했다고 기록되어 있습니다.", "It stands as delivered."],
  was_cancelled: ["취소된 것으로 기록되어 있습니다.", "It stands as cancelled."],
  somebody_looks: ["동 돌봄매니저가 기한 안에 확인합니다.", "The dong's care manager looks into it by a deadline."],
  coordinator_decides: ["이미 출발해 장소를 바꿀 수 없습니다. 통합창구 담당자가 제공인력에게 전화해 정합니다.",
    "They have set out, so the stop stays. The coordinator calls the worker and decides."],
};

export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);

export const followsText = (code) => (FOLLOWS[code] ? pick(FOLLOWS[code]) : code.replaceAll("_", " "));
