// Words of what an order would do. Every entry is [Korean, English].

import { filled, hasLabel, label } from "./texts.js";

const WORDS = {
  preview: ["미리 보기", "Preview"], asking: ["미리 보는 중", "Looking"], as_of: ["{at} 기준, 아직 바뀐 것은 없습니다.", "As of {at}; nothing is changed yet."],
  by_worker: ["{who} 님이 {at}에 시작합니다.", "{who}, beginning at {at}."], by_worker_now: ["{who} 님이 맡습니다.", "{who} has it."],
  nobody: ["맡을 사람이 없어 대기합니다. 계속 찾습니다.", "Nobody can take it: it waits, and is looked for on and on."],
  cancelled: ["취소되고 아무도 가지 않습니다.", "It is cancelled, and nobody goes."],
  duplicate: ["이미 그렇게 되어 있습니다.", "It is so already."], refused: ["이대로는 되지 않습니다.", "It would be refused."],
  moves: ["함께 바뀌는 건", "What else changes"], moves_none: ["다른 건은 그대로입니다.", "Nothing else changes."],
  hidden: ["보이지 않는 다른 생활권의 {n}건도 바뀝니다.", "Of other areas, which you do not see, {n} more change."], more: ["그 밖에 {n}건", "{n} more"],
  plan_may: ["다음 배차안이 다른 인력이나 시각으로 옮길 수 있습니다.", "The next plan may give it to somebody else or to another time."],
  broken: ["알아 둘 점: {list}", "Mind: {list}"], nobody_word: ["없음", "nobody"],
};

// What would be as nobody wishes it, and is done all the same.
const SOFT = {
  late: ["약속보다 늦음", "later than promised"], from_another_area: ["다른 생활권에서 옴", "comes from another area"],
  changes_a_promise: ["다른 건이 약속보다 늦어짐", "makes another later than promised"], other_gender: ["선호하지 않는 성별", "of a gender not preferred"],
};

export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);

/** A rule in words; what it is about (a training, by code) is left out. */
export function ruleWord(rule) {
  const code = String(rule).split(":")[0];
  return SOFT[code] ? filled(SOFT[code]) : hasLabel("rule", code) ? label("rule", code) : label("reason", code);
}
