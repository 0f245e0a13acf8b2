// Words of a new request. Every entry is [Korean, English].

import { filled } from "./texts.js";

const WORDS = {
  new: ["새 건 접수", "New visit"], another: ["이 이용자에게 새 건 접수", "New visit for this person"],
  title: ["새 건 접수", "New visit"], service: ["서비스", "Service"], meal_kind: ["식사 종류", "Meal"], kitchen: ["조리장", "Kitchen"], shop: ["가게", "Shop"],
  from: ["언제부터", "From"], until: ["언제까지 시작", "Begins by"], ready: ["조리 완료", "Ready at"], as_usual: ["서비스에 따라", "By the service"],
  clock_hint: ["24시간으로: 14:30", "In 24 hours: 14:30"],
  preview: ["접수하면 어떻게 되나", "What would follow"], file: ["이대로 접수", "File it"], leave_it: ["그만두기", "Leave it"], open_it: ["건 열기", "Open it"],
  by_worker: ["{who} 님이 맡을 수 있습니다.", "{who} can take it."], nobody_yet: ["지금은 맡을 사람이 없습니다. 접수하면 계속 찾습니다.", "Nobody can take it now. Filed, it is looked for on and on."],
  moves: ["다른 {n}건의 순서나 담당이 바뀝니다.", "{n} other visits change their order or their worker."],
  moves_one: ["다른 1건의 순서나 담당이 바뀝니다.", "1 other visit changes its order or its worker."], moves_none: ["다른 건은 그대로입니다.", "Nothing else changes."],
  duplicate: ["이미 접수된 건입니다.", "It is filed already."], refused: ["이대로는 접수되지 않습니다.", "It would be refused as it is."],
  filed: ["접수되었습니다.", "Filed."], recorded: ["기록되었습니다. 반영되면 목록에 보입니다.", "Recorded; the list shows it when it is decided."],
  note: ["오늘 하루의 건입니다. 장소는 이 이용자의 다른 건에서, 없으면 동 중심으로 잡힙니다.", "For the service day. The place is that of another visit of theirs, else the middle of the dong."],
};

export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);
