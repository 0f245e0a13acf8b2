// What one has ordered here in the last ten minutes and may take back: the server keeps how the visits were before. Kept for
// this tab (ids only), so that a reload does not lose it.

import { failure } from "./act.js";
import { say } from "./action_texts.js";
import { onCommand } from "./api.js";
import { now } from "./clock.js";
import { h } from "./dom.js";
import { clockTime } from "./format.js";
import { beginNow, forget, pendingOf } from "./pending.js";
import { may, whoAmI } from "./session.js";
import { board } from "./store.js";
import { label, t } from "./texts.js";

const UNDO = "POST /v1/commands/{command_id}/undo";
const KEPT = "dolbom.orders";
const ORDERS = { assign: "AssignVisit", forbid: "ForbidWorker", swap: "SwapVisits", "let-plan-decide": "LetPlanDecide", lock: "LockStop", cancel: "CancelVisit", call: "RecordCall" };
const NOT_BEGUN = ["waiting", "planned", "offered", "accepted", "cancelled"]; // what has begun is not taken back
const UNDO_S = 600;

const keyOf = (order) => `u:${order.command_id}`;

let orders = read();

function read() {
  try { return JSON.parse(sessionStorage.getItem(KEPT)) ?? []; } catch { return []; }
}

function keep(all) {
  orders = all;
  try { sessionStorage.setItem(KEPT, JSON.stringify(orders)); } catch { /* a full or forbidden store: known until the page is left */ }
}

onCommand((path, body, answer) => {
  const [, visitId, what] = path.match(/^\/v1\/visits\/([^/]+)\/([a-z-]+)$/) ?? [];
  if (!ORDERS[what] || !answer?.command_id || answer.repeated || answer.outcome === "duplicate" || (what === "call" && body.wish !== "not_today")) return;
  const order = { command_id: answer.command_id, what, visit_ids: [decodeURIComponent(visitId), body.other_visit_id].filter(Boolean), district: board.config.district,
    by: whoAmI()?.actor, at: now(), until: now() + (board.config.policy?.undo_s ?? UNDO_S) * 1000 };
  keep([order, ...orders.filter((one) => one.until > now() && one.command_id !== order.command_id)]);
});

/** The orders about this visit that can still be taken back, the last one first. */
const of = (row) => (may(UNDO) && NOT_BEGUN.includes(row.state)
  ? orders.filter((one) => one.visit_ids.includes(row.visit_id) && one.until > now() && one.by === whoAmI()?.actor) : []);

export const undoSignature = (row) => of(row).map((one) => [one.command_id, pendingOf(keyOf(one))?.phase]).join();

export function undoAction(row) {
  return of(row).map((order) => {
    const key = keyOf(order);
    const action = pendingOf(key);
    if (action?.phase === "sent") queueMicrotask(() => { keep(orders.filter((one) => one !== order)); forget(key); });
    if (action && action.phase !== "failed") return h("div.more-actions", {}, h("span.doing", {}, t(action.phase)));
    return h("div.more-actions", {}, failure(action),
      h("button", { type: "button", dataset: { focus: `undo:${order.command_id}`, undone: order.command_id }, onclick: () => {
        beginNow(key, say("undo_order"), `/v1/commands/${encodeURIComponent(order.command_id)}/undo`, { district: order.district });
      } }, `${say("undo_order")}: ${label("cause", ORDERS[order.what])}`),
      h("span.mute", {}, say("undo_times", { at: clockTime(order.at), until: clockTime(order.until) })));
  });
}
