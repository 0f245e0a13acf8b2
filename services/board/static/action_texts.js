// Words of what the window does by hand. Every entry is [Korean, English].

import { filled } from "./texts.js";

const WORDS = {
  undo_order: ["되돌리기", "Undo"], undo_times: ["{at}에 지시함 · {until}까지", "ordered {at} · until {until}"],
  by_hand: ["직접 배정", "Assign by hand"], by_hand_give: ["배정", "Assign"], by_hand_nobody: ["배정할 수 있는 인력이 없습니다.", "There is nobody to assign."],
  by_hand_anyway: ["그래도 배정: {rules}", "Assign all the same: {rules}"],
  claim: ["전화로 받은 연계 수임", "Claimed by telephone"], claim_write: ["수임 기록", "Write it down"],
  answer_more: ["일부만·사유", "In part, or why"], answer_title: ["전화로 받은 답", "What was said on the phone"], answer_not: ["못 간다고 한 곳", "Doors that they cannot take"],
  answer_names: ["가기로 한 인력", "Whom they send"], answer_as_asked: ["요청한 대로", "As asked"], answer_why: ["못 가는 까닭", "Why not"],
  answer_yes: ["수락", "Accepted"], answer_some: ["{all}곳 중 {n}곳 수락", "{n} of {all} accepted"], answer_no: ["거절", "Declined"],
  answer_written: ["기록되었습니다.", "Written down."],
  leave_it: ["그만두기", "Leave it"],
  swap: ["맞바꾸기", "Swap workers"], swap_with: ["이 건의 제공인력과 서로 바꾸기", "Exchange with the worker of"],
  swap_nobody: ["바꿀 수 있는 다른 건이 없습니다.", "There is no other visit to exchange with."],
  fee: ["수당 더 주기", "Pay more"], fee_krw: ["추가 수당 합계 (원)", "Extra pay in all (won)"],
  fee_confirm: ["이 건에 수당을 모두 {krw}원 더 드립니다. 적은 수당에 거절했던 분께도 다시 요청할 수 있습니다.",
    "This visit pays {krw} won more in all. Who declined it for less may be asked again."],
  fee_for_ever: ["올린 수당은 다시 내릴 수 없습니다.", "What was raised is not lowered again."],
  fee_raised: ["추가 수당이 모두 {krw}원입니다.", "It pays {krw} won more in all."],
  close_day: ["하루 마감", "Close the day"], close_title: ["{date} 하루를 마감합니다", "Close {date}"],
  close_open: ["끝나지 않은 {n}건이 담당자 이름으로 인계됩니다: 문 앞 부재는 동 돌봄매니저, 나머지는 통합창구 담당자.",
    "{n} open visits are handed over by name: a closed door to the dong’s care manager, the others to the coordinator."],
  close_open_one: ["끝나지 않은 {n}건이 담당자 이름으로 인계됩니다: 문 앞 부재는 동 돌봄매니저, 나머지는 통합창구 담당자.",
    "{n} open visit is handed over by name: a closed door to the dong’s care manager, others to the coordinator."],
  close_none: ["모든 건이 끝났습니다.", "Every visit has ended."],
  close_under_way: ["그중 {n}건은 지금 이동·제공 중입니다.", "{n} of them are under way now."],
  close_for_ever: ["마감은 되돌릴 수 없습니다.", "A day that is closed stays closed."],
  posting_assign: ["보낼 인력 정하기", "Name who goes"], posting_send: ["이 인력 보내기", "Send"], posting_no_carer: ["제공인력이 없습니다.", "There are no carers."],
  posting_end: ["파견 끝내기", "End the posting"],
  posting_end_now: ["파견이 지금 끝나고, 인력은 다시 배정됩니다. 시작하지 않은 날은 사업에 돌려줍니다.",
    "It ends now and the worker is free again. Days not begun are given back to the programme."],
  posting_end_before: ["파견이 시작되지 않고 취소됩니다. 예약한 예산과 장비는 돌려줍니다.", "It does not begin. Its budget and equipment are given back."],
  posting_for_ever: ["되돌릴 수 없습니다. 다시 보내려면 새로 신청합니다.", "It cannot be taken back; another posting has to be asked for."],
};

export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);
