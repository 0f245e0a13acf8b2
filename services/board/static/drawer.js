// One visit's whole story, its facts, and what may be done with it now; or one worker with the stops to come.

import { getVisit } from "./api.js";
import { now } from "./clock.js";
import { calmly } from "./calm.js";
import { contactLines, forgetContact, workerContactLines } from "./contact.js";
import { byId, h, icon, replace } from "./dom.js";
import { credentialButton } from "./credentials.js";
import { emergencyButton } from "./emergency.js";
import { recipientExclusions, workerExclusions } from "./exclusions.js";
import { clockSeconds, clockTime, lateText } from "./format.js";
import { onNames, recipientName, wantRecipient, wantWorker, workerName } from "./names.js";
import { begin, forget, onPending, pendingOf, undo } from "./pending.js";
import { previewOf } from "./preview.js";
import { mayRequest, openRequest } from "./request_form.js";
import { say as sayRequest } from "./request_texts.js";
import { may } from "./session.js";
import { board, needsPerson } from "./store.js";
import { hasWorker, isOpen, lateMinutes } from "./states.js";
import { label, language, onLanguage, t } from "./texts.js";
import { actionsSignature, moreActions } from "./visit_actions.js";
import { stateMark } from "./visit_list.js";
import { whyDetails } from "./why.js";
import { actorName, areaName, causeName, claimantName, districtNameOf, dongName, kitchenName, providerName, reasonName, restText, rungName, serviceName, stateName, storyReason, taskName } from "./words.js";

const CANCEL_REASONS = ["recipient_asked", "same_day", "duplicate", "office"];
const RELOAD_MS = 400;
const LOUD = ["no_answer", "failed", "relieved", "exception_raised", "exception_escalated", "handed_over"];

const open = { kind: null, id: null, story: null, failed: false, loadedVersion: -1 };
let on = {};
let before = null; // where the focus was

/** `handlers`: {opened(kind, id), closed(), open(kind, id), map(visitId)} */
export function startDrawer(handlers) {
  on = handlers;
  byId("drawer-close").addEventListener("click", closeDrawer);
  for (const again of [onNames, onPending, onLanguage]) again(draw);
}

export const drawerIs = () => open;

export function openDrawer(kind, id, takeFocus = true) {
  clearTimeout(loading);
  if (!byId("drawer").contains(document.activeElement)) before = document.activeElement;
  Object.assign(open, { kind, id, story: null, failed: false, loadedVersion: -1 });
  byId("drawer").hidden = false;
  document.body.dataset.drawer = kind;
  draw();
  byId("drawer-body").scrollTop = 0;
  if (takeFocus) byId("drawer-title").focus({ preventScroll: true });
  if (kind === "visit") load();
  on.opened(kind, id);
}

export function closeDrawer() {
  if (!open.id) return;
  clearTimeout(loading); // what is put off to read belongs to the visit that is open no more
  Object.assign(open, { kind: null, id: null, story: null });
  forgetContact();
  byId("drawer").hidden = true;
  delete document.body.dataset.drawer;
  if (before?.isConnected) before.focus({ preventScroll: true });
  on.closed();
}

/** Rows changed: draw again, and read the story on when there is more of it. */
export function refreshDrawer(changes) {
  if (!open.id) return;
  if (open.kind === "worker") { if (changes.all || changes.workers.has(open.id)) draw(); return; }
  if (!changes.all && !changes.visits.has(open.id) && !changes.exceptions) return;
  draw();
  const row = board.visits.get(open.id);
  if (row && row.version !== open.loadedVersion) load();
}

let loading = null;
function load() {
  clearTimeout(loading);
  loading = setTimeout(async () => {
    const id = open.id;
    const version = board.visits.get(id)?.version ?? 0;
    try {
      const answer = await getVisit(id);
      if (open.id !== id) return;
      Object.assign(open, { story: answer.story ?? [], failed: false, loadedVersion: version });
    } catch {
      if (open.id !== id) return;
      Object.assign(open, { failed: open.story === null, loadedVersion: version });
    }
    draw();
  }, open.story === null ? 0 : RELOAD_MS);
}

const draw = calmly(() => {
  if (!open.id) return;
  const row = open.kind === "visit" ? board.visits.get(open.id) : board.workers.get(open.id);
  if (!row) { closeDrawer(); return; }
  const focus = document.activeElement?.closest?.("#drawer") ? document.activeElement.dataset.focus : null;
  if (open.kind === "visit") drawVisit(row); else drawWorker(row);
  if (focus) byId("drawer").querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
});

