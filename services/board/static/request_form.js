// A new visit for somebody who is known here: what, when, from which kitchen; what filing it would do, and only then the button.

import { whatToDo } from "./act.js";
import { command, previewVisit } from "./api.js";
import { now } from "./clock.js";
import { byId, h, icon, replace } from "./dom.js";
import { clockTime } from "./format.js";
import { namesSettled, wantWorker, workerName } from "./names.js";
import { say } from "./request_texts.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { hasLabel, label, language, onLanguage, t } from "./texts.js";
import { dongName, kitchenName } from "./words.js";

const FILE = "POST /v1/visits";
const SERVICES = ["check_in", "meal_support", "emergency_care", "temporary_home_care", "visiting_care", "visiting_nursing", "visiting_bath",
  "accompaniment", "housing_help", "disability_assistance", "errand", "local_parcel"];
const MEALS = ["hot_lunch", "hot_dinner", "side_dish", "single"];
const BROUGHT = ["errand", "local_parcel"];
const STEP_MS = 30 * 60000;
const COOKED_MS = 30 * 60000; // a meal is usually ready so long before it may be brought
const CLOCK = "([01]\\d|2[0-3]):[0-5]\\d"; // the browser's own control would write 02:30 PM
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"; // no digits: nothing that looks like a telephone number

const form = { of: null, values: {}, reference: "", phase: "", answer: null, problem: null, visitId: "" };
let onOpen = () => {};

/** `open(visitId)`: show a visit. */
export function startRequests(open) {
  onOpen = open;
  byId("request").addEventListener("close", () => Object.assign(form, { of: null, answer: null, problem: null }));
  onLanguage(() => { if (byId("request").open) draw(); });
}

/** Whether a visit may be filed here for somebody of this district and dong. */
export const mayRequest = (one) => may(FILE) && board.dongs.has(one.dong) && (!one.district || one.district === board.config.district);

const newReference = () => `P-${board.config.service_date}-${Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => LETTERS[byte % LETTERS.length]).join("")}`;

/** `one`: {recipient_id, name, dong}; `like`: a visit of theirs to begin from. */
export function openRequest(one, like = null) {
  const from = Math.ceil((now() + STEP_MS) / STEP_MS) * STEP_MS;
  const kitchens = kitchensFor(like?.service ?? SERVICES[0]);
  Object.assign(form, { of: one, reference: newReference(), phase: "", answer: null, problem: null, visitId: "" });
  form.values = {
    service: SERVICES.includes(like?.service) ? like.service : SERVICES[0], meal_kind: like?.meal_kind || MEALS[0], kitchen_id: like?.kitchen_id || kitchens[0] || "",
    from: clockTime(from), until: clockTime(from + 4 * STEP_MS), ready: clockTime(from - COOKED_MS), priority: "",
  };
  draw();
  byId("request").showModal();
  byId("request-service").focus();
}

const isShop = (kitchen) => Boolean(kitchen.shop);
const kitchensFor = (service) => [...board.kitchens.values()].filter((one) => isShop(one) === BROUGHT.includes(service)).map((one) => one.kitchen_id);
const services = () => SERVICES.filter((service) => !BROUGHT.includes(service) || kitchensFor(service).length);

