// What needs a person, first: oldest deadline first, with whose it is and the one or two actions that usually end it.

import { calmly } from "./calm.js";
import { announce, byId, h, icon, replace, setText } from "./dom.js";
import { clockSeconds, clockTime, minutesText } from "./format.js";
import { onNames, recipientName, wantRecipient, wantWorker, workerName } from "./names.js";
import { answerButton } from "./offer_answer.js";
import { begin, forget, onPending, pendingOf, undo } from "./pending.js";
import { may } from "./session.js";
import { board, openExceptions } from "./store.js";
import { label, language, onLanguage, t } from "./texts.js";
import { actorName, areaName, detailWord, dongName, kitchenName, providerName, serviceName } from "./words.js";
import { now } from "./clock.js";

const OF_RECIPIENTS = new Set(["concern", "observation", "emergency_call", "case_conference", "first_visit_near", "authorisation_used_up"]);
const USUAL = 2; // actions shown at once; the others are one tap away
let order = []; // ids as shown: kept while a pointer is over them
let held = false;
let seen = null; // ids already announced; null before the first snapshot
const expanded = new Set();
let onOpen = () => {};

export function startAttention(open) {
  onOpen = open;
  const panel = byId("attention");
  panel.addEventListener("pointerenter", (event) => { held = event.pointerType === "mouse"; });
  panel.addEventListener("pointerleave", () => { held = false; drawAttention(); });
  onPending(drawAttention);
  onNames(drawAttention);
  onLanguage(drawAttention);
  setInterval(refreshTimes, 1000);
}

export const drawAttention = calmly(() => {
  if (!board.loaded) return;
  const open = openExceptions();
  const ids = new Set(open.map((row) => row.exception_id));
  order = held
    ? [...order, ...open.map((row) => row.exception_id).filter((id) => !order.includes(id))]
    : open.map((row) => row.exception_id);
  for (const id of order) if (!ids.has(id)) for (const kind of ["x", "a"]) forget(`${kind}:${id}`);
  tellNew(open);
  const focused = document.activeElement?.closest?.("#attention-rows") ? document.activeElement.dataset.focus : null;
  const elements = order.map((id) => elementOf(board.exceptions.get(id)));
  for (const id of built.keys()) if (!order.includes(id)) built.delete(id);
  const list = byId("attention-rows");
  if (elements.length !== list.children.length || elements.some((element, i) => element !== list.children[i])) replace(list, elements);
  if (focused && document.activeElement?.dataset?.focus !== focused) byId("attention-rows").querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  setText(byId("attention-count"), String(open.length));
  byId("attention").classList.toggle("empty", order.length === 0);
  for (const badge of document.querySelectorAll("[data-badge=attention]")) {
    badge.hidden = open.length === 0;
    setText(badge, String(open.length));
  }
  refreshTimes();
});

const built = new Map(); // id -> {element, signature}: a row is built anew only when something of it changed
function elementOf(row) {
  const signature = JSON.stringify([row, about(row), pendingOf(`x:${row.exception_id}`)?.phase, pendingOf(`a:${row.exception_id}`)?.phase, expanded.has(row.exception_id), language()]);
  const known = built.get(row.exception_id);
  if (known?.signature === signature) return known.element;
  const element = rowOf(row);
  built.set(row.exception_id, { element, signature });
  return element;
}

function tellNew(open) {
  const fresh = seen === null ? [] : open.filter((row) => !seen.has(row.exception_id));
  seen = new Set([...(seen ?? []), ...open.map((row) => row.exception_id)]);
  if (fresh.length) {
    announce(fresh.map((row) => t("announce_exception", { kind: label("exception", row.kind), about: placeWords(row) })).join(". "));
  }
}

const visitOf = (row) => board.visits.get(row.visit_id) ?? board.visits.get(row.subject);
const placeWords = (row) => (row.dong ? dongName(row.dong) : row.area_id ? areaName(row.area_id) : kitchenName(row.subject));

