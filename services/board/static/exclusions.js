// Who is not to meet whom, from the side of a recipient (in a visit's drawer) or of a worker: who said so, why, since when; lifted, or said anew.

import { confirmThat } from "./confirm.js";
import { h } from "./dom.js";
import { say } from "./exclusion_texts.js";
import { dateText } from "./format.js";
import { recipientName, wantRecipient, wantWorker, workerName } from "./names.js";
import { recordDialog } from "./record_dialog.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { label } from "./texts.js";
import { tradeOf, workerChoices } from "./worker_choices.js";

const READ = { recipient: "GET /v1/recipients/{recipient_id}/exclusions", worker: "GET /v1/workers/{worker_id}/exclusions" };
const EXCLUDE = "POST /v1/exclusions";
const LIFT = "POST /v1/exclusions:lift";
const WHY = ["not_on_good_terms", "unsafe_home", "difficult_case", "office"];

const nameOf = { recipient: (id) => recipientName(id) || id, worker: (id) => workerName(id) || id };

// `of`: {side, id, row}; the row of the visit, where it is a visit's recipient
const dialog = recordDialog("exclusions", {
  title: ({ side, id }) => [say(`of_${side}`), nameOf[side](id)],
  pathOf: ({ side, id }) => `/v1/${side}s/${encodeURIComponent(id)}/exclusions`,
  want: (of, items) => {
    for (const one of items) { wantRecipient(one.recipient_id); wantWorker(one.worker_id); }
    for (const one of sendable(of)) wantWorker(one.worker_id);
  },
  content: (of, items, chosen) => [held(of, items), form(of, items, chosen)],
  note: () => say("note"),
});

const button = (side, id, row) => (may(READ[side]) && !row.guest_of
  ? h("p.new-request", {}, h("button.small", { type: "button", dataset: { focus: "exclusions", exclusions: id }, onclick: () => dialog.open({ side, id, row }) }, `${say(`of_${side}`)}…`)) : null);

/** The button in a visit's drawer, and in a worker's; null for who may not look. */
export const recipientExclusions = (row) => button("recipient", row.recipient_id, row);
export const workerExclusions = (row) => button("worker", row.worker_id, row);

function held({ side }, items) {
  if (!items.length) return h("p.mute", {}, say(`none_of_${side}`));
  const other = side === "recipient" ? "worker" : "recipient";
  return h("ul.credentials", {}, items.map((one) => h("li", { dataset: { exclusion: one[`${other}_id`] } },
    h("span", {}, h("b", {}, nameOf[other](one[`${other}_id`])), " ",
      h("span.mute", {}, [say(`by_${one.by}`), one.reason ? label("reason", one.reason) : say("listed"), say("since", { date: dateText(Date.parse(one.since_at), true) })].join(" · "))),
    may(LIFT) ? h("button.small.quiet", { type: "button", dataset: { lift: one[`${other}_id`] }, onclick: () => lift(one) }, say("lift")) : null)));
}

/** Who might be sent there: the trade of the visit that is open, its own worker first. */
function sendable({ side, row }) {
  if (side !== "recipient" || !may(EXCLUDE)) return [];
  return [...board.workers.values()].filter((one) => one.kind === tradeOf(row));
}

function form(of, items, chosen) {
  const there = new Set(items.map((one) => one.worker_id));
  const workers = sendable(of).filter((one) => !there.has(one.worker_id));
  if (!workers.length) return null;
  const own = (one) => of.row.worker_ids.includes(one.worker_id);
  const select = (name, words, options) => h("label", {}, h("span", {}, words), h("select", { name, id: `exclusion-${name}` },
    options.map(([value, shown]) => h("option", { value, selected: value === chosen[name] }, shown))));
  return h("form", { onsubmit: (event) => exclude(event, of) }, h("h3", {}, say("exclude")),
    select("worker_id", say("worker"), [...workerChoices(workers.filter(own)), ...workerChoices(workers.filter((one) => !own(one)))]),
    select("by", say("by"), [["recipient", say("recipient_side")], ["worker", say("worker_side")]]),
    select("reason", say("why"), WHY.map((code) => [code, label("reason", code)])),
    h("p.mute", {}, say("follows")),
    h("div.request-say", {}, h("button.primary", { type: "submit", id: "exclusion-send", dataset: { focus: "send" } }, say("exclude"))));
}

function exclude(event, of) {
  event.preventDefault();
  const chosen = Object.fromEntries(new FormData(event.currentTarget));
  dialog.send("/v1/exclusions", { recipient_id: of.id, ...chosen }, say("excluded"), { chosen });
}

async function lift(one) {
  const pair = say("lift_pair", { recipient: nameOf.recipient(one.recipient_id), worker: nameOf.worker(one.worker_id) });
  if (!await confirmThat(say("lift_title"), [pair, say("lift_follows")], say("lift"))) return;
  dialog.send("/v1/exclusions:lift", { recipient_id: one.recipient_id, worker_id: one.worker_id }, say("lifted"));
}
