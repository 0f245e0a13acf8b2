// Texts of the pages about accounts, Korean first: [Korean, English]; {x} is filled in.

import { label, language, onLanguage, setLanguage } from "./texts.js";

const TEXTS = {
  board: ["← 현황판", "← Board"], other_language: ["English", "한국어"], app: ["돌봄 배차", "Dolbom Dispatch"],
  my_account: ["내 계정", "My account"], accounts: ["계정 관리", "Accounts"], sign_out: ["로그아웃", "Sign out"], save: ["저장", "Save"],
  cancel: ["취소", "Cancel"], saved: ["저장했습니다.", "Saved."], sure: ["정말 {what}", "Really: {what}"],
  login: ["아이디", "Login"], name: ["이름", "Name"], role: ["역할", "Role"], scope: ["담당 범위", "Scope"], everything: ["전체", "Everything"],
  none: ["없음", "None"], copy: ["복사", "Copy"], copied: ["복사했습니다.", "Copied."], done_reading: ["보관했습니다", "I have kept it"],
  by_token: ["설치 토큰으로 들어왔습니다. 비밀번호와 2단계 인증은 개인 계정에만 있습니다.", "You came in with the installation's token. Passwords and second factors belong to people's accounts."],
  factor: ["2단계 인증", "Second factor"],
  factor_needed: ["이 역할은 2단계 인증이 있어야 합니다. 등록하면 다른 화면을 쓸 수 있습니다.", "Your role needs a second factor. Set it up to go on."],
  factor_on: ["켜져 있습니다. 남은 복구 코드: {n}개", "On. Recovery codes left: {n}"],
  factor_off: ["꺼져 있습니다. 휴대전화 인증 앱으로 켤 수 있습니다.", "Off. An authenticator app on your phone turns it on."],
  factor_begin: ["등록하기", "Set it up"], factor_remove: ["끄기", "Turn it off"],
  factor_scan: ["인증 앱으로 이 그림을 찍거나, 아래 글자를 입력하세요. 다시 보여 드리지 않습니다.", "Scan this with your authenticator app, or type the letters below. It is not shown again."],
  factor_code: ["앱에 나온 6자리", "The six digits that the app shows"], factor_any_code: ["인증번호 6자리 또는 복구 코드", "Six digits, or a recovery code"],
  factor_confirm: ["확인하고 켜기", "Confirm and turn on"], factor_removed: ["2단계 인증을 껐습니다.", "The second factor is off."],
  codes_title: ["복구 코드입니다. 휴대전화를 잃어버렸을 때 한 번씩 쓸 수 있습니다. 다시 보여 드리지 않으니 지금 적어 두세요.",
    "Your recovery codes. Each opens once if you lose your phone. They are not shown again: keep them now."],
  password: ["비밀번호", "Password"], password_change: ["비밀번호 바꾸기", "Change the password"], password_old: ["지금 비밀번호", "Present password"],
  password_new: ["새 비밀번호 (12자 이상)", "New password (12 characters or more)"], password_again: ["한 번 더", "Once more"],
  password_differ: ["두 비밀번호가 서로 다릅니다.", "The two passwords differ."], password_set: ["바꿨습니다. 다른 곳의 로그인은 끝났습니다.", "Changed. Other sessions have ended."],
  sessions: ["로그인", "Sessions"], sessions_detail: ["다른 컴퓨터나 휴대전화에 열려 있는 화면까지 모두 끝냅니다.", "Ends what is open on every computer and phone."],
  sign_out_everywhere: ["모든 곳에서 로그아웃", "Sign out everywhere"], sign_out_elsewhere: ["다른 곳에서만 로그아웃", "Sign out everywhere else"],
  signed_out_elsewhere: ["다른 기기와 화면에서 모두 로그아웃했습니다.", "Every other device and page is signed out."],
  codes_renew: ["복구 코드 다시 받기", "New recovery codes"],
  codes_renew_detail: ["새 복구 코드 10개를 받으면 이전 코드는 쓸 수 없습니다.", "With ten new recovery codes those of before open nothing any more."],
  accounts_logged: ["이 목록을 열면 열람 기록이 남습니다.", "Opening this list is a logged read."],
  people: ["사람", "People"], new_account: ["계정 만들기", "Make an account"], make: ["만들기", "Make"],
  keys: ["API 키", "API keys"], keys_detail: ["다른 시스템이 쓰는 키입니다. 만들 때 한 번만 보입니다.", "For other systems. Shown once, when made."],
  new_key: ["키 만들기", "Make a key"], label: ["이름표 (영문·숫자)", "Label (letters and digits)"],
  link_once: ["{who} 님의 로그인 링크입니다. 3일 안에 한 번 열 수 있고, 다시 보여 드리지 않습니다.", "A sign-in link for {who}: good once within three days, not shown again."],
  key_once: ["API 키 {who}입니다. 다시 보여 드리지 않습니다.", "The API key {who}. It is not shown again."],
  edit: ["바꾸기", "Change"], end_sessions: ["로그인·키 끊기", "End sessions and keys"], revoke: ["폐지", "Revoke"], reset: ["초기화하고 새 링크", "Reset, new link"],
  sessions_ended: ["로그인과 만든 키를 모두 끊었습니다.", "Its sessions and the keys it made have ended."], revoked_now: ["폐지했습니다. 열린 화면은 몇 초 안에 닫힙니다.", "Revoked. Open pages close within seconds."],
  revoked: ["폐지됨", "Revoked"], has_factor: ["2단계 인증", "Two factors"], has_password: ["비밀번호", "Password"], has_nothing: ["비밀번호 아직 없음", "No password yet"],
  last_used: ["마지막 사용 {at}", "last used {at}"], never_used: ["쓴 적 없음", "never used"],
  rules: ["2단계 인증이 있어야 하는 역할", "Roles that need a second factor"],
  rules_detail: ["고른 역할은 2단계 인증을 등록하기 전에는 아무것도 할 수 없습니다. 지금 들어와 있는 사람도 마찬가지입니다.", "Whoever has such a role does nothing before it is set up, also those who are signed in now."],
  theft: ["키나 컴퓨터를 도난당했을 때", "After a theft"], theft_detail: ["모든 사람의 로그인, 링크, API 키를 한 번에 끊습니다. 사람은 비밀번호로 다시 들어오고, 키는 새로 만들어야 합니다.", "Ends every session, link and API key of everybody at once. People sign in again; keys are made anew."],
  theft_do: ["모두 끊기", "End everything"],
  needs: ["꼭 필요", "needed"], commas: ["여러 개는 쉼표로", "several: with commas"],
  scope_districts: ["자치구 코드", "District codes"], scope_areas: ["생활권 코드", "Living areas"], scope_dongs: ["행정동 코드", "Dong codes"], scope_organisation: ["기관 코드", "Organisation"],
};

export const w = (key, values) => (TEXTS[key] ?? [key, key])[language() === "ko" ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => String(values?.[name] ?? ""));
export const roleName = (role) => label("role", role);

/** 11440 · 1144066000 */
export function scopeText(scope) {
  const parts = [...scope.districts, ...scope.areas, ...scope.dongs, scope.organisation].filter(Boolean);
  return parts.length ? parts.join(", ") : w("everything");
}

/** Fill the static page now and whenever the language changes; `redraw` draws the rest. */
export function inTwoLanguages(title, redraw) {
  const fill = () => {
    document.documentElement.lang = language();
    document.title = `${w(title)} · ${w("app")}`;
    for (const element of document.querySelectorAll("[data-t]")) element.textContent = w(element.dataset.t);
  };
  document.getElementById("language").addEventListener("click", () => setLanguage(language() === "ko" ? "en" : "ko"));
  onLanguage(() => { fill(); redraw(); });
  fill();
}
