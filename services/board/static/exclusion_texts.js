// Words of who is not to meet whom. Every entry is [Korean, English].

import { filled } from "./texts.js";

const WORDS = {
  of_recipient: ["보내지 않는 인력", "Workers not to be sent"], of_worker: ["가지 않는 이용자", "Recipients not to be visited"],
  none_of_recipient: ["보내지 않기로 한 인력이 없습니다.", "There is nobody who is not to be sent."],
  none_of_worker: ["가지 않기로 한 이용자가 없습니다.", "There is nobody whom they are not to visit."],
  by_recipient: ["이용자가 원하지 않음", "the recipient does not want it"], by_worker: ["제공인력이 원하지 않음", "the worker does not want it"],
  since: ["{date}부터", "since {date}"], listed: ["자치구 설정", "in the district's list"],
  lift: ["해제", "Lift"], lift_title: ["해제", "Lift it"], lift_pair: ["이용자 {recipient} · 인력 {worker}", "{recipient} and {worker}"],
  lift_follows: ["이 이용자에게 다시 배정될 수 있습니다. 양쪽 모두 괜찮은지 먼저 확인하세요.", "They may be sent there again. Ask both sides first."],
  lifted: ["해제되었습니다.", "Lifted."],
  exclude: ["이 이용자에게 보내지 않기", "Not to this recipient again"], worker: ["누구를", "Whom"], by: ["누가 원하나", "Who wants it so"],
  recipient_side: ["이용자", "The recipient"], worker_side: ["제공인력", "The worker"], why: ["사유", "Why"],
  excluded: ["기록되었습니다. 잡혀 있던 건은 다른 인력에게 갑니다.", "Recorded. What was planned for them goes to others."],
  follows: ["해제할 때까지 이 이용자의 모든 건에 적용됩니다.", "It holds for every visit of this recipient until it is lifted."],
  note: ["열람과 변경은 기록됩니다.", "Looks and changes are logged."],
};

export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);