function about(row) {
  if (row.kind === "data_rejected") return [t("dead_letters")];
  const visit = visitOf(row);
  if (visit) {
    wantRecipient(visit.recipient_id);
    return [recipientName(visit.recipient_id), dongName(visit.dong), serviceName(visit), visit.reference].filter(Boolean);
  }
  const worker = board.workers.get(row.subject);
  if (worker) {
    wantWorker(worker.worker_id);
    return [workerName(worker.worker_id) || worker.worker_id, providerName(worker.organisation)];
  }
  if (OF_RECIPIENTS.has(row.kind)) {
    wantRecipient(row.subject);
    return [recipientName(row.subject) || t("recipient"), row.dong && dongName(row.dong), row.area_id && areaName(row.area_id)].filter(Boolean);
  }
  return [thingName(row.subject), row.area_id && areaName(row.area_id)].filter(Boolean);
}

/** A kitchen, an organisation or a programme by its name. */
function thingName(id) {
  if (board.kitchens.has(id)) return kitchenName(id);
  const programme = (board.config?.programmes ?? []).find((one) => one.programme_id === id);
  return programme ? (language() === "ko" ? programme.name_ko : programme.name_en || programme.name_ko) : providerName(id);
}

/** What to open: the visit or the worker it is about; of a recipient their next visit, where their numbers and story are. */
function subjectOf(row) {
  const visit = visitOf(row);
  if (visit) return ["visit", visit.visit_id];
  if (board.workers.has(row.subject)) return ["worker", row.subject];
  if (!OF_RECIPIENTS.has(row.kind)) return null;
  const theirs = [...board.visits.values()].filter((one) => one.recipient_id === row.subject);
  theirs.sort((a, b) => Number(b.ledger_class === "open") - Number(a.ledger_class === "open") || a.due - b.due);
  return theirs.length ? ["visit", theirs[0].visit_id] : null;
}

function rowOf(row) {
  const [who, ...rest] = about(row);
  const subject = subjectOf(row);
  const whoElement = subject
    ? h("button.link.who", { type: "button", dataset: { focus: `who:${row.exception_id}` }, onclick: () => onOpen(...subject) }, who)
    : h("span.who", {}, who);
  return h(`li.need${row.settled ? ".over" : ""}`, { dataset: { exception: row.exception_id } },
    h("span.sign", {}, icon("person")),
    h("div.need-what", {},
      h("div.need-title", {}, h("b.kind", {}, kindOf(row)), whoElement,
        h("span.rest", {}, rest.join(" · "))),
      h("div.need-more", {},
        h("span.deadline", { dataset: { due: String(row.due) } }),
        h("span", {}, h("span.mute", {}, `${t("owner")} `), actorName(row.owner)),
        row.acknowledged_by ? h("span.mute.on-it", {}, t("on_it", { who: actorName(row.acknowledged_by) })) : null,
        h("span.mute", { dataset: { since: String(row.raised) } }),
        row.next_owner && row.next_owner !== row.owner ? h("span.mute", {}, t("next_owner", { who: actorName(row.next_owner) })) : null)),
    h("div.need-actions", {}, actionsOf(row)));
}

const kindOf = (row) => [label("exception", row.kind), row.detail && detailOf(row)].filter(Boolean).join(" · ");

/** What a call is about is an offer: when its work begins and how many doors it has. */
function detailOf(row) {
  if (row.kind !== "no_app_call") return detailWord(row.kind, row.detail);
  const offer = board.offers.get(row.detail);
  return offer ? `${t("call_for", { at: clockTime(Date.parse(offer.begin_at)) })} · ${offer.visit_ids.length}${t("count_unit")}` : "";
}

