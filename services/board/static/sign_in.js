// Signing in: login and password (and code), or a link that was given. Nothing is kept but the cookie, which no script reads.

const TEXTS = {
  app: ["돌봄 배차", "Dolbom Dispatch"],
  title: ["로그인", "Sign in"],
  login: ["아이디", "Login"],
  password: ["비밀번호", "Password"],
  code: ["인증번호 6자리 또는 복구 코드 (등록한 경우)", "Six-digit code or a recovery code (if you set one up)"],
  enter: ["들어가기", "Enter"],
  sso: ["시 통합 로그인(SSO)", "The city's single sign-on"],
  choose_detail: ["처음 들어오셨습니다. 앞으로 쓸 비밀번호를 정해 주세요(12자 이상).",
    "Welcome. Choose the password you will use from now on (12 characters or more)."],
  new_password: ["새 비밀번호", "New password"],
  again: ["한 번 더", "Once more"],
  save: ["정하고 들어가기", "Set it and enter"],
  later: ["나중에 하기", "Later"],
  differ: ["두 비밀번호가 서로 다릅니다.", "The two passwords differ."],
  sso_failed: ["통합 로그인이 되지 않았습니다. 계정이 있는지 운영자에게 확인하세요.",
    "The single sign-on did not work. Ask the operator whether you have an account."],
  away: ["서버에 연결되지 않습니다. 잠시 뒤 다시 해 주세요.", "The server cannot be reached. Try again shortly."],
};

const query = new URLSearchParams(location.search);
let english = query.get("lang") === "en";
const words = (key) => TEXTS[key][english ? 1 : 0];
const byId = (id) => document.getElementById(id);
let shown = () => "";

function draw() {
  document.documentElement.lang = english ? "en" : "ko";
  document.title = `${words("title")} · ${words("app")}`;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = words(element.dataset.t);
  byId("language").textContent = english ? "한국어" : "English";
  byId("language").lang = english ? "ko" : "en";
  byId("error").textContent = shown();
}

function say(text) {
  shown = text;
  draw();
}

let csrf = ""; // of the session that a link opened: what changes something carries it

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method, credentials: "same-origin", cache: "no-store",
      headers: { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}), ...(csrf ? { "X-Dolbom-CSRF": csrf } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    say(() => words("away"));
    return null;
  }
  if (response.ok) return response.status === 204 ? {} : response.json();
  const problem = await response.json().catch(() => null);
  say(() => problem?.remedy?.[english ? "en" : "ko"] ?? words("away"));
  return null;
}

async function byLink(link) {
  if (!await call("POST", "/v1/session", { link })) return;
  const me = await call("GET", "/v1/me");
  csrf = me?.csrf ?? "";
  if (!me || me.has_password) { location.replace("/"); return; }
  byId("sign-in").hidden = true;
  byId("choose").hidden = false;
  byId("choose").elements.username.value = me.login;
  byId("choose").elements.new.focus();
}

byId("language").addEventListener("click", () => { english = !english; draw(); });

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  say(() => "");
  const { login, password, code } = event.target.elements;
  const body = { login: login.value.trim(), password: password.value, code: code.value.trim() };
  if (await call("POST", "/v1/session", body)) location.replace("/");
  else password.value = "";
});

byId("choose").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = event.target.elements;
  if (fields.new.value !== fields.again.value) { say(() => words("differ")); return; }
  if (await call("POST", "/v1/me/password", { new: fields.new.value })) location.replace("/");
});

// What stands behind the # is taken out of the address first of all: it stays in no history.
const given = new URLSearchParams(location.hash.slice(1));
if (location.hash) history.replaceState(null, "", location.pathname + location.search);
draw();
if (given.get("sso") === "failed") say(() => words("sso_failed"));
call("GET", "/sign-in/ways").then((ways) => { byId("sso").hidden = !ways?.sso; });
if (given.get("link")) byLink(given.get("link"));
else byId("sign-in").elements.login.focus();