function drawVisit(row) {
  wantRecipient(row.recipient_id);
  for (const id of row.worker_ids) wantWorker(id);
  const late = lateMinutes(row, now());
  byId("drawer").setAttribute("aria-label", t("drawer"));
  replace(byId("drawer-title"), recipientName(row.recipient_id) || t("recipient"),
    h("span.sub", {}, `${dongName(row.dong)} · ${serviceName(row)}`));
  replace(byId("drawer-state"), stateMark(row), needsPerson(row.visit_id) ? h("span.state.tone-person", {}, icon("person"), t("attention")) : null);
  replace(byId("drawer-body"),
    h("div.times", {},
      time(t("promised"), clockTime(row.due)),
      row.finished ? time(t("finished"), clockTime(row.finished), late) : isOpen(row) || row.expected ? time(t("expected"), clockTime(row.expected), late) : null,
      time(t("time_window"), `${clockTime(row.opens)}–${clockTime(row.closes)}`)),
    h("dl.facts", {}, visitFacts(row)),
    contactLines(row, draw),
    newRequest(row),
    recipientExclusions(row),
    h("h3", {}, t("story")),
    storyOf(row),
    h("p.mute.note", {}, t("names_logged")));
  const offered = [row.visit_id, isOpen(row), pendingOf(`v:${row.visit_id}`)?.phase, actionsSignature(row), language()].join("|");
  if (byId("drawer-actions").dataset.offered !== offered) { // a menu that is open in somebody's hand stays as it is
    byId("drawer-actions").dataset.offered = offered;
    replace(byId("drawer-actions"), visitActions(row));
  }
}

/** Another visit for the same person. */
function newRequest(row) {
  const one = { recipient_id: row.recipient_id, name: recipientName(row.recipient_id), dong: row.dong };
  if (row.guest_of || !(mayRequest(one) || emergencyButton(one))) return null;
  return h("p.new-request", {}, !mayRequest(one) ? null : h("button.small", { type: "button", dataset: { focus: "request", request: row.recipient_id }, onclick: () => openRequest(one, row) }, sayRequest("another")), " ", emergencyButton(one));
}

const time = (word, at, late = 0) => h("div", {}, h("span.mute", {}, word), h("b", {}, at),
  late ? h("span.late", {}, icon("late"), lateText(late)) : null);

function fact(word, ...value) {
  return [h("dt", {}, word), h("dd", {}, ...value)];
}

function wideFact(word, ...value) {
  return [h("dt", {}, word), h("dd.wide", {}, ...value)];
}

const suppliedFrom = (supplied) => t("supplied_from", {
  rung: reasonName(supplied.rung), who: claimantName(supplied.supplier), n: Math.round(supplied.after_s / 60), price: supplied.price_krw.toLocaleString(),
});

/** What is to be done there; once it is over, what was (✓) and what was left. */
function tasksOf(row) {
  const all = [...new Set([...(row.tasks ?? []), ...(row.tasks_done ?? [])])];
  const over = Boolean(row.finished);
  return all.map((task) => {
    const done = row.tasks_done?.includes(task);
    return h("span.task", { dataset: { done: String(Boolean(done)) } }, taskName(task), done ? " ✓" : over ? h("span.mute", {}, ` (${t("task_left")})`) : null);
  }).flatMap((one, i) => (i ? [", ", one] : [one]));
}

