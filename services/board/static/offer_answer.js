// What somebody without an app said on the telephone: yes, yes but for these doors, or no and why; a provider names its worker.

import { whatToDo } from "./act.js";
import { say } from "./action_texts.js";
import { command } from "./api.js";
import { byId, h, icon, replace } from "./dom.js";
import { clockTime } from "./format.js";
import { namesSettled, recipientName, wantRecipient, wantWorker, workerName } from "./names.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { language, onLanguage, t } from "./texts.js";
import { dongName, providerName } from "./words.js";

const OPERATION = "POST /v1/offers/{offer_id}/answer";
const form = { offer: null, not: new Set(), reason: "", worker: "", phase: "", problem: null };

const reasons = () => board.config.policy?.offering?.reasons ?? [];

/** The button beside the usual answers of a call; null where it is for nobody to say more. */
export function answerButton(row) {
  const offer = row.kind === "no_app_call" ? board.offers.get(row.detail) : null;
  if (!offer || !may(OPERATION)) return null;
  return h("button.small.quiet", { type: "button", dataset: { focus: `answer:${row.exception_id}`, answer: offer.offer_id }, onclick: () => open(offer) }, `${say("answer_more")}…`);
}

async function open(offer) {
  Object.assign(form, { offer, not: new Set(), reason: reasons()[0]?.code ?? "", worker: "", phase: "", problem: null });
  for (const id of offer.visit_ids) wantRecipient(board.visits.get(id)?.recipient_id);
  for (const one of staff()) wantWorker(one.worker_id);
  draw();
  byId("answer").showModal();
  await namesSettled();
  if (byId("answer").open && form.offer === offer && form.phase !== "written") nameAll();
}

/** The names have come: only words change, for a button that is drawn anew under somebody's finger is not pressed. */
function nameAll() {
  const dialog = byId("answer");
  dialog.querySelector(".sub").textContent = whose();
  for (const one of dialog.querySelectorAll("[data-of-door]")) one.textContent = doorWords(one.dataset.ofDoor);
  for (const one of dialog.querySelectorAll("#answer-worker option")) if (one.value) one.textContent = workerName(one.value) || one.value;
}

const whose = () => ` ${workerName(form.offer.worker_id) || providerName(form.offer.organisation)} · ${t("call_for", { at: clockTime(Date.parse(form.offer.begin_at)) })}`;

const staff = () => (form.offer.kind === "slot" ? [...board.workers.values()].filter((one) => one.organisation === form.offer.organisation) : []);

function doorWords(id) {
  const visit = board.visits.get(id);
  return visit ? [clockTime(visit.due), recipientName(visit.recipient_id) || visit.reference, dongName(visit.dong)].join(" ") : id;
}

function door(id) {
  return h("label.found-person", {}, h("input", { type: "checkbox", checked: form.not.has(id), dataset: { door: id }, onchange: (event) => {
    if (event.target.checked) form.not.add(id); else form.not.delete(id);
    replace(byId("answer-say"), buttons());
  } }), " ", h("span", { dataset: { ofDoor: id } }, doorWords(id)));
}

function draw() {
  const dialog = byId("answer");
  const { offer } = form;
  const named = language() === "ko" ? "name_ko" : "name_en";
  dialog.setAttribute("aria-label", say("answer_title"));
  replace(dialog,
    h("header", {}, h("h2", {}, say("answer_title"), h("span.sub", {}, whose())),
      h("button.icon-button.quiet", { type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    form.phase === "written" ? h("p.request-follows", { role: "status" }, icon("done"), " ", say("answer_written")) : h("form", { onsubmit: (event) => event.preventDefault() },
      offer.visit_ids.length > 1 ? h("fieldset", {}, h("legend", {}, say("answer_not")), offer.visit_ids.map(door)) : null,
      staff().length ? h("label", {}, h("span", {}, say("answer_names")), h("select", { id: "answer-worker", onchange: (event) => { form.worker = event.target.value; } },
        [["", say("answer_as_asked")], ...staff().map((one) => [one.worker_id, workerName(one.worker_id) || one.worker_id])].map(([value, words]) => h("option", { value, selected: value === form.worker }, words)))) : null,
      h("label", {}, h("span", {}, say("answer_why")), h("select", { id: "answer-reason", onchange: (event) => { form.reason = event.target.value; } },
        reasons().map((one) => h("option", { value: one.code, selected: one.code === form.reason }, one[named] || one.name_ko)))),
      h("div", { id: "answer-say", "aria-live": "polite" }, buttons())));
}

function buttons() {
  const all = form.offer.visit_ids.length;
  const some = form.not.size > 0;
  if (form.phase === "sending") return h("p.mute", { "aria-busy": "true" }, t("sending"));
  return [form.problem ? h("p.failed", { role: "alert" }, whatToDo(form.problem)) : null, h("div.request-say", {},
    form.not.size < all ? h("button.primary", { type: "button", id: "answer-yes", onclick: () => send("accepted") }, some ? say("answer_some", { n: all - form.not.size, all }) : say("answer_yes")) : null,
    some && form.not.size < all ? null : h("button", { type: "button", id: "answer-no", onclick: () => send("declined") }, say("answer_no")))];
}

async function send(answer) {
  const { offer } = form;
  const body = { answer, district: board.config.district };
  if (answer === "declined" || form.not.size) body.reason = form.reason;
  if (answer === "accepted" && form.not.size) body.declined_visit_ids = [...form.not];
  if (answer === "accepted" && form.worker) body.worker_id = form.worker;
  Object.assign(form, { phase: "sending", problem: null });
  replace(byId("answer-say"), buttons());
  try {
    await command(`/v1/offers/${encodeURIComponent(offer.offer_id)}/answer`, body);
    form.phase = "written";
  } catch (problem) {
    Object.assign(form, { phase: "", problem });
  }
  if (form.offer === offer && byId("answer").open) draw();
}

onLanguage(() => { if (byId("answer").open) draw(); });
