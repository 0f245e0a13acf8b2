// One's own account: who one is, the password, the second factor, signing out. Secrets are shown once and kept nowhere here.

import { call, endSession, getMe } from "./api.js";
import { inTwoLanguages, roleName, scopeText, w } from "./account_texts.js";
import { byId, h, replace } from "./dom.js";
import { may } from "./session.js";

let me = null;
let step = { name: "state" }; // of the second factor: state, asked, shown, codes, removing

function say(text, failed = false) {
  byId("said").textContent = text;
  byId("said").className = failed ? "failed" : "";
}

/** Do it, and say what went wrong in the person's language. Returns null when it did. */
async function tried(work) {
  say("");
  try {
    return await work() ?? {};
  } catch (problem) {
    if (problem.status === 401 && problem.code !== "sign_in_wrong") location.replace("/sign-in");
    say(problem.remedy ?? String(problem), true);
    return null;
  }
}

async function load() {
  try { me = await getMe(); } catch { location.replace("/sign-in"); return; }
  draw();
}

function draw() {
  if (!me) return;
  const own = Boolean(me.login);
  const line = (word, value) => (value ? [h("dt", {}, w(word)), h("dd", {}, value)] : null);
  replace(byId("who"), line("login", me.login), line("name", me.name), line("role", roleName(me.role)), line("scope", scopeText(me.scope)));
  byId("to-accounts").hidden = !may("GET /v1/accounts") || me.totp_needed;
  byId("needed").hidden = !me.totp_needed;
  byId("factor").hidden = byId("password").hidden = byId("everywhere").parentElement.hidden = !own;
  if (!own) say(w("by_token"));
  byId("old-label").hidden = !me.has_password;
  byId("password-form").elements.username.value = me.login;
  drawFactor();
}

const field = (word, attributes) => h("label", {}, w(word), h("input", { required: true, ...attributes }));
const passwordField = () => (me.has_password ? field("password", { name: "password", type: "password", autocomplete: "current-password" }) : null);
const codeField = (word, most) => field(word, { name: "code", autocomplete: "one-time-code", inputmode: most === 6 ? "numeric" : "text", maxlength: most, autocapitalize: "none", spellcheck: "false" });
const form = (id, onsubmit, ...children) => h("form", { id, onsubmit: (event) => { event.preventDefault(); onsubmit(event.currentTarget.elements); } }, ...children);
const back = () => h("button", { type: "button", onclick: () => to({ name: "state" }) }, w("cancel"));

function to(next) {
  step = next;
  drawFactor();
  byId("factor-body").querySelector("input")?.focus();
}

function drawFactor() {
  replace(byId("factor-body"), {
    state: () => [h("p", { id: "factor-state" }, me.totp ? w("factor_on", { n: me.recovery_codes_left }) : w("factor_off")),
      me.totp ? [h("button", { type: "button", id: "codes-renew", onclick: () => to({ name: "renewing" }) }, w("codes_renew")), " ",
        h("button", { type: "button", id: "factor-remove", onclick: () => to({ name: "removing" }) }, w("factor_remove"))]
        : h("button.primary", { type: "button", id: "factor-begin", onclick: () => (me.has_password ? to({ name: "asked" }) : begin("")) }, w("factor_begin"))],
    asked: () => form("factor-ask", (fields) => begin(fields.password.value), passwordField(), h("button.primary", { type: "submit" }, w("factor_begin")), back()),
    shown: () => [h("p", {}, w("factor_scan")),
      h("img.qr", { src: `data:image/svg+xml,${encodeURIComponent(step.begun.svg)}`, alt: w("factor") }),
      h("code.secret", { id: "factor-secret" }, step.begun.secret.replace(/(.{4})/g, "$1 ").trim()), h("code.secret", {}, step.begun.uri),
      form("factor-confirm", (fields) => confirm(fields.code.value), codeField("factor_code", 6), h("button.primary", { type: "submit" }, w("factor_confirm")), back())],
    codes: () => [h("p", { role: "alert" }, w("codes_title")), h("ul.codes", { id: "recovery-codes" }, step.codes.map((code) => h("li", {}, code))),
      h("button.primary", { type: "button", id: "codes-kept", onclick: () => { to({ name: "state" }); load(); } }, w("done_reading"))],
    renewing: () => [h("p", {}, w("codes_renew_detail")), form("codes-ask", (fields) => renew(fields.password?.value ?? "", fields.code.value),
      passwordField(), codeField("factor_any_code", 20), h("button.primary", { type: "submit" }, w("codes_renew")), back())],
    removing: () => form("factor-take", (fields) => remove(fields.password?.value ?? "", fields.code.value), passwordField(), codeField("factor_any_code", 20),
      h("button.sure", { type: "submit" }, w("factor_remove")), back()),
  }[step.name]());
}

async function begin(password) {
  const begun = await tried(() => call("POST", "/v1/me/totp", { password }));
  if (begun) to({ name: "shown", begun });
}

async function confirm(code) {
  const answer = await tried(() => call("POST", "/v1/me/totp:confirm", { code: code.replace(/\s/g, "") }));
  if (!answer) return;
  to({ name: "codes", codes: answer.recovery_codes });
  byId("needed").hidden = true;
}

async function renew(password, code) {
  const answer = await tried(() => call("POST", "/v1/me/recovery-codes", { password, code: code.trim() }));
  if (answer) to({ name: "codes", codes: answer.recovery_codes });
}

async function remove(password, code) {
  if (!await tried(() => call("POST", "/v1/me/totp:remove", { password, code: code.trim() }))) return;
  step = { name: "state" };
  await load();
  say(w("factor_removed"));
}

byId("password-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = event.currentTarget.elements;
  if (fields.new.value !== fields.again.value) { say(w("password_differ"), true); return; }
  if (!await tried(() => call("POST", "/v1/me/password", { old: fields.old.value, new: fields.new.value }))) return;
  event.target.reset();
  await load(); // a new session: its own token
  say(w("password_set"));
});

async function leave(work) {
  await tried(work);
  location.replace("/sign-in");
}
byId("sign-out").addEventListener("click", () => leave(endSession));
byId("elsewhere").addEventListener("click", async () => { if (await tried(() => call("DELETE", "/v1/sessions/others"))) say(w("signed_out_elsewhere")); });
byId("everywhere").addEventListener("click", () => leave(() => call("DELETE", "/v1/sessions")));
inTwoLanguages("my_account", draw);
load();
