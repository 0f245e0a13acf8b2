// Accounts and API keys, for operators: who there is, in which role, for what part; made, changed, ended. A secret is shown once.

import { call, endSession, getMe, listAll } from "./api.js";
import { inTwoLanguages, roleName, scopeText, w } from "./account_texts.js";
import { byId, h, replace } from "./dom.js";
import { may } from "./session.js";

const PARTS = ["districts", "areas", "dongs", "organisation"];
const SURE_MS = 5000;
const state = { accounts: [], keys: [], rules: { totp_roles: [], roles: [] }, editing: null, once: null };

function say(text, failed = false) {
  byId("said").textContent = text;
  byId("said").className = failed ? "failed" : "";
}

async function tried(work, done) {
  say("");
  try {
    const answer = await work() ?? {};
    if (done) say(done);
    return answer;
  } catch (problem) {
    if (problem.status === 401) location.replace("/sign-in");
    else if (problem.code === "second_factor_needed") location.replace("/account");
    say(problem.remedy ?? String(problem), true);
    return null;
  }
}

async function load() {
  const found = await tried(async () => {
    await getMe();
    if (!may("GET /v1/accounts")) { location.replace("/account"); return null; }
    return Promise.all([listAll("/v1/accounts"), listAll("/v1/keys"), call("GET", "/v1/sign-in-rules")]);
  });
  if (!Array.isArray(found)) return;
  [state.accounts, state.keys, state.rules] = found;
  draw();
}

/** Lists hints for the codes of a scope; the page works without them. */
async function loadHints() {
  let config;
  try { config = await call("GET", "/v1/district"); } catch { return; }
  const fill = (part, rows) => replace(byId(`known-${part}`), rows.map(([value, name]) => h("option", { value }, name)));
  fill("districts", [[config.district, config.name_ko]]);
  fill("areas", config.areas.map((one) => [one.area_id, one.name_ko]));
  fill("dongs", config.dongs.map((one) => [one.code, one.name_ko]));
  fill("organisation", config.providers.map((one) => [one.provider_id, one.name_ko]));
}

// ---- drawing ----------------------------------------------------------------------------------------------------

function draw() {
  const count = (rows) => String(rows.filter((one) => !one.revoked_at).length);
  byId("people-count").textContent = count(state.accounts);
  byId("keys-count").textContent = count(state.keys);
  replace(byId("people"), state.accounts.map(accountRow));
  replace(byId("keys"), state.keys.length ? state.keys.map(keyRow) : h("li.mute", {}, w("none")));
  drawForm("new-account", accountForm);
  drawForm("new-key", keyForm);
  drawOnce();
  replace(byId("theft"), twice("theft_do", () => act("DELETE", "/v1/all-access", "theft_do")));
  replace(byId("rules"), state.rules.roles.filter(({ role }) => role !== "service_key").map(({ role }) => h("label", {},
    h("input", { type: "checkbox", name: role, checked: state.rules.totp_roles.includes(role), onchange: setRules }), roleName(role))));
}

function drawForm(id, make) {
  const place = byId(id).querySelector("div");
  const held = Object.fromEntries([...place.querySelectorAll("input, select")].map((field) => [field.name, field.value]));
  replace(place, make(held)); // what was typed stays when the language or the list changes
}

/** A button that asks once more by changing itself: nothing grave happens at one tap. */
function twice(word, work) {
  let timer = null;
  const button = h("button", { type: "button", dataset: { act: word }, onclick: () => {
    if (timer !== null) { clearTimeout(timer); timer = null; work(); return; }
    button.textContent = w("sure", { what: w(word) });
    button.classList.add("sure");
    timer = setTimeout(() => { timer = null; button.textContent = w(word); button.classList.remove("sure"); }, SURE_MS);
  } }, w(word));
  return button;
}

const once = (word, work) => h("button", { type: "button", dataset: { act: word }, onclick: work }, w(word));

function accountRow(one) {
  const path = `/v1/accounts/${encodeURIComponent(one.account_id)}`;
  const how = one.revoked_at ? "revoked" : one.totp ? "has_factor" : one.has_password ? "has_password" : "has_nothing";
  return h("li", { dataset: { account: one.login } },
    h("div.head", {}, h(`b${one.revoked_at ? ".off" : ""}`, {}, one.name || one.login), one.name ? h("span", {}, one.login) : null,
      h("span", {}, roleName(one.role)), h("span.mute", {}, scopeText(one.scope)), h("span.mute", {}, w(how))),
    state.editing === one.account_id ? changeForm(one, path) : h("div.acts", {},
      one.revoked_at ? null : once("edit", () => { state.editing = one.account_id; draw(); }),
      one.revoked_at ? null : twice("end_sessions", () => act("DELETE", `${path}/sessions`, "sessions_ended")),
      twice("reset", () => reset(one, path)),
      one.revoked_at ? null : twice("revoke", () => act("DELETE", path, "revoked_now"))));
}

const seoulTime = (at_s) => new Date(at_s * 1000).toLocaleString(document.documentElement.lang, { timeZone: "Asia/Seoul", hourCycle: "h23" });

function keyRow(one) {
  const used = one.used_at ? w("last_used", { at: seoulTime(one.used_at) }) : w("never_used");
  return h("li", { dataset: { key: one.label } },
    h("div.head", {}, h(`b${one.revoked_at ? ".off" : ""}`, {}, one.label), h("span", {}, roleName(one.role)), h("span.mute", {}, scopeText(one.scope)),
      h("span.mute", {}, one.revoked_at ? w("revoked") : used)),
    one.revoked_at ? null : h("div.acts", {}, twice("revoke", () => act("DELETE", `/v1/keys/${encodeURIComponent(one.key_id)}`, "revoked_now"))));
}

