// What an order would do, in the place of its button and before anything is sent: who would have the visit, which others change
// hands or move, what is broken all the same; or what is in the way. Asked of the dispatcher; with the row's next version it is gone.

import { keyOf, pathOf, whatToDo } from "./act.js";
import { call } from "./api.js";
import { h, replace } from "./dom.js";
import { clockTime, lateText } from "./format.js";
import { namesSettled, onNames, recipientName, wantRecipient, wantWorker, workerName } from "./names.js";
import { ruleWord, say } from "./preview_texts.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { language, onLanguage, t } from "./texts.js";
import { serviceName } from "./words.js";

const MOST = 8; // the rest is a number

const none = { key: "", visitId: "", order: "", of: "", body: "", answer: null, problem: null };
let seen = { ...none };

/** Whether what was asked under this key is still of this row. */
export const isPreviewed = (row, kind) => seen.key === keyOf(row, kind) && seen.of === stateOf(row);

/** What people see of a row that an order is given on: a lock or a pin alone is no new version. */
const stateOf = (row) => (row ? [row.version, row.state, row.locked, row.pinned_id, ...row.worker_ids].join("|") : "");
const places = () => [...document.querySelectorAll("[data-preview]")];
const placeOf = (key) => places().find((place) => place.dataset.preview === key);

/** The button and the place of the answer. `words`: the order's own; `order`: the last part of its path; `body()`: what it would be sent with. */
export function previewOf(row, kind, words, order, body) {
  if (!may(`POST /v1/visits/{visit_id}/${order}:preview`)) return null;
  const key = keyOf(row, kind);
  const place = h("div.preview", { role: "status", dataset: { preview: key } });
  if (seen.key === key && (seen.of !== stateOf(row) || seen.body !== JSON.stringify(body()))) seen = none; // it was of another version, or of another choice
  draw(place);
  return [h("button.small.quiet", { type: "button", "aria-label": `${say("preview")}: ${words}`, dataset: { focus: `${kind}:preview`, previews: order }, onclick: () => ask(row, key, order, body()) }, say("preview")), place];
}

async function ask(row, key, order, body) {
  const mine = { ...none, key, visitId: row.visit_id, order, of: stateOf(row), body: JSON.stringify(body) };
  show(mine);
  try {
    const answer = await call("POST", pathOf(row, `${order}:preview`), body);
    for (const id of [...answer.preview.worker_ids, ...answer.preview.moved.slice(0, MOST + 1).flatMap((one) => [...one.from_worker_ids, ...one.until_worker_ids])]) wantWorker(id);
    for (const one of answer.preview.moved.slice(0, MOST + 1)) wantRecipient(board.visits.get(one.visit_id)?.recipient_id);
    await namesSettled();
    mine.answer = answer;
  } catch (problem) {
    mine.problem = problem;
  }
  if (seen !== mine) return;
  show(stateOf(board.visits.get(mine.visitId)) === mine.of ? mine : none); // it changed meanwhile
  placeOf(key)?.scrollIntoView({ block: "nearest" });
}

function show(one) {
  seen = one;
  for (const place of places()) draw(place);
}

// What was answered is of what was chosen: another choice beside it, and it is gone.
addEventListener("change", (event) => {
  if (placeOf(seen.key)?.parentElement.contains(event.target)) show(none);
});
for (const again of [onNames, onLanguage]) again(() => places().forEach(draw));

function draw(place) {
  if (place.dataset.preview !== seen.key) replace(place);
  else if (seen.problem) replace(place, h("p.failed", {}, whatToDo(seen.problem)));
  else if (!seen.answer) replace(place, h("p.mute", { "aria-busy": "true" }, say("asking")));
  else replace(place, told(seen.answer));
}

function told({ preview, now_at: at }) {
  if (preview.outcome === "refused") {
    const rules = [...new Set(preview.rules.map(ruleWord))];
    return h("p.failed", {}, [preview.remedy?.[language()] ?? say("refused"), rules.join(", ")].filter(Boolean).join(" · "));
  }
  const others = preview.moved.filter((one) => one.visit_id !== seen.visitId);
  return [
    h("p", {}, h("b", {}, itself(preview))),
    others.length ? h("p.mute", {}, say("moves")) : preview.hidden ? null : h("p.mute", {}, say("moves_none")),
    others.length ? h("ul", {}, others.slice(0, MOST).map(line), others.length > MOST ? h("li.mute", {}, say("more", { n: others.length - MOST })) : null) : null,
    preview.hidden ? h("p.mute", {}, say("hidden", { n: preview.hidden })) : null,
    seen.order === "let-plan-decide" && preview.outcome !== "duplicate" ? h("p.mute", {}, say("plan_may")) : null,
    preview.rules.length ? h("p", {}, say("broken", { list: [...new Set(preview.rules.map(ruleWord))].join(", ") })) : null,
    h("p.mute", {}, say("as_of", { at: clockTime(Date.parse(at)) }))];
}

const names = (ids) => ids.map((id) => workerName(id) || id).join(", ");

function itself(preview) {
  if (preview.outcome === "duplicate") return say("duplicate");
  if (preview.state === "cancelled") return say("cancelled");
  if (!preview.worker_ids.length) return say("nobody");
  const who = names(preview.worker_ids);
  return preview.begin_at ? say("by_worker", { who, at: clockTime(Date.parse(preview.begin_at)) }) : say("by_worker_now", { who });
}

const instant = (text) => (text ? Date.parse(text) : null);

/** One visit that moves: whose it is, both times, how late it would be, and who had it and would have it. */
function line(one) {
  const row = board.visits.get(one.visit_id);
  const [from, until] = [instant(one.from_at), instant(one.until_at)];
  const late = row && until ? Math.round((until - row.due) / 60000) : 0;
  const hands = names(one.from_worker_ids) === names(one.until_worker_ids) ? "" : `${names(one.from_worker_ids) || say("nobody_word")} → ${names(one.until_worker_ids) || say("nobody_word")}`;
  return h("li", { dataset: { moved: one.visit_id } },
    [row ? `${recipientName(row.recipient_id) || row.reference} ${serviceName(row)}` : one.visit_id, " "],
    h("span.num", {}, `${clockTime(from)} → ${clockTime(until)}`),
    from && until ? h("span.mute", {}, ` (${difference(until - from)})`) : null,
    late > 0 ? [" ", h("span.late", {}, lateText(late))] : null, hands ? h("div.mute", {}, hands) : null);
}

const difference = (ms) => `${ms < 0 ? "\u2212" : "+"}${t("minutes", { n: Math.max(1, Math.round(Math.abs(ms) / 60000)) })}`;
