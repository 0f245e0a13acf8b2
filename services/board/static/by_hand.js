// A visit given to a worker whom the plan did not offer: what is in the way is named, and what may be broken is, with a reason.
// And what an organisation said by telephone: that it takes a need which is open to it (연계 수임).

import { failure, keyOf, pathOf, progress, select } from "./act.js";
import { say } from "./action_texts.js";
import { h, replace } from "./dom.js";
import { namesSettled, wantWorker } from "./names.js";
import { begin, pendingOf } from "./pending.js";
import { isPreviewed, previewOf } from "./preview.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { label, t } from "./texts.js";
import { providerName } from "./words.js";
import { tradeOf, workerChoices } from "./worker_choices.js";

const ASSIGN = "POST /v1/visits/{visit_id}/assign";
const CLAIM = "POST /v1/visits/{visit_id}/claims";
const MAY_BE_GIVEN = ["waiting", "planned", "offered", "accepted"]; // what has begun stays with its worker
const WHY = ["recipient_asked", "nobody", "office"];

const whoCould = (row) => [...board.workers.values()].filter((one) => one.kind === tradeOf(row) && !row.worker_ids.includes(one.worker_id)
  && ["on", "off"].includes(one.status));

/** The rules that kept it from being given, when each of them may be broken for a reason. */
function mayBeWaived(action) {
  const rules = [...new Set((action?.problem?.rules ?? []).map(String))];
  const breakable = board.config.policy?.breakable_rules ?? [];
  return rules.length && rules.every((rule) => breakable.includes(rule)) ? rules : null;
}

export function byHandAction(row) {
  if (!may(ASSIGN) || !MAY_BE_GIVEN.includes(row.state) || row.worker_ids.length > 1) return null;
  const under = progress(row, "h");
  if (under) return under;
  const action = pendingOf(keyOf(row, "h"));
  const waive = action?.phase === "failed" ? mayBeWaived(action) : null;
  const place = h("div.more-actions", {});
  const details = h("details.more-actions", { name: "orders", open: Boolean(action) || isPreviewed(row, "h") }, h("summary", { dataset: { focus: "h:more" } }, `${say("by_hand")}…`), failure(action), place);
  const fill = async () => { // names are asked for only when somebody wants to choose
    if (!details.open) return;
    const all = whoCould(row);
    for (const one of all) wantWorker(one.worker_id);
    await namesSettled();
    if (!all.length) { replace(place, h("span.mute", {}, say("by_hand_nobody"))); return; }
    const who = select("h", "what", say("by_hand"), workerChoices(all));
    if (action) who.value = action.body.worker_id;
    const why = select("h", "why", t("fact_reason"), WHY.map((code) => [code, label("reason", code)]));
    const order = (more) => ({ worker_id: who.value, reason: why.value, ...more, expected_version: row.version });
    const give = (more) => begin(keyOf(row, "h"), `${say("by_hand")}: ${who.selectedOptions[0].textContent}`, pathOf(row, "assign"), order(more));
    const anyway = waive && h("button", { type: "button", dataset: { focus: "h:anyway", act: "waive" }, onclick: () => give({ waive }) }, say("by_hand_anyway", { rules: waive.map((rule) => label("rule", rule)).join(", ") }));
    if (anyway) who.addEventListener("change", () => { anyway.hidden = who.value !== action.body.worker_id; }); // it is about that worker
    replace(place, who, why, h("button", { type: "button", dataset: { focus: "h:do", act: "assign" }, onclick: () => give({}) }, say("by_hand_give")), anyway,
      previewOf(row, "h", say("by_hand"), "assign", () => order(anyway && !anyway.hidden ? { waive } : {})));
  };
  details.addEventListener("toggle", fill);
  return details;
}

export function claimAction(row) {
  if (!may(CLAIM) || !row.open_to?.length || (row.claim && !row.claim.outcome)) return null;
  const under = progress(row, "o");
  if (under) return under;
  const action = pendingOf(keyOf(row, "o"));
  const who = select("o", "what", say("claim"), row.open_to.map((id) => [id, providerName(id)]));
  return h("details.more-actions", { name: "orders", open: Boolean(action) }, h("summary", { dataset: { focus: "o:more" } }, `${say("claim")}…`), failure(action),
    h("div.more-actions", {}, who, h("button", { type: "button", dataset: { focus: "o:do", act: "claims" }, onclick: () => {
      begin(keyOf(row, "o"), `${say("claim")}: ${who.selectedOptions[0].textContent}`, pathOf(row, "claims"), { organisation: who.value, district: board.config.district });
    } }, say("claim_write"))));
}
