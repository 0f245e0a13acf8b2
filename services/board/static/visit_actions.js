// What the window may still do about one visit beyond cancelling it: take a mistaken end back, lock it where it is, rule its worker out,
// leave to the plan again what people said, swap two workers, assign by hand, pay more for what nobody wants, or take an order back.

import { act, keyOf } from "./act.js";
import { byHandAction, claimAction } from "./by_hand.js";
import { feeAction, swapAction } from "./swap_and_fee.js";
import { workerName } from "./names.js";
import { forget, pendingOf } from "./pending.js";
import { may } from "./session.js";
import { label, t } from "./texts.js";
import { undoAction, undoSignature } from "./undoable.js";

const CORRECT = "POST /v1/visits/{visit_id}/correct";
const FORBID = "POST /v1/visits/{visit_id}/forbid";
const LOCK = "POST /v1/visits/{visit_id}/lock";
const RELEASE = "POST /v1/visits/{visit_id}/let-plan-decide";
const ENDS = { done: ["open", "failed"], failed: ["done", "open"], cancelled: ["open"], handed_over: ["done", "open"] };
const WHY_CORRECTED = ["mis_tap", "told_by_recipient", "office"];
const WHY_FORBIDDEN = ["recipient_asked", "not_on_good_terms", "office"];
export const MAY_BE_TAKEN = ["planned", "offered", "accepted"]; // who has set out is telephoned first
const KINDS = ["c", "f", "l", "k", "s", "m", "h", "o"];

/** What changes the buttons: the drawer builds them anew only then. */
export const actionsSignature = (row) => [row.state, row.version, row.locked, row.pinned_id, ...row.worker_ids.map((id) => workerName(id)), undoSignature(row), row.open_to?.join(), row.claim?.claim_id,
  ...KINDS.map((kind) => [pendingOf(keyOf(row, kind))?.phase, pendingOf(keyOf(row, kind))?.left])].join("|");

export function moreActions(row) {
  return [undoAction(row), correcting(row), locking(row), aboutWorker(row), MAY_BE_TAKEN.includes(row.state) ? swapAction(row, MAY_BE_TAKEN) : null,
    byHandAction(row), claimAction(row), feeAction(row)];
}

function correcting(row) {
  if (!ENDS[row.state] || !may(CORRECT)) return null;
  return act(row, "c", t("correct"), ENDS[row.state].map((end) => [end, t(`correct_${end}`)]), WHY_CORRECTED, "correct",
    (end, reason) => ({ outcome: end, reason }));
}

/** It stays with its worker and at its place on their way; leaving it to the plan again unlocks it. */
function locking(row) {
  const done = row.locked ? "k" : "l"; // ordered and done: it may be ordered again, though the visit is of the same version
  if (pendingOf(keyOf(row, done))?.phase === "sent") queueMicrotask(() => forget(keyOf(row, done)));
  if (!MAY_BE_TAKEN.includes(row.state) || row.locked || !row.worker_ids.length || !may(LOCK)) return null;
  return act(row, "k", t("lock_stop"), [], [], "lock", () => ({}));
}

function aboutWorker(row) {
  if (!MAY_BE_TAKEN.includes(row.state)) return null;
  if ((row.pinned_id || row.locked) && may(RELEASE)) return act(row, "l", label("event", "plan_decides"), [], [], "let-plan-decide", () => ({}));
  if (row.worker_ids.length !== 1 || !may(FORBID)) return null;
  return act(row, "f", t("forbid"), row.worker_ids.map((id) => [id, t("forbid_who", { who: workerName(id) || id })]), WHY_FORBIDDEN, "forbid",
    (worker_id, reason) => ({ worker_id, reason }));
}
