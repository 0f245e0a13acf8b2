// A posting (입소 파견, type 2 of a crisis programme) is asked for: with whom, from when until when, who asks, and who goes.

import { whatToDo } from "./act.js";
import { command, searchPeople } from "./api.js";
import { now } from "./clock.js";
import { byId, h, icon, replace } from "./dom.js";
import { clockTime, isoDay } from "./format.js";
import { questionOf } from "./finding.js";
import { namesSettled, wantWorker } from "./names.js";
import { has, say } from "./posting_texts.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { language, onLanguage, t } from "./texts.js";
import { workerChoices } from "./worker_choices.js";
import { dongName } from "./words.js";

const OPERATION = "POST /v1/postings";
const HOUR_MS = 3600000;
const USUAL_DAYS = 3;
const CLOCK = "([01]\\d|2[0-3]):[0-5]\\d";
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"; // no digits: nothing that looks like a telephone number

const form = { reference: "", phase: "", problem: null, people: null, values: {} };

const programmes = () => (board.config?.programmes ?? []).filter((one) => one.posting
  && (board.counters?.programmes ?? []).some((row) => row.programme_id === one.programme_id && row.is_on));

/** Whether this person may ask for one, of a programme that is on. */
export const mayPost = () => may(OPERATION) && programmes().length > 0;

export const postingButton = () => h("p.ask-posting", {}, h("button.small", { type: "button", id: "ask-posting", dataset: { focus: "ask-posting" }, onclick: openPosting }, say("title")));

const newReference = () => `P-${board.config.service_date}-${Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => LETTERS[byte % LETTERS.length]).join("")}`;

async function openPosting() {
  const from = Math.ceil((now() + HOUR_MS) / HOUR_MS) * HOUR_MS;
  const [first] = programmes();
  Object.assign(form, { reference: newReference(), phase: "", problem: null, people: null });
  form.values = { programme: first.programme_id, text: "", who: "", from_day: isoDay(from), from_clock: clockTime(from), until_clock: clockTime(from),
    until_day: isoDay(from + Math.min(USUAL_DAYS, first.posting.max_days - 1) * 24 * HOUR_MS), asked_by: "", gender: "", worker: "" };
  for (const one of carers()) wantWorker(one.worker_id);
  draw();
  byId("posting").showModal();
  byId("posting-text").focus();
  await namesSettled();
  if (byId("posting").open && !form.phase) redrawWorkers();
}

const carers = () => [...board.workers.values()].filter((one) => one.kind === "carer");

function workerOptions() {
  return [["", say("whoever")], ...workerChoices(carers())];
}

const optionsOf = (options, chosen) => options.map(([value, words]) => h("option", { value, selected: value === chosen }, words));
const redrawWorkers = () => replace(byId("posting-worker"), optionsOf(workerOptions(), form.values.worker));

const choice = (name, words, options) => h("label", {}, h("span", {}, words), h("select", { name, id: `posting-${name}`, dataset: { focus: name } }, optionsOf(options, form.values[name])));

const input = (name, words, attributes) => h("label", {}, h("span", {}, words), h("input", { name, id: `posting-${name}`, required: true, value: form.values[name], dataset: { focus: name }, ...attributes }));

const at = (name, words) => h("fieldset.request-times", {}, h("legend", {}, words), input(`${name}_day`, say("day"), { type: "date" }),
  input(`${name}_clock`, say("clock"), { type: "text", inputmode: "numeric", autocomplete: "off", maxlength: 5, pattern: CLOCK, placeholder: "14:30" }));

