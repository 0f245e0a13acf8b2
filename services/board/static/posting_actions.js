// A posting (입소 파견): who goes is named, or it is ended. Whoever may not go is refused with everything in the way.

import { whatToDo } from "./act.js";
import { say } from "./action_texts.js";
import { confirmThat } from "./confirm.js";
import { h, replace } from "./dom.js";
import { namesSettled, wantWorker } from "./names.js";
import { begin, beginNow, forget, pendingOf, undo } from "./pending.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { label, t } from "./texts.js";
import { workerChoices } from "./worker_choices.js";

const ASSIGN = "POST /v1/postings/{posting_id}/assign";
const END = "POST /v1/postings/{posting_id}/end";
const WHY_ENDED = ["recipient_asked", "office"];

const keyOf = (row) => `posting:${row.posting_id}`;
const pathOf = (row, what) => `/v1/postings/${encodeURIComponent(row.posting_id)}/${what}`;

export const postingSignature = (row) => [pendingOf(keyOf(row))?.phase, pendingOf(keyOf(row))?.left, may(ASSIGN)];

export function postingActions(row) {
  const action = pendingOf(keyOf(row));
  if (action?.phase === "sent" && action.body.worker_id && action.body.worker_id === row.worker_id) queueMicrotask(() => forget(keyOf(row)));
  if (action && action.phase !== "failed") {
    return h("span.enterprise", { role: "status" }, action.phase === "counting"
      ? h("button.small", { type: "button", dataset: { focus: `${keyOf(row)}:undo` }, onclick: () => undo(keyOf(row)) }, t("undo_in", { n: action.left }))
      : h("span.mute", {}, t(action.phase)));
  }
  return [action ? h("span.failed.enterprise", { role: "alert" }, whatToDo(action.problem)) : null,
    row.state === "waiting" && may(ASSIGN) ? assigning(row) : null, may(END) ? ending(row) : null];
}

function assigning(row) {
  const place = h("div.more-actions", {});
  const details = h("details.more-actions", {}, h("summary", { dataset: { focus: `${keyOf(row)}:assign` } }, `${say("posting_assign")}…`), place);
  details.addEventListener("toggle", async () => {
    if (!details.open) return;
    const carers = [...board.workers.values()].filter((one) => one.kind === "carer");
    for (const one of carers) wantWorker(one.worker_id);
    await namesSettled();
    const options = workerChoices(carers);
    const who = h("select", { "aria-label": say("posting_assign"), dataset: { focus: `${keyOf(row)}:who` } }, options.map(([value, words]) => h("option", { value }, words)));
    replace(place, options.length ? [who, h("button.small", { type: "button", dataset: { focus: `${keyOf(row)}:send`, posting: "assign" }, onclick: () => {
      begin(keyOf(row), say("posting_assign"), pathOf(row, "assign"), { district: board.config.district, worker_id: who.value });
    } }, say("posting_send"))] : h("span.mute", {}, say("posting_no_carer")));
  });
  return details;
}

function ending(row) {
  const why = h("select", { "aria-label": t("fact_reason"), dataset: { focus: `${keyOf(row)}:why` } }, WHY_ENDED.map((code) => h("option", { value: code }, label("reason", code))));
  return h("details.more-actions", {}, h("summary", { dataset: { focus: `${keyOf(row)}:end` } }, `${say("posting_end")}…`),
    h("div.more-actions", {}, why, h("button.small", { type: "button", dataset: { posting: "end", focus: `${keyOf(row)}:do` }, onclick: async () => {
      const reason = why.value;
      if (await confirmThat(say("posting_end"), [say(row.state === "under_way" ? "posting_end_now" : "posting_end_before"), say("posting_for_ever")], say("posting_end"))) {
        beginNow(keyOf(row), say("posting_end"), pathOf(row, "end"), { district: board.config.district, reason });
      }
    } }, say("posting_end"))));
}
