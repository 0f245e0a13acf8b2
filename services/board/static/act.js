// One thing that a person does about one visit: while it waits, is sent and is decided, what went wrong, and its button.

import { h } from "./dom.js";
import { begin, forget, pendingOf, undo } from "./pending.js";
import { isPreviewed, previewOf } from "./preview.js";
import { label, t } from "./texts.js";

export const keyOf = (row, kind) => `${kind}:${row.visit_id}`;
export const pathOf = (row, what) => `/v1/visits/${encodeURIComponent(row.visit_id)}/${what}`;

/** What a person can do about it, and the rules that stand in the way where there are any. */
export function whatToDo(problem) {
  const rules = [...new Set((problem.rules ?? []).map((rule) => label("rule", String(rule).split(":")[0])))];
  return [problem.remedy ?? t("error_generic"), rules.join(", ")].filter(Boolean).join(" · ");
}

export const failure = (action) => (action?.phase === "failed" ? h("span.failed", { role: "alert" }, whatToDo(action.problem)) : null);

/** What stands in the place of the buttons while the action is under way; null when it is not. */
export function progress(row, kind) {
  const key = keyOf(row, kind);
  const action = pendingOf(key);
  // Decided meanwhile: what follows from it stands in the row, and the next order may come.
  if (action?.phase === "sent" && action.body.expected_version !== row.version) queueMicrotask(() => forget(key));
  if (!action || action.phase === "failed") return null;
  return h("div.more-actions", {}, h("span.doing", {}, action.phase === "counting" ? action.label : t(action.phase === "sending" ? "sending" : "sent")),
    action.phase === "counting" ? h("button", { type: "button", dataset: { focus: `undo:${kind}` }, onclick: () => undo(key) }, t("undo_in", { n: action.left })) : null);
}

export const select = (kind, name, words, options) => h("select", { "aria-label": words, dataset: { focus: `${kind}:${name}` } },
  options.map(([value, shown]) => h("option", { value }, shown)));

/** Choices, reasons and the button; with some seconds to take it back. */
export function act(row, kind, words, choices, reasons, path, body) {
  const under = progress(row, kind);
  if (under) return under;
  const action = pendingOf(keyOf(row, kind));
  const what = choices.length ? select(kind, "what", words, choices) : null;
  const why = reasons.length ? select(kind, "why", t("fact_reason"), reasons.map((code) => [code, label("reason", code)])) : null;
  const order = () => ({ ...body(what?.value, why?.value), expected_version: row.version });
  const button = h("button", { type: "button", dataset: { focus: `${kind}:do`, act: path }, onclick: () => begin(keyOf(row, kind), [words, what?.selectedOptions[0].textContent].filter(Boolean).join(": "),
    pathOf(row, path), order()) }, words);
  if (!what) return h("div.more-actions", {}, failure(action), button, previewOf(row, kind, words, path, order));
  return h("details.more-actions", { name: "orders", open: Boolean(action) || isPreviewed(row, kind) }, h("summary", { dataset: { focus: `${kind}:more` } }, `${words}…`), failure(action),
    h("div.more-actions", {}, what, why, button, previewOf(row, kind, words, path, order)));
}