function draw() {
  const dialog = byId("request");
  dialog.setAttribute("aria-label", say("title"));
  const { values, of: one } = form;
  const filed = form.phase === "filed" || form.phase === "recorded";
  replace(dialog,
    h("header", {}, h("h2", {}, say("title"), h("span.sub", {}, ` ${[one.name, dongName(one.dong)].filter(Boolean).join(" · ")}`)),
      h("button.icon-button.quiet", { type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    filed ? done() : h("form", { onsubmit: (event) => { event.preventDefault(); preview(); }, oninput: changed, onchange: changed },
      choice("service", say("service"), services().map((service) => [service, label("service", service)]), "request-service"),
      values.service === "meal_support" ? choice("meal_kind", say("meal_kind"), MEALS.map((meal) => [meal, label("meal", meal)])) : null,
      needsKitchen() ? choice("kitchen_id", say(BROUGHT.includes(values.service) ? "shop" : "kitchen"), kitchensFor(values.service).map((id) => [id, kitchenName(id)])) : null,
      h("div.request-times", {}, time("from", say("from")), time("until", say("until")), values.service === "meal_support" ? time("ready", say("ready")) : null),
      choice("priority", t("fact_priority"), [["", say("as_usual")], ...[1, 2, 3].map((n) => [String(n), t(`priority_${n}`)])]),
      h("div", { id: "request-answer", "aria-live": "polite" }, answer())),
    h("p.mute.note", {}, say("note")));
}

const needsKitchen = () => form.values.service === "meal_support" || BROUGHT.includes(form.values.service);

const choice = (name, words, options, id) => h("label", {}, h("span", {}, words), h("select", { name, id: id ?? `request-${name}`, dataset: { focus: name } },
  options.map(([value, shown]) => h("option", { value, selected: value === form.values[name] }, shown))));

const time = (name, words) => h("label", {}, h("span", {}, words), h("input", {
  type: "text", inputmode: "numeric", autocomplete: "off", maxlength: 5, pattern: CLOCK, placeholder: "14:30", title: say("clock_hint"),
  name, id: `request-${name}`, required: true, value: form.values[name], dataset: { focus: name },
}));

/** What was answered is of what was asked: with any change it is asked anew. */
function changed(event) {
  const { name } = event.target;
  if (/^([01]\d|2[0-3])[0-5]\d$/.test(event.target.value)) event.target.value = event.target.value.replace(/(..)(..)/, "$1:$2"); // 1430
  const { value } = event.target;
  if (form.values[name] === value) return;
  form.values[name] = value;
  Object.assign(form, { phase: "", answer: null, problem: null });
  if (name === "service") {
    if (needsKitchen() && !kitchensFor(value).includes(form.values.kitchen_id)) form.values.kitchen_id = kitchensFor(value)[0] ?? "";
    draw();
    byId("request-service").focus();
  } else replace(byId("request-answer"), answer());
}

function answer() {
  if (form.phase === "asking" || form.phase === "sending") return h("p.mute", { "aria-busy": "true" }, t(form.phase === "sending" ? "sending" : "why_asking"));
  const problem = form.problem ? h("p.failed", { role: "alert" }, whatToDo(form.problem)) : null;
  const ask = h("button", { type: "submit", id: "request-preview" }, say("preview"));
  if (!form.answer) return [problem, h("div.request-say", {}, ask)];
  const { preview: seen } = form.answer;
  if (seen.outcome === "refused") {
    const word = hasLabel("reason", seen.code) ? label("reason", seen.code) : say("refused");
    return [h("p.request-follows.failed", { role: "alert" }, seen.remedy?.[language()] ?? word), h("div.request-say", {}, ask)];
  }
  return [problem, h("ul.request-follows", {}, follows(seen).map((line) => h("li", {}, line))),
    h("div.request-say", {}, h("button.primary", { type: "button", id: "request-file", onclick: file }, say("file")),
      h("button.quiet", { type: "button", onclick: () => byId("request").close() }, say("leave_it")))];
}

/** Who would come, or nobody yet; and how many others would be moved for it. */
function follows(seen) {
  const ours = seen.changes.filter(([visitId]) => visitId === form.answer.visit_id);
  const workers = (ours.filter(([, , who]) => who).at(-1)?.[2] ?? "").split(",").filter(Boolean);
  const moved = new Set(seen.changes.map(([visitId]) => visitId).filter((id) => id !== form.answer.visit_id)).size;
  return [seen.outcome === "duplicate" ? say("duplicate") : workers.length ? say("by_worker", { who: workers.map((id) => workerName(id) || id).join(", ") }) : say("nobody_yet"),
    moved ? say(moved === 1 ? "moves_one" : "moves", { n: moved }) : say("moves_none")];
}

/** Where they live is known from another visit of theirs; else the middle of the dong. */
function placeOf(one) {
  const there = [...board.visits.values()].find((row) => row.recipient_id === one.recipient_id && row.dong === one.dong)?.place ?? board.dongs.get(one.dong).centroid;
  return { x: there.x, y: there.y };
}

const instant = (clock) => `${board.config.service_date}T${clock}:00+09:00`;

function bodyOf() {
  const { values, of: one } = form;
  const body = {
    district: board.config.district, reference: form.reference, recipient_id: one.recipient_id, service: values.service, dong: one.dong,
    place: placeOf(one), window_start_at: instant(values.from), window_end_at: instant(values.until),
  };
  if (needsKitchen()) body.kitchen_id = values.kitchen_id;
  if (values.service === "meal_support") Object.assign(body, { meal_kind: values.meal_kind, ready_at: instant(values.ready) });
  if (values.priority) body.priority = Number(values.priority);
  return body;
}

async function asked(phase, ask) {
  const { of: one, reference } = form;
  Object.assign(form, { phase, problem: null });
  replace(byId("request-answer"), answer());
  try {
    await ask(() => form.of === one && form.reference === reference && form.phase === phase);
  } catch (problem) {
    if (form.of === one && form.phase === phase) Object.assign(form, { phase: "", problem });
  }
  if (form.of !== one) return;
  if (["filed", "recorded"].includes(form.phase)) draw(); else replace(byId("request-answer"), answer());
  (byId("request-open") ?? byId("request-file") ?? byId("request-preview"))?.focus();
}

const preview = () => asked("asking", async (current) => {
  const told = await previewVisit(bodyOf());
  for (const [, , who] of told.preview.changes) who.split(",").filter(Boolean).forEach(wantWorker);
  await namesSettled();
  if (current()) Object.assign(form, { phase: "", answer: told });
});

const file = () => asked("sending", async (current) => {
  const outcome = await command("/v1/visits", bodyOf());
  if (current()) Object.assign(form, { phase: outcome.outcome ? "filed" : "recorded", visitId: outcome.visit_id });
});

function done() {
  return [h("p.request-follows", { role: "status" }, icon("done"), " ", say(form.phase)),
    h("div.request-say", {}, h("button.primary", { type: "button", id: "request-open", onclick: () => { const id = form.visitId; byId("request").close(); if (board.visits.has(id)) onOpen(id); } }, say("open_it")),
      h("button.quiet", { type: "button", onclick: () => byId("request").close() }, t("close")))];
}
