// Somebody telephones about a person in need: yes/no questions, most alarming first, that may end in "119 now"; or a worry to report.

import { whatToDo } from "./act.js";
import { command } from "./api.js";
import { byId, h, icon, replace } from "./dom.js";
import { say } from "./emergency_texts.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { language, onLanguage, t } from "./texts.js";
import { dongName } from "./words.js";

const CALL = "POST /v1/emergency-calls";
const CONCERN = "POST /v1/concerns";
const SOURCES = ["other", "neighbour", "kin", "recipient", "gatekeeper", "worker"];
const OUTSIDE = ["neighbour", "gatekeeper", "kin", "other"]; // who may be worried about somebody

const form = { of: null, source: SOURCES[0], answers: {}, phase: "", problem: null, seen: "" };

const questions = () => board.config.policy?.urgency_questions ?? [];
const nameOf = (one) => (language() === "ko" ? one.name_ko : one.name_en || one.name_ko);
const minutes = (duration_s) => Math.round(duration_s / 60);
const urgent = () => questions().some((one) => form.answers[one.code] === one.urgent_if);

/** Whether a call about somebody of this district and dong may be written down. */
const mayCall = (one) => may(CALL) && board.dongs.has(one.dong) && (!one.district || one.district === board.config.district) && questions().length > 0;

/** `one`: {recipient_id, name, dong}. Null where it is not for this role, or of another district. */
export const emergencyButton = (one) => (mayCall(one)
  ? h("button.small", { type: "button", dataset: { focus: `emergency:${one.recipient_id}`, emergency: one.recipient_id }, onclick: () => openEmergency(one) }, say("open")) : null);

function openEmergency(one) {
  Object.assign(form, { of: one, source: SOURCES[0], answers: {}, phase: "", problem: null, seen: "" });
  draw();
  byId("emergency").showModal();
  byId("emergency").querySelector("input[type=radio]").focus();
}

function draw() {
  const dialog = byId("emergency");
  const { of: one } = form;
  dialog.setAttribute("aria-label", say("title"));
  replace(dialog,
    h("header", {}, h("h2", {}, say("title"), h("span.sub", {}, ` ${[one.name, dongName(one.dong)].filter(Boolean).join(" · ")}`)),
      h("button.icon-button.quiet", { type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    h("form", { onsubmit: (event) => { event.preventDefault(); write(); } },
      questions().map(question),
      h("div", { id: "emergency-answer", "aria-live": "assertive" }, answer()),
      h("label", {}, h("span", {}, say("source")), h("select", { id: "emergency-source", onchange: (event) => { form.source = event.target.value; } },
        SOURCES.map((code) => h("option", { value: code, selected: code === form.source }, say(code))))),
      may(CONCERN) ? concern() : null),
    h("p.mute.note", {}, say("note")));
}

const question = (one) => h("fieldset.question", { dataset: { question: one.code } }, h("legend", {}, nameOf(one)),
  [true, false].map((yes) => h("label", {}, h("input", { type: "radio", name: `q:${one.code}`, checked: form.answers[one.code] === yes, onchange: () => answered(one, yes) }), " ", say(yes ? "yes" : "no"))));

/** An answer that means 119 is shown and written down at once: nobody has to look for a button then. */
function answered(one, yes) {
  form.answers[one.code] = yes;
  form.problem = null;
  if (yes === one.urgent_if) write();
  else if (form.phase !== "sending") { form.phase = ""; redraw(); }
}

const redraw = () => replace(byId("emergency-answer"), answer());

function answer() {
  const { phase, problem } = form;
  const failed = problem ? h("p.failed", { role: "alert" }, urgent() ? `${say("call_failed")} ` : "", whatToDo(problem)) : null;
  const button = (words) => h("div.request-say", {}, h("button.primary", { type: "submit", id: "emergency-write" }, words));
  if (urgent()) {
    return [h("div.call-119", { role: "alert" }, h("a", { href: "tel:119" }, say("call_now")),
      phase === "written" ? h("p", {}, say("call_told", { n: minutes(board.config.policy.emergency_call_s) })) : h("p", {}, phase === "sending" ? t("sending") : "")), failed, problem ? button(t("retry")) : null];
  }
  if (phase === "sending") return h("p.mute", { "aria-busy": "true" }, t("sending"));
  if (phase === "written") return h("p.request-follows", { role: "status" }, icon("done"), " ", say("written"));
  if (!Object.keys(form.answers).length) return null;
  return [failed, h("p.request-follows", {}, say("not_119", { n: minutes(board.config.policy.not_urgent_call_s) })), button(say("write"))];
}

function concern() {
  const seen = board.config.policy?.observations ?? [];
  form.seen ||= seen[0]?.code ?? "";
  return h("details.more-actions", {}, h("summary", { id: "emergency-concern" }, `${say("concern")}…`),
    h("label", {}, h("span", {}, say("seen")), h("select", { id: "emergency-seen", onchange: (event) => { form.seen = event.target.value; } },
      seen.map((one) => h("option", { value: one.code, selected: one.code === form.seen }, nameOf(one))))),
    h("div.request-say", {}, h("button", { type: "button", id: "emergency-report", onclick: () => send("/v1/concerns", { observation: form.seen, source: OUTSIDE.includes(form.source) ? form.source : "other" }) }, say("report"))),
    h("div", { id: "emergency-reported", role: "status" }));
}

const write = () => send("/v1/emergency-calls", { answers: { ...form.answers }, source: form.source });

async function send(path, said) {
  const { of: one } = form;
  const isCall = path.endsWith("calls");
  const place = () => (form.of === one && byId("emergency").open);
  if (isCall) { Object.assign(form, { phase: "sending", problem: null }); redraw(); }
  try {
    await command(path, { district: board.config.district, recipient_id: one.recipient_id, dong: one.dong, ...said });
    if (!place()) return;
    if (isCall) { form.phase = "written"; redraw(); } else replace(byId("emergency-reported"), icon("done"), " ", say("written"));
  } catch (problem) {
    if (!place()) return;
    if (isCall) { Object.assign(form, { phase: "", problem }); redraw(); } else replace(byId("emergency-reported"), h("span.failed", { role: "alert" }, whatToDo(problem)));
  }
}

onLanguage(() => { if (byId("emergency").open) draw(); });