function visitFacts(row) {
  const workers = row.worker_ids.map((id) => h("button.link", { type: "button", dataset: { focus: `w:${id}` }, onclick: () => on.open("worker", id) },
    workerName(id) || id));
  return [
    fact(t("fact_reference"), row.reference),
    fact(t("fact_area"), areaName(row.area_id)),
    row.kitchen_id ? wideFact(t("fact_kitchen"), kitchenName(row.kitchen_id)) : null,
    wideFact(t("fact_worker"), workers.length ? workers.flatMap((w, i) => (i ? [", ", w] : [w])) : t(isOpen(row) ? "no_worker_yet" : "none"),
      row.organisation && workers.length ? h("span.mute", {}, ` · ${providerName(row.organisation)}`) : null, row.locked ? h("span.locked", {}, ` · ${label("event", "stop_locked")}`) : null),
    row.state === "cancelled" ? null : wideFact(t("fact_why"), whyOf(row), isOpen(row) && may("GET /v1/visits/{visit_id}/why") ? h("div", {}, whyDetails(row, draw)) : null),
    row.claim && !row.claim.outcome ? wideFact(t("fact_claim"), t("claim_open", { who: claimantName(row.claim.organisation), at: clockTime(Date.parse(row.claim.expires_at)) }))
      : row.open_to?.length ? wideFact(t("fact_claim"), t("claim_told", { n: row.open_to.length })) : null,
    row.supplied ? wideFact(t("fact_supplied"), suppliedFrom(row.supplied)) : null,
    row.guest_of ? wideFact(t("fact_guest"), districtNameOf(row.guest_of)) : null,
    row.owner ? wideFact(t("fact_owner"), actorName(row.owner)) : null,
    row.reason && row.reason !== row.state && saysWhy(row) && reasonName(row.reason) !== stateName(row) ? wideFact(t("fact_reason"), reasonName(row.reason)) : null,
    row.tasks?.length || row.tasks_done?.length ? wideFact(t("fact_tasks"), tasksOf(row)) : null,
    row.boxes_returned ? fact(t("fact_boxes_back"), t("boxes", { n: row.boxes_returned })) : null,
    row.priority !== 2 ? wideFact(t("fact_priority"), priorityWord(row.priority)) : null,
    row.requested_by ? wideFact(t("fact_requested_by"), actorName(row.requested_by)) : null,
  ];
}

// While all goes well the reason is only what the last step came by, and the story has that.
const saysWhy = (row) => !isOpen(row) || ["waiting", "no_answer"].includes(row.state);

const priorityWord = (priority) => t(`priority_${Math.min(3, Math.max(1, priority))}`);

function whyOf(row) {
  if (!hasWorker(row)) return t(isOpen(row) ? "why_none" : "why_nobody", { rung: rungName(row.rung) });
  if (row.helped_from) return t("why_helped", { area: areaName(row.helped_from), rung: rungName(Math.max(1, row.rung)) });
  return t("why_own");
}

// One act is told once: an offer and the visit's step that comes with it stand in the same record.
const ECHOES = { offered: ["offer_made"], offer_accepted: ["accepted"], offer_lapsed: ["offer_declined", "offer_expired", "offer_withdrawn"] };
const withoutEchoes = (story) => story.filter((line) =>
  !story.some((other) => other.offset === line.offset && ECHOES[line.event]?.includes(other.event)));

function storyOf(row) {
  if (open.failed) {
    return h("p.state-note", {}, t("story_failed"), " ", h("button.small", { type: "button", dataset: { focus: "retry" }, onclick: () => { open.failed = false; load(); } }, t("retry")));
  }
  if (open.story === null) return h("div.skeleton", { "aria-busy": "true" }, h("i"), h("i"), h("i"));
  if (!open.story.length) return h("p.mute", {}, t("story_empty"));
  return h("ol.story", {}, withoutEchoes(open.story).reverse().map((line) => {
    const reason = storyReason(line);
    const workers = line.worker_id ? line.worker_id.split(",") : []; // two, of a visit that two people make; or the other kitchen
    workers.filter((id) => !board.kitchens.has(id)).forEach(wantWorker);
    const worker = workers.map((id) => (board.kitchens.has(id) ? kitchenName(id) : workerName(id) || id)).join(", ");
    const by = [actorName(line.actor), worker].filter(Boolean).join(" · ");
    return h(`li${LOUD.includes(line.event) ? ".loud" : ""}`, { dataset: { event: line.event } },
      h("time", { datetime: line.at }, clockSeconds(Date.parse(line.at))),
      h("div", {}, h("b", {}, label("event", line.event)), reason && reason !== label("event", line.event) ? h("span.reason", {}, reason) : null,
        line.off_s ? h("span.reason.off", {}, t(line.off_s > 0 ? "phone_ahead" : "told_late", { n: Math.round(Math.abs(line.off_s) / 60) })) : null,
        h("div.mute", {}, [by, causeName(line.cause)].filter(Boolean).join(" ← "))));
  }));
}

