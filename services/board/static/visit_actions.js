// What the window may still do about one visit beyond cancelling it: take a mistaken end back, rule its worker out, or leave to
// the plan again what was assigned by hand. Each can be undone for some seconds; a refusal is said where it was asked for.

import { h } from "./dom.js";
import { workerName } from "./names.js";
import { begin, forget, pendingOf, undo } from "./pending.js";
import { may } from "./session.js";
import { label, t } from "./texts.js";

const CORRECT = "POST /v1/visits/{visit_id}/correct";
const FORBID = "POST /v1/visits/{visit_id}/forbid";
const RELEASE = "POST /v1/visits/{visit_id}/let-plan-decide";
const ENDS = { done: ["open", "failed"], failed: ["done", "open"], cancelled: ["open"], handed_over: ["done", "open"] };
const WHY_CORRECTED = ["mis_tap", "told_by_recipient", "office"];
const WHY_FORBIDDEN = ["recipient_asked", "not_on_good_terms", "office"];
const MAY_BE_TAKEN = ["planned", "offered", "accepted"]; // who has set out is telephoned first

/** What changes the buttons: the drawer builds them anew only then. */
export const actionsSignature = (row) => [row.state, row.version, ...row.worker_ids.map((id) => workerName(id)),
  ...["c", "f", "l"].map((kind) => [pendingOf(`${kind}:${row.visit_id}`)?.phase, pendingOf(`${kind}:${row.visit_id}`)?.left])].join("|");

export function moreActions(row) {
  const correcting = ENDS[row.state] && may(CORRECT);
  const ruling = MAY_BE_TAKEN.includes(row.state) && row.worker_ids.length === 1 && may(FORBID);
  if (correcting) return act(row, "c", t("correct"), ENDS[row.state].map((end) => [end, t(`correct_${end}`)]), WHY_CORRECTED, "correct",
    (end, reason) => ({ outcome: end, reason }));
  const held = row.pinned_id && MAY_BE_TAKEN.includes(row.state) && may(RELEASE);
  if (held) return act(row, "l", label("event", "plan_decides"), [], [], "let-plan-decide", () => ({}));
  if (ruling) return act(row, "f", t("forbid"), row.worker_ids.map((id) => [id, t("forbid_who", { who: workerName(id) || id })]), WHY_FORBIDDEN, "forbid",
    (worker_id, reason) => ({ worker_id, reason }));
  return null;
}

function act(row, kind, words, choices, reasons, path, body) {
  const key = `${kind}:${row.visit_id}`;
  const action = pendingOf(key);
  // Decided meanwhile: what follows from it stands in the row, and the next order may come.
  if (action?.phase === "sent" && action.body.expected_version !== row.version) queueMicrotask(() => forget(key));
  if (action && action.phase !== "failed") {
    return h("div.more-actions", {}, h("span.doing", {}, action.phase === "counting" ? action.label : t(action.phase === "sending" ? "sending" : "sent")),
      action.phase === "counting" ? h("button", { type: "button", dataset: { focus: `undo:${kind}` }, onclick: () => undo(key) }, t("undo_in", { n: action.left })) : null);
  }
  const select = (name, words_, options) => (options.length ? h("select", { "aria-label": words_, dataset: { focus: `${kind}:${name}` } },
    options.map(([value, shown]) => h("option", { value }, shown))) : null);
  const what = select("what", words, choices);
  const why = select("why", t("fact_reason"), reasons.map((code) => [code, label("reason", code)]));
  const failed = action ? h("span.failed", { role: "alert" }, action.problem.remedy ?? t("error_generic")) : null;
  const button = h("button", { type: "button", dataset: { focus: `${kind}:do`, act: path }, onclick: () => begin(key, [words, what?.selectedOptions[0].textContent].filter(Boolean).join(": "),
      `/v1/visits/${encodeURIComponent(row.visit_id)}/${path}`, { ...body(what?.value, why?.value), expected_version: row.version }) }, words);
  if (!what) return h("div.more-actions", {}, failed, button);
  return h("details.more-actions", { open: Boolean(action) }, h("summary", { dataset: { focus: `${kind}:more` } }, `${words}…`), failed,
    h("div.more-actions", {}, what, why, button));
}
