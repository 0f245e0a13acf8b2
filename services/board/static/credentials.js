// What a worker holds (trainings, tests, equipment) with its validity: a logged look; what is missing is recorded, what does not hold withdrawn.

import { whatToDo } from "./act.js";
import { call, command } from "./api.js";
import { now } from "./clock.js";
import { confirmThat } from "./confirm.js";
import { say } from "./credential_texts.js";
import { byId, h, icon, replace } from "./dom.js";
import { workerName } from "./names.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { hasLabel, label, onLanguage, t } from "./texts.js";
import { providerName } from "./words.js";

const READ = "GET /v1/workers/{worker_id}/credentials";
const RECORD = "POST /v1/workers/{worker_id}/credentials";
const WITHDRAW = "POST /v1/workers/{worker_id}/credentials/{code}/withdraw";
const SHOWN_AFTER_MS = 600; // the board has it by then; else it is seen with the next look
const YEAR_MS = 365 * 24 * 3600000;

const form = { of: null, items: null, problem: null, done: "", code: "" };

/** The button in a worker's drawer; null for who may not look. */
export const credentialButton = (row) => (may(READ)
  ? h("p.new-request", {}, h("button.small", { type: "button", dataset: { focus: "credentials", credentials: row.worker_id }, onclick: () => open(row) }, say("open"))) : null);

const word = (code) => (hasLabel("reason", code) ? label("reason", code) : code);
const pathOf = (what = "") => `/v1/workers/${encodeURIComponent(form.of.worker_id)}/credentials${what}`;
const dayOf = (at) => new Date(at + 9 * 3600000).toISOString().slice(0, 10); // in Seoul

/** Whatever a programme of this district asks for, and what the worker holds. */
function codes() {
  const asked = (board.config.programmes ?? []).flatMap((one) => [...(one.requires ?? []), ...(one.posting?.requires ?? [])]).map((one) => one.code);
  return [...new Set([...asked, ...(form.items ?? []).map((one) => one.code)])].sort();
}

function open(row) {
  Object.assign(form, { of: row, items: null, problem: null, done: "", code: "" });
  draw();
  byId("credentials").showModal();
  load();
}

async function load() {
  const { of } = form;
  try {
    const { items } = await call("GET", `${pathOf()}?district=${encodeURIComponent(board.config.district)}`);
    if (form.of === of) Object.assign(form, { items });
  } catch (problem) {
    if (form.of === of) Object.assign(form, { problem });
  }
  if (form.of === of) draw();
}

function draw() {
  const dialog = byId("credentials");
  const { of: row } = form;
  dialog.setAttribute("aria-label", say("open"));
  replace(dialog,
    h("header", {}, h("h2", {}, say("open"), h("span.sub", {}, ` ${[workerName(row.worker_id) || row.worker_id, providerName(row.organisation)].join(" · ")}`)),
      h("button.icon-button.quiet", { type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    form.problem ? h("p.failed", { role: "alert" }, whatToDo(form.problem)) : form.done ? h("p.request-follows", { role: "status" }, icon("done"), " ", form.done) : null,
    form.items ? held() : form.problem ? null : h("div.skeleton", { "aria-busy": "true" }, h("i"), h("i")),
    form.items && may(RECORD) && codes().length ? recording() : null,
    h("p.mute.note", {}, say("note")));
}

const stateOf = (one) => (Date.parse(one.valid_until_at) < now() ? "lapsed" : Date.parse(one.issued_at) > now() ? "to_come" : "valid");

function held() {
  if (!form.items.length) return h("p.mute", {}, say("none"));
  return h("ul.credentials", {}, form.items.map((one) => h("li", { dataset: { credential: one.code } },
    h("span", {}, h("b", {}, word(one.code)), " ", h(`span.state.tone-${{ valid: "done", lapsed: "person", to_come: "wait" }[stateOf(one)]}`, {}, say(stateOf(one))),
      h("span.mute", {}, ` ${say("held", { from: dayOf(Date.parse(one.issued_at)), until: dayOf(Date.parse(one.valid_until_at)) })}`)),
    may(WITHDRAW) ? h("button.small.quiet", { type: "button", dataset: { withdraw: one.code }, onclick: () => withdraw(one) }, say("withdraw")) : null)));
}

function recording() {
  const field = (name, words, at) => h("label", {}, h("span", {}, words), h("input", { type: "date", name, id: `credential-${name}`, required: true, value: dayOf(at) }));
  return h("form", { onsubmit: record }, h("label", {}, h("span", {}, say("code")), h("select", { name: "code", id: "credential-code" },
    codes().map((code) => h("option", { value: code, selected: code === form.code }, word(code))))),
  h("div.request-times", {}, field("issued", say("issued"), now()), field("until", say("until"), now() + YEAR_MS)),
  h("div.request-say", {}, h("button.primary", { type: "submit", id: "credential-record" }, say("record"))));
}

function record(event) {
  event.preventDefault();
  const chosen = new FormData(event.currentTarget);
  form.code = chosen.get("code");
  const there = form.items.find((one) => one.code === form.code);
  send(pathOf(), { code: form.code, issued_at: `${chosen.get("issued")}T00:00:00+09:00`, valid_until_at: `${chosen.get("until")}T23:59:59+09:00` }, there);
}

async function withdraw(one) {
  if (await confirmThat(say("withdraw_title"), [word(one.code), say("withdraw_follows")], say("withdraw"))) send(pathOf(`/${encodeURIComponent(one.code)}/withdraw`), { reason: "office" }, one);
}

/** An edit names what was read: what somebody else has set meanwhile is not overwritten. */
async function send(path, body, there) {
  const { of } = form;
  Object.assign(form, { problem: null, done: "" });
  try {
    await command(path, { ...body, district: board.config.district }, { match: there ? `"${there.version}"` : undefined });
    form.done = say("recorded");
    await new Promise((done) => { setTimeout(done, SHOWN_AFTER_MS); });
  } catch (problem) {
    form.problem = problem;
  }
  if (form.of !== of || !byId("credentials").open) return;
  await load();
}

onLanguage(() => { if (byId("credentials").open) draw(); });