function actionsOf(row) {
  const key = `x:${row.exception_id}`;
  if (row.settled) return h("span.mute", {}, `${t("settled")} · ${label("outcome", row.settled)}`);
  const action = pendingOf(key);
  if (action && action.phase !== "failed") {
    const undoing = action.phase === "counting";
    return [
      h("span.doing", {}, undoing ? action.label : `${action.label} · ${t(action.phase === "sending" ? "sending" : "sent")}`),
      undoing ? h("button.small", { type: "button", dataset: { focus: `undo:${row.exception_id}`, undo: key }, onclick: () => undo(key) },
        t("undo_in", { n: action.left })) : null,
    ];
  }
  if (!may("POST /v1/exceptions/{exception_id}/settle")) return null;
  const all = expanded.has(row.exception_id);
  const shown = all ? row.outcomes : row.outcomes.slice(0, USUAL);
  const buttons = shown.map((outcome, i) => h(`button.small${i === 0 ? ".primary" : ""}`, {
    type: "button", dataset: { outcome, focus: `${outcome}:${row.exception_id}` }, onclick: () => settle(row, outcome),
  }, label("outcome", outcome)));
  if (row.outcomes.length > USUAL) {
    buttons.push(h("button.small.quiet", {
      type: "button", "aria-expanded": String(all), dataset: { focus: `more:${row.exception_id}` },
      onclick: () => { if (all) expanded.delete(row.exception_id); else expanded.add(row.exception_id); drawAttention(); },
    }, all ? t("less") : t("more")));
  }
  buttons.push(answerButton(row));
  const taking = pendingOf(`a:${row.exception_id}`);
  if (!row.acknowledged_by) buttons.push(taking && taking.phase !== "failed" ? takingOn(row, taking) : h("button.small.quiet", {
    type: "button", dataset: { focus: `ack:${row.exception_id}`, acknowledge: row.exception_id }, onclick: () => acknowledge(row),
  }, t("acknowledge")));
  return [...[action, taking].map((one) => (one?.phase === "failed" ? h("span.failed", { role: "alert" }, one.problem.remedy ?? t("error_generic")) : null)), ...buttons];
}

/** Between the tap and what the board says of it: it can be taken back, like everything here. */
function takingOn(row, taking) {
  const key = `a:${row.exception_id}`;
  if (taking.phase !== "counting") return h("span.doing", {}, t(taking.phase === "sending" ? "sending" : "sent"));
  return h("button.small", { type: "button", dataset: { focus: `undo:${key}`, undo: key }, onclick: () => undo(key) }, t("undo_in", { n: taking.left }));
}

function settle(row, outcome) {
  begin(`x:${row.exception_id}`, t("about_settle", { outcome: label("outcome", outcome) }), `/v1/exceptions/${encodeURIComponent(row.exception_id)}/settle`, { outcome });
}

function acknowledge(row) {
  begin(`a:${row.exception_id}`, t("acknowledge"), `/v1/exceptions/${encodeURIComponent(row.exception_id)}/acknowledge`, {});
}

// Times move each second; the rows around them stay as they are.
function refreshTimes() {
  const at = now();
  for (const element of document.querySelectorAll("#attention-rows [data-due]")) {
    const minutes = (Number(element.dataset.due) - at) / 60000;
    const left = minutes >= 0 ? t("left", { d: minutesText(Math.floor(minutes)) }) : t("overdue", { d: minutesText(Math.ceil(-minutes)) });
    setText(element, `${t("until", { at: clockTime(Number(element.dataset.due)) })} · ${left}`);
    element.classList.toggle("over", minutes < 0);
  }
  for (const element of document.querySelectorAll("[data-undo]")) {
    setText(element, t("undo_in", { n: pendingOf(element.dataset.undo)?.left ?? 0 }));
  }
  for (const element of document.querySelectorAll("#attention-rows [data-since]")) {
    const since = Number(element.dataset.since);
    setText(element, t("since", { at: clockTime(since), d: minutesText((at - since) / 60000) }));
  }
}

/** Under the empty list: when it was last true, by the service clock. */
export function drawChecked() {
  setText(byId("attention-checked"), t("attention_checked", { at: clockSeconds(now()) }));
}
