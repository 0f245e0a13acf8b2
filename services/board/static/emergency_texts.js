// Words of a call about somebody in need. Every entry is [Korean, English].

import { filled } from "./texts.js";

const WORDS = {
  open: ["응급·걱정 전화", "Emergency or worry"], title: ["응급·걱정되는 전화", "A call about somebody in need"],
  source: ["전화한 사람", "Who is calling"], recipient: ["이용자 본인", "The recipient"], kin: ["가족", "Kin"], neighbour: ["이웃", "A neighbour"],
  gatekeeper: ["관리인·집배원 등", "A gatekeeper"], worker: ["제공인력", "A worker"], other: ["모름·그 밖", "Not said, or other"],
  yes: ["예", "Yes"], no: ["아니요", "No"],
  call_now: ["지금 119에 전화하세요.", "Call 119 now."],
  call_told: ["전화한 분이 바로 119에 걸게 하고, 주소를 함께 확인하세요. 답은 기록되었고, 돌봄매니저가 {n}분 안에 확인합니다.",
    "Have the caller ring 119 at once, and check the address together. It is written down, and the care manager asks within {n} minutes."],
  call_failed: ["기록하지 못했습니다. 119가 먼저입니다.", "It could not be written down. 119 comes first."],
  not_119: ["들은 것으로는 119가 아닙니다. 기록하면 돌봄매니저가 {n}분 안에 확인합니다.", "By what was said it is not for 119. Written down, the care manager asks within {n} minutes."],
  write: ["기록", "Write it down"], written: ["기록되었습니다. 조치 필요에 보입니다.", "Written down; it stands in what needs a person."],
  concern: ["이웃 제보만 남기기", "Only report a worry"], seen: ["무엇을 보았나", "What was seen"], report: ["제보 남기기", "Report it"],
  note: ["의식·호흡처럼 급한 것부터 묻습니다. 119라는 답이 나오면 바로 기록됩니다.", "What is most urgent is asked first. An answer that means 119 is written down at once."],
};

export const say = (key, values) => filled(WORDS[key] ?? [key, key], values);
