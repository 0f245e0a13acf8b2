// The phone: a caller's number, today's promises, four wishes, and what follows from each before it is written down.

import { command, Problem, takeCall } from "./api.js";
import { byId, h, icon, replace } from "./dom.js";
import { clockTime } from "./format.js";
import { emergencyButton } from "./emergency.js";
import { noticesForm } from "./notices_form.js";
import { followsText, say } from "./phone_texts.js";
import { mayRequest, openRequest } from "./request_form.js";
import { say as sayRequest } from "./request_texts.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { label, language, onLanguage } from "./texts.js";
import { dongName, serviceName } from "./words.js";

const STEP_MIN = 30;
const found = { recipients: null, problem: "", busy: false };
const chosen = { visit: "", wish: "", phase: "", problem: "" };
let number = ""; // on this page only, for as long as the dialog is open

export function startPhone() {
  const dialog = byId("phone");
  byId("phone-open").addEventListener("click", () => { draw(); dialog.showModal(); byId("phone-number")?.focus(); });
  dialog.addEventListener("close", () => { number = ""; Object.assign(found, { recipients: null, problem: "" }); forget(); });
  onLanguage(() => { if (dialog.open) draw(); });
}

const forget = () => Object.assign(chosen, { visit: "", wish: "", phase: "", problem: "" });

function draw() {
  const dialog = byId("phone");
  dialog.setAttribute("aria-label", say("title"));
  const field = h("input", { id: "phone-number", type: "tel", inputmode: "tel", autocomplete: "off", required: true, maxlength: 30, value: number });
  field.value = number;
  replace(dialog,
    h("header", {}, h("h2", {}, say("title")),
      h("button.icon-button.quiet", { type: "button", id: "phone-close", "aria-label": say("close"), onclick: () => dialog.close() }, icon("close"))),
    h("form.phone-find", { onsubmit: (event) => { event.preventDefault(); number = field.value; look(); } },
      h("label", {}, h("span", {}, say("number")), field), h("button.primary", { type: "submit", disabled: found.busy }, say("find"))),
    h("p.mute.note", {}, say("whose")),
    found.problem ? h("p.failed", { role: "alert" }, found.problem) : null,
    h("div.phone-found", { id: "phone-found", "aria-live": "polite" }, results()));
}

async function look() {
  Object.assign(found, { busy: true, problem: "" });
  forget();
  try {
    found.recipients = (await takeCall(number)).recipients;
  } catch (problem) {
    Object.assign(found, { recipients: null, problem: problem instanceof Problem ? problem.remedy : String(problem) });
  }
  found.busy = false;
  draw();
}

function results() {
  if (!found.recipients) return null;
  if (!found.recipients.length) return h("p.state-note", {}, say("nobody"));
  return found.recipients.map((one) => h("section", { dataset: { recipient: one.recipient_id } },
    h("h3", {}, one.name || one.recipient_id, one.whose === "kin" ? h("span.sub", {}, say("kin")) : null),
    one.promises.length ? h("ul.phone-promises", {}, one.promises.map(promiseOf)) : h("p.mute", {}, say("no_promises")), newRequest(one), noticesForm(one.recipient_id)));
}

function newRequest(one) {
  const promise = one.promises.find((promised) => promised.district === board.config.district);
  const caller = { recipient_id: one.recipient_id, name: one.name, dong: promise?.dong };
  return promise ? h("p", {}, mayRequest(caller) ? h("button.small", { type: "button", dataset: { request: one.recipient_id }, onclick: () => openRequest(caller, promise) }, sayRequest("new")) : null,
    " ", emergencyButton(caller)) : null;
}

function promiseOf(promise) {
  const due = Date.parse(promise.due_at);
  const when = promise.done_at ? say("came", { at: clockTime(Date.parse(promise.done_at)) })
    : promise.expected_at ? say("expected", { at: clockTime(Date.parse(promise.expected_at)) }) : "";
  return h("li", { dataset: { visit: promise.visit_id } },
    h("p.phone-what", {}, h("b", {}, say("promised", { at: clockTime(due) })), " ", serviceName(promise), " · ", dongName(promise.dong), " · ",
      label("state", promise.state), when ? h("span.mute", {}, ` · ${when}`) : null),
    may("POST /v1/visits/{visit_id}/call") ? h("div.phone-wishes", { role: "group" }, promise.options.map((option) => wishButton(promise, option))) : null,
    chosen.visit === promise.visit_id ? consequence(promise, promise.options.find((one) => one.wish === chosen.wish)) : null);
}

