// Words of the search for a person. Every entry is [Korean, English].

import { filled } from "./texts.js";

const WORDS = {
  by_ending: ["전화 끝자리 {text}(으)로 찾기", "Find the telephone number ending in {text}"],
  by_name: ["이름 전체 ‘{text}’(으)로 찾기", "Find the whole name “{text}”"],
  logged: ["조회는 기록됩니다. Enter 키로도 찾습니다.", "The look is logged. Enter does the same."],
  asking: ["찾는 중", "Looking"],
  nobody_ending: ["전화번호가 {text}(으)로 끝나는 이용자나 보호자가 없습니다. 성함으로 찾아 보세요.", "No recipient or kin has a number ending in {text}. Try the name."],
  nobody_name: ["‘{text}’ 이름의 이용자가 없습니다. 전화 끝자리로 찾아 보세요.", "No recipient is called “{text}”. Try the end of the telephone number."],
  found: ["{n}명", "{n} people"], found_one: ["1명", "1 person"],
  whose_own: ["본인 번호", "own number"], whose_kin: ["보호자 번호", "kin’s number"],
  visit_today: ["오늘 {n}건", "{n} visit today"], visits_today: ["오늘 {n}건", "{n} visits today"],
  no_visit_today: ["오늘 제공 건 없음", "no visit today"],
};

export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);