function visitActions(row) {
  const key = `v:${row.visit_id}`;
  const action = pendingOf(key);
  const onMap = h("button.on-map", { type: "button", dataset: { focus: "map" }, onclick: () => on.map(row.visit_id) }, t("on_map"));
  if (!isOpen(row)) {
    if (action) queueMicrotask(() => forget(key));
    return [h("p.mute", {}, t("refused_closed")), moreActions(row), onMap];
  }
  if (action && action.phase !== "failed") {
    const counting = action.phase === "counting";
    return [h("span.doing", {}, counting ? action.label : t(action.phase === "sending" ? "sending" : "sent")),
      counting ? h("button", { type: "button", dataset: { focus: "undo", undo: key }, onclick: () => undo(key) }, t("undo_in", { n: action.left })) : null];
  }
  if (!may("POST /v1/visits/{visit_id}/cancel")) return [moreActions(row), onMap];
  const reasons = h("select", { "aria-label": t("cancel_reason"), dataset: { focus: "reason" } },
    CANCEL_REASONS.map((reason) => h("option", { value: reason }, label("reason", reason))));
  return [
    action ? h("span.failed", { role: "alert" }, action.problem.remedy) : null,
    reasons,
    h("button.cancel", { type: "button", dataset: { focus: "cancel" }, onclick: () => begin(key, t("about_cancel", { reason: label("reason", reasons.value) }),
      `/v1/visits/${encodeURIComponent(row.visit_id)}/cancel`, { reason: reasons.value }) }, t("cancel_visit")),
    previewOf(row, "v", t("cancel_visit"), "cancel", () => ({ reason: reasons.value })),
    moreActions(row),
    onMap,
  ];
}

function drawWorker(row) {
  wantWorker(row.worker_id);
  const profile = board.profiles.get(row.worker_id);
  byId("drawer").setAttribute("aria-label", t("worker_drawer"));
  replace(byId("drawer-title"), workerName(row.worker_id) || row.worker_id,
    h("span.sub", {}, `${t(`kind_${row.kind}`)} · ${providerName(row.organisation)}`));
  replace(byId("drawer-state"), h(`span.state.tone-${{ on: "way", out: "person", lost: "person" }[row.status] ?? "wait"}`, {}, icon(["out", "lost"].includes(row.status) ? "person" : "accepted"), t(`status_${row.status}`)));
  const stops = gather(row.stops);
  replace(byId("drawer-body"),
    h("dl.facts", {},
      fact(t("fact_area"), areaName(row.area_id)),
      fact(t("fact_mode"), label("mode", row.mode)),
      profile ? fact(t("fact_shift"), `${clockTime(Date.parse(profile.shift_start_at))}–${clockTime(Date.parse(profile.shift_end_at))}`) : null,
      row.onboard ? fact(t("legend_kitchen"), t("boxes_onboard", { n: row.onboard })) : null,
      row.rests.length ? wideFact(t("fact_rests"), row.rests.map((rest) => restText(rest, now())).join(" · ")) : null),
    workerContactLines(row, draw),
    credentialButton(row),
    workerExclusions(row),
    h("h3", {}, t("stops")),
    stops.length ? h("ol.story.stops", {}, stops.map(stopLine)) : h("p.mute", {}, t("no_stops")));
  replace(byId("drawer-actions"));
  byId("drawer-actions").dataset.offered = "";
}

// Forty boxes taken up at one kitchen are one line.
function gather(stops) {
  const lines = [];
  for (const stop of stops) {
    const last = lines.at(-1);
    if (stop.kind === "pickup" && last?.kind === "pickup" && kitchenOf(last) === kitchenOf(stop)) last.count += 1;
    else lines.push({ ...stop, count: 1 });
  }
  return lines;
}

// Boxes of somebody who cannot go on are taken up where they are, not at the kitchen.
function kitchenOf(stop) {
  const kitchen = board.kitchens.get(board.visits.get(stop.visit_id)?.kitchen_id);
  const there = kitchen && kitchen.place.x === stop.place.x && kitchen.place.y === stop.place.y;
  return there ? kitchenName(kitchen.kitchen_id) : t("from_colleague");
}

function stopLine(stop) {
  const visit = board.visits.get(stop.visit_id);
  if (visit && stop.kind !== "pickup") wantRecipient(visit.recipient_id);
  const late = visit && stop.kind !== "pickup" ? Math.max(0, Math.round((stop.begin - visit.due) / 60000)) : 0;
  return h("li", {}, h("time", {}, clockTime(stop.begin)), h("div", {},
    stop.kind === "pickup" || !visit
      ? h("b", {}, t("pickup_of", { kitchen: kitchenOf(stop), n: stop.count }))
      : h("button.link", { type: "button", dataset: { focus: `s:${stop.visit_id}` }, onclick: () => on.open("visit", stop.visit_id) }, recipientName(visit.recipient_id) || visit.reference),
    visit && stop.kind !== "pickup" ? h("div.mute", {}, `${dongName(visit.dong)} · ${serviceName(visit)} · ${clockTime(visit.due)}`,
      late ? h("span.late", {}, icon("late"), lateText(late)) : null) : null));
}