function wishButton(promise, option) {
  const on = chosen.visit === promise.visit_id && chosen.wish === option.wish;
  return h("button", { type: "button", "aria-pressed": on ? "true" : "false", dataset: { wish: option.wish }, onclick: () => {
    forget();
    if (!on) Object.assign(chosen, { visit: promise.visit_id, wish: option.wish });
    draw();
  } }, say(option.wish));
}

/** What follows, and only then the button that says so. */
function consequence(promise, option) {
  if (chosen.phase === "written" || chosen.phase === "recorded") return h("p.phone-follows", { role: "status" }, icon("done"), " ", say(chosen.phase));
  if (option.code) return h("p.phone-follows.failed", { role: "status" }, remedyOf(option));
  const more = option.wish === "later" ? laterField(promise, option) : option.wish === "change_address" ? addressFields(promise) : null;
  return h("form.phone-follows", { onsubmit: (event) => { event.preventDefault(); send(promise, option.wish, new FormData(event.target)); } },
    h("b", {}, say("follows")), h("ul", {}, option.follows.map((code) => h("li", { dataset: { follows: code } }, followsText(code)))), more,
    chosen.problem ? h("p.failed", { role: "alert" }, chosen.problem) : null,
    h("div.phone-say", {}, h("button.primary", { type: "submit", disabled: chosen.phase === "sending" }, say(chosen.phase === "sending" ? "sending" : "say")),
      h("button.quiet", { type: "button", onclick: () => { forget(); draw(); } }, say("back"))));
}

const remedyOf = (option) => option.remedy?.[language()] ?? label("reason", option.code);

function laterField(promise, option) {
  const latest = Date.parse(option.latest_at);
  const times = [];
  for (let at = Date.parse(promise.due_at) + STEP_MIN * 60000; at <= latest && times.length < 24; at += STEP_MIN * 60000) times.push(at);
  if (!times.length) times.push(latest);
  return h("label", {}, h("span", {}, say("until", { at: clockTime(latest) })),
    h("select", { name: "later_at" }, times.map((at) => h("option", { value: new Date(at).toISOString() }, clockTime(at)))));
}

function addressFields(promise) {
  return [h("label", {}, h("span", {}, say("address")), h("input", { name: "address", required: true, maxlength: 1000, autocomplete: "off" })),
    h("label", {}, h("span", {}, say("dong")), h("select", { name: "dong" }, board.config.dongs.map((dong) =>
      h("option", { value: dong.code, selected: dong.code === promise.dong }, dongName(dong.code))))),
    h("label", {}, h("span", {}, say("point")), h("input", { name: "point", inputmode: "decimal", autocomplete: "off" }))];
}

/** "126.909, 37.556", or where nothing is said the middle of the dong; null for what is no point. */
function placeOf(text, dong) {
  if (!text.trim()) {
    const { x, y } = board.config.dongs.find((one) => one.code === dong).centroid;
    return { x, y };
  }
  const [lon, lat] = text.split(",").map((part) => Number.parseFloat(part));
  return Number.isFinite(lon) && Number.isFinite(lat) ? { lon, lat } : null;
}

async function send(promise, wish, form) {
  const body = { wish, expected_version: promise.version, district: promise.district };
  if (wish === "later") body.later_at = form.get("later_at");
  if (wish === "change_address") {
    Object.assign(body, { address: form.get("address"), dong: form.get("dong"), place: placeOf(form.get("point"), form.get("dong")) });
    if (!body.place) { chosen.problem = say("point_wrong"); draw(); return; }
  }
  Object.assign(chosen, { phase: "sending", problem: "" });
  draw();
  try {
    const outcome = await command(`/v1/visits/${encodeURIComponent(promise.visit_id)}/call`, body);
    chosen.phase = ["accepted", "duplicate"].includes(outcome?.outcome) ? "written" : "recorded";
  } catch (problem) {
    Object.assign(chosen, { phase: "", problem: problem instanceof Problem ? problem.remedy : String(problem) });
  }
  draw();
}
