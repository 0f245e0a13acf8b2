// Words of equipment that workers are given out of a programme's stock. Every entry is [Korean, English].

import { filled } from "./texts.js";

const WORDS = {
  open: ["장비 지급", "Hand out equipment"], read: ["지급한 장비", "Equipment handed out"], none: ["아직 지급한 장비가 없습니다.", "Nothing has been handed out yet."],
  stock: ["남은 재고", "Left in stock"], left: ["{item} {left}/{count}", "{item} {left}/{count}"], given: ["지급 내역", "Handed out"],
  worker: ["누구에게", "To whom"], count_of: ["{item} (남은 수 {left})", "{item} ({left} left)"],
  credential: ["무엇으로 인정", "It counts as"], until: ["언제까지 유효", "Valid until"], send: ["지급", "Hand out"],
  nothing: ["수량을 하나 이상 적으세요.", "Say how many of at least one item."],
  sent: ["지급했습니다. 제공인력의 장비로 등록되었습니다.", "Handed out. It stands on the worker’s record."],
  note: ["지급한 장비는 재고에서 빠집니다. 기한까지 그 장비가 필요한 건을 맡을 수 있습니다.",
    "It is taken out of the stock. Until it lapses, the worker may serve what asks for it."],
};

export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);
