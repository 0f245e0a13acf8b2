// Words of what a worker holds. Every entry is [Korean, English].

import { filled } from "./texts.js";

const WORDS = {
  open: ["교육·검사·장비", "Trainings, tests, equipment"], none: ["등록된 것이 없습니다.", "Nothing is on record."],
  held: ["{from} ~ {until}", "{from} to {until}"], lapsed: ["기한 지남", "lapsed"], to_come: ["아직 아님", "not yet"], valid: ["유효", "valid"],
  withdraw: ["취소", "Withdraw"], withdraw_title: ["등록 취소", "Withdraw it"],
  withdraw_follows: ["더는 인정되지 않습니다. 이것이 필요한 건은 다른 인력에게 갑니다.", "It counts no more: what is planned with it goes to others."],
  record: ["등록", "Record"], code: ["무엇을", "What"], issued: ["받은 날", "Issued"], until: ["언제까지 유효", "Valid until"],
  recorded: ["기록되었습니다.", "Recorded."], note: ["열람과 변경은 기록됩니다.", "Looks and changes are logged."],
};

export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);