function draw() {
  const dialog = byId("posting");
  const programme = programmes().find((one) => one.programme_id === form.values.programme);
  dialog.setAttribute("aria-label", say("title"));
  replace(dialog,
    h("header", {}, h("h2", {}, say("title"), programme ? h("span.sub", {}, ` ${language() === "ko" ? programme.name_ko : programme.name_en || programme.name_ko} · ${say("days", { n: programme.posting.max_days })}`) : null),
      h("button.icon-button.quiet", { type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    ["sent", "recorded"].includes(form.phase) || !programme ? done() : h("form", { onsubmit: send, oninput: changed, onchange: changed },
      programmes().length > 1 ? choice("programme", say("programme"), programmes().map((one) => [one.programme_id, language() === "ko" ? one.name_ko : one.name_en || one.name_ko])) : null,
      h("div", {}, h("label", {}, h("span", {}, say("who")),
        h("span.find-person", {}, h("input", { type: "search", id: "posting-text", name: "text", autocomplete: "off", placeholder: say("who_hint"), value: form.values.text, dataset: { focus: "text" },
          onkeydown: (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); find(); } } }),
        h("button", { type: "button", id: "posting-find", onclick: find }, say("find")))), h("div", { id: "posting-people", "aria-live": "polite" }, people())),
      at("from", say("from")), at("until", say("until")),
      choice("asked_by", say("asked_by"), programme.posting.who_may_ask.map((role) => [role, has(`by_${role}`) ? say(`by_${role}`) : role])),
      choice("gender", say("gender"), ["", "female", "male"].map((code) => [code, say(code || "any")])),
      choice("worker", say("worker"), workerOptions()),
      h("div", { id: "posting-answer", "aria-live": "polite" }, answer())),
    h("p.mute.note", {}, say("note")));
}

function people() {
  if (form.people === "asking") return h("p.mute", { "aria-busy": "true" }, t("why_asking"));
  if (!form.people) return null;
  if (!form.people.length) return h("p", {}, say("nobody"));
  return form.people.map((one) => h("label.found-person", {}, h("input", { type: "radio", name: "who", value: `${one.recipient_id}/${one.dong}`, required: true, checked: `${one.recipient_id}/${one.dong}` === form.values.who }),
    " ", h("b", {}, one.name || one.recipient_id), h("span.mute", {}, ` ${dongName(one.dong)}`)));
}

function answer() {
  return [form.problem ? h("p.failed", { role: "alert" }, typeof form.problem === "string" ? form.problem : whatToDo(form.problem)) : null,
    form.phase === "sending" ? h("p.mute", { "aria-busy": "true" }, t("sending")) : h("div.request-say", {}, h("button.primary", { type: "submit", id: "posting-send" }, say("send")))];
}

const done = () => [h("p.request-follows", { role: "status" }, icon("done"), " ", say(form.phase || "recorded")),
  h("div.request-say", {}, h("button.primary", { type: "button", id: "posting-close", onclick: () => byId("posting").close() }, t("close")))];

function changed(event) {
  const { name, value } = event.target;
  if (!name || form.values[name] === value) return;
  form.values[name] = value;
  if (name === "programme") { form.values.asked_by = ""; draw(); }
}

async function find() {
  const question = questionOf(form.values.text.trim());
  if (!question) { show("people", []); return; }
  show("people", "asking");
  try {
    const { recipients } = await searchPeople(question);
    const here = recipients.filter((one) => board.dongs.has(one.dong) && (!one.district || one.district === board.config.district));
    form.values.who = here.length === 1 ? `${here[0].recipient_id}/${here[0].dong}` : "";
    show("people", here);
  } catch (problem) {
    form.people = null;
    show("problem", problem);
  }
}

function show(what, value) {
  form[what] = value;
  replace(byId("posting-people"), people());
  replace(byId("posting-answer"), answer());
}

const instant = (name) => `${form.values[`${name}_day`]}T${form.values[`${name}_clock`]}:00+09:00`;

async function send(event) {
  event.preventDefault();
  const { values } = form;
  const [recipient_id, dong] = values.who.split("/");
  if (!recipient_id) { show("problem", say("ask_first")); return; }
  const body = { district: board.config.district, reference: form.reference, programme_id: values.programme, recipient_id, dong,
    asked_by: values.asked_by || byId("posting-asked_by").value, from_at: instant("from"), until_at: instant("until"), gender: values.gender, worker_id: values.worker };
  Object.assign(form, { problem: null });
  show("phase", "sending");
  try {
    const outcome = await command("/v1/postings", body);
    form.phase = outcome.outcome ? "sent" : "recorded";
    draw();
    byId("posting-close").focus();
  } catch (problem) {
    form.phase = "";
    if (problem.status) form.reference = newReference(); // judged: asked again it is judged anew; a lost answer is the same posting
    show("problem", problem);
  }
}

onLanguage(() => { if (byId("posting").open) draw(); });
