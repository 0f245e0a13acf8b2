// Words of asking for a posting. Every entry is [Korean, English].

import { filled } from "./texts.js";

const WORDS = {
  title: ["입소 파견 신청", "Ask for a posting"], who: ["누구에게", "With whom"], who_hint: ["이름, 또는 전화 끝 네 자리", "A name, or the last four digits of a number"],
  find: ["찾기", "Find"], nobody: ["찾지 못했습니다.", "Nobody found."], ask_first: ["먼저 이용자를 찾으세요.", "Find the person first."],
  programme: ["사업", "Programme"], from: ["시작", "From"], until: ["끝", "Until"], day: ["날짜", "Day"], clock: ["시각", "Time"],
  asked_by: ["신청한 사람", "Asked by"], gender: ["성별 조건", "Gender asked for"], any: ["상관없음", "Either"], female: ["여성", "A woman"], male: ["남성", "A man"],
  worker: ["보낼 인력", "Who goes"], whoever: ["갈 수 있는 분 중에서 정함", "Whoever may go"],
  send: ["파견 신청", "Ask for it"], sent: ["신청되었습니다. 사업 아래에 보입니다.", "Asked for. It stands under the programmes."],
  recorded: ["기록되었습니다. 정해지면 사업 아래에 보입니다.", "Recorded; it stands under the programmes when it is decided."],
  note: ["예산과 장비를 날마다 예약합니다. 갈 사람이 없으면 조치 필요에 올라옵니다. 시작 전이면 예약은 모두 돌려받습니다.",
    "Budget and equipment are booked for each day. If nobody may go, it needs a person. Ended before it begins, all is given back."],
  days: ["최대 {n}일", "at most {n} days"],
  by_recipient: ["이용자", "The recipient"], by_public_health_centre: ["보건소", "Public health centre"], by_care_manager: ["돌봄매니저", "Care manager"],
  by_coordinator: ["통합창구", "Coordinator"], by_kin: ["가족", "Kin"], by_district_officer: ["구청 담당자", "District officer"],
};

export const has = (key) => key in WORDS;
export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);