function drawOnce() {
  const shown = state.once;
  byId("once").hidden = !shown;
  if (!shown) { replace(byId("once")); return; } // not hidden only: gone
  replace(byId("once"), h("p", {}, w(shown.word, { who: shown.who })), h("code", { id: "once-secret" }, shown.secret), h("div.acts", {},
    h("button", { type: "button", onclick: async () => { await navigator.clipboard?.writeText(shown.secret); say(w("copied")); } }, w("copy")), " ",
    h("button.primary", { type: "button", id: "once-kept", onclick: () => { state.once = null; drawOnce(); } }, w("done_reading"))));
  byId("once").scrollIntoView({ block: "nearest" });
}

// ---- forms ------------------------------------------------------------------------------------------------------

const input = (name, word, value, more) => h("label", {}, h("span", {}, w(word)), h("input", { name, value: value ?? "", autocomplete: "off", ...more }));

/** The parts of a scope that a role may say; those it must are required. */
function scopeFields(role, values) {
  const rule = state.rules.roles.find((one) => one.role === role) ?? { needs: [], may_have: [] };
  const about = (part) => [rule.needs.includes(part) && w("needs"), part !== "organisation" && w("commas")].filter(Boolean).join(" · ");
  return h("div.scope", {}, PARTS.filter((part) => rule.may_have.includes(part)).map((part) => h("label", {},
    h("span", {}, w(`scope_${part}`), " ", h("small", {}, about(part))),
    h("input", { name: part, value: values[part] ?? "", list: `known-${part}`, autocomplete: "off", required: rule.needs.includes(part), autocapitalize: "none", spellcheck: "false" }))));
}

function roleFields(role, values) {
  let scope = scopeFields(role, values);
  const select = h("select", { name: "role", onchange: () => {
    const typed = Object.fromEntries([...scope.querySelectorAll("input")].map((field) => [field.name, field.value]));
    const fresh = scopeFields(select.value, { ...values, ...typed });
    scope.replaceWith(fresh);
    scope = fresh;
  } }, state.rules.roles.map((one) => h("option", { value: one.role, selected: one.role === role }, roleName(one.role))));
  return [h("label", {}, h("span", {}, w("role")), select), scope];
}

const form = (id, submit, ...children) => h("form", { id, onsubmit: (event) => { event.preventDefault(); submit(new FormData(event.currentTarget)); } }, ...children);

function accountForm(held) {
  return form("account-form", create, input("login", "login", held.login, { required: true, minlength: 2, autocapitalize: "none", spellcheck: "false" }),
    input("name", "name", held.name), roleFields(held.role || "care_manager", held), h("button.primary", { type: "submit" }, w("make")));
}

function keyForm(held) {
  return form("key-form", createKey, input("label", "label", held.label, { required: true, pattern: "[A-Za-z0-9_.\\-]+" }),
    roleFields(held.role || "service_key", held), h("button.primary", { type: "submit" }, w("make")));
}

function changeForm(one, path) {
  const values = { ...Object.fromEntries(PARTS.map((part) => [part, [].concat(one.scope[part]).join(", ")])) };
  return form("change-form", async (fields) => {
    if (await tried(() => call("PUT", path, { name: fields.get("name").trim(), ...roleOf(fields) }, { match: one.etag }), w("saved"))) { state.editing = null; await reload(); }
  }, input("name", "name", one.name), roleFields(one.role, values), h("button.primary", { type: "submit" }, w("save")),
  h("button", { type: "button", onclick: () => { state.editing = null; draw(); } }, w("cancel")));
}

/** Role and scope as the API takes them. */
function roleOf(fields) {
  const list = (part) => (fields.get(part) ?? "").split(/[,\s]+/).filter(Boolean);
  return { role: fields.get("role"), scope: { districts: list("districts"), areas: list("areas"), dongs: list("dongs"), organisation: (fields.get("organisation") ?? "").trim() } };
}

// ---- doing ------------------------------------------------------------------------------------------------------

async function reload() {
  const said = [byId("said").textContent, byId("said").className];
  await load();
  [byId("said").textContent, byId("said").className] = byId("said").textContent ? [byId("said").textContent, byId("said").className] : said;
}

async function act(method, path, word) {
  if (await tried(() => call(method, path), w(word))) await reload();
}

const linkOf = (secret) => `${location.origin}/sign-in#link=${secret}`;

async function create(fields) {
  const login = fields.get("login").trim();
  const made = await tried(() => call("POST", "/v1/accounts", { login, name: fields.get("name").trim(), ...roleOf(fields) }));
  if (!made) return;
  state.once = { word: "link_once", who: login, secret: linkOf(made.link_secret) };
  byId("new-account").open = false;
  byId("account-form").reset();
  await reload();
}

async function createKey(fields) {
  const made = await tried(() => call("POST", "/v1/keys", { label: fields.get("label").trim(), ...roleOf(fields) }));
  if (!made) return;
  state.once = { word: "key_once", who: made.label, secret: made.key };
  byId("new-key").open = false;
  byId("key-form").reset();
  await reload();
}

async function reset(one, path) {
  const made = await tried(() => call("POST", `${path}/reset`));
  if (!made) return;
  state.once = { word: "link_once", who: one.login, secret: linkOf(made.link_secret) };
  await reload();
}

async function setRules() {
  const wanted = [...byId("rules").querySelectorAll("input:checked")].map((box) => box.name);
  const rules = await tried(() => call("PUT", "/v1/sign-in-rules", { totp_roles: wanted }, { match: state.rules.etag }), w("saved"));
  if (rules) state.rules = rules;
  draw();
}

byId("sign-out").addEventListener("click", async () => { await tried(endSession); location.replace("/sign-in"); });
inTwoLanguages("accounts", draw);
load().then(loadHints);
