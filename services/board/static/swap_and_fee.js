// Two workers exchange their visits; a visit that nobody wants is paid more.

import { failure, keyOf, pathOf, progress, select } from "./act.js";
import { say } from "./action_texts.js";
import { confirmThat } from "./confirm.js";
import { h, replace } from "./dom.js";
import { clockTime, whole } from "./format.js";
import { namesSettled, recipientName, wantRecipient, wantWorker, workerName } from "./names.js";
import { begin, beginNow, pendingOf } from "./pending.js";
import { isPreviewed, previewOf } from "./preview.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { dongName, serviceName } from "./words.js";

const SWAP = "POST /v1/visits/{visit_id}/swap";
const FEE = "POST /v1/visits/{visit_id}/raise-fee";
const MOST = 20; // the nearest in time
const UNWANTED = ["requested", "waiting", "planned", "offered"];
const STEP_KRW = 500;
const USUAL_KRW = 2000;

const workerOf = (row) => (row.worker_ids.length === 1 ? row.worker_ids[0] : "");

/** Visits of other workers of the same trade that have not begun, the nearest in time first. */
function others(row, states) {
  const kind = board.workers.get(workerOf(row))?.kind;
  return [...board.visits.values()]
    .filter((one) => states.includes(one.state) && workerOf(one) && workerOf(one) !== workerOf(row) && board.workers.get(workerOf(one))?.kind === kind)
    .sort((a, b) => Math.abs(a.due - row.due) - Math.abs(b.due - row.due) || (a.visit_id < b.visit_id ? -1 : 1)).slice(0, MOST);
}

const shown = (one) => [clockTime(one.due), workerName(workerOf(one)) || workerOf(one), "–", recipientName(one.recipient_id) || one.reference,
  dongName(one.dong), serviceName(one)].join(" ");

export function swapAction(row, states) {
  if (!may(SWAP) || !workerOf(row)) return null;
  const under = progress(row, "s");
  if (under) return under;
  const action = pendingOf(keyOf(row, "s"));
  const place = h("div.more-actions", {});
  const details = h("details.more-actions", { name: "orders", open: Boolean(action) || isPreviewed(row, "s") }, h("summary", { dataset: { focus: "s:more" } }, `${say("swap")}…`), failure(action), place);
  const fill = async () => { // names are asked for only when somebody wants to choose
    if (!details.open) return;
    const all = others(row, states);
    if (!all.length) { replace(place, h("span.mute", {}, say("swap_nobody"))); return; }
    for (const one of all) { wantRecipient(one.recipient_id); wantWorker(workerOf(one)); }
    await namesSettled();
    const which = select("s", "what", say("swap_with"), all.map((one) => [one.visit_id, shown(one)]));
    const order = () => ({ other_visit_id: which.value, expected_version: row.version });
    replace(place, h("span.mute", {}, say("swap_with")), which, h("button", { type: "button", dataset: { focus: "s:do", act: "swap" }, onclick: () => {
      begin(keyOf(row, "s"), say("swap"), pathOf(row, "swap"), order());
    } }, say("swap")), previewOf(row, "s", say("swap"), "swap", order));
  };
  details.addEventListener("toggle", fill);
  return details;
}

export function feeAction(row) {
  if (!may(FEE) || !UNWANTED.includes(row.state)) return null;
  const action = pendingOf(keyOf(row, "m"));
  const raised = action?.phase === "sent"; // pay alone is no new version of the visit: it is told here, and may be raised again
  const under = raised ? null : progress(row, "m");
  if (under) return under;
  const krw = h("input", { type: "number", min: STEP_KRW, max: 1000000, step: STEP_KRW, value: USUAL_KRW, required: true, "aria-label": say("fee_krw"), dataset: { focus: "m:krw" } });
  const raise = async (event) => {
    event.preventDefault();
    const extra = Number(krw.value);
    if (await confirmThat(say("fee"), [say("fee_confirm", { krw: whole(extra) }), say("fee_for_ever")], say("fee"))) {
      beginNow(keyOf(row, "m"), say("fee"), pathOf(row, "raise-fee"), { extra_krw: extra, reason: "nobody", expected_version: row.version });
    }
  };
  return h("details.more-actions", { name: "orders", open: Boolean(action) }, h("summary", { dataset: { focus: "m:more" } }, `${say("fee")}…`), failure(action),
    raised ? h("span.mute", { role: "status" }, say("fee_raised", { krw: whole(action.body.extra_krw) })) : null,
    h("form.more-actions", { onsubmit: raise }, h("label", {}, h("span.mute", {}, say("fee_krw")), " ", krw),
      h("button", { type: "submit", dataset: { focus: "m:do", act: "raise-fee" } }, say("fee"))));
}
