// What a worker holds (trainings, tests, equipment) with its validity: a logged look; what is missing is recorded, what does not hold withdrawn.

import { now } from "./clock.js";
import { confirmThat } from "./confirm.js";
import { say } from "./credential_texts.js";
import { h } from "./dom.js";
import { isoDay } from "./format.js";
import { workerName } from "./names.js";
import { recordDialog } from "./record_dialog.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { hasLabel, label } from "./texts.js";
import { providerName } from "./words.js";

const READ = "GET /v1/workers/{worker_id}/credentials";
const RECORD = "POST /v1/workers/{worker_id}/credentials";
const WITHDRAW = "POST /v1/workers/{worker_id}/credentials/{code}/withdraw";
const YEAR_MS = 365 * 24 * 3600000;

const pathOf = (row, what = "") => `/v1/workers/${encodeURIComponent(row.worker_id)}/credentials${what}`;
const word = (code) => (hasLabel("reason", code) ? label("reason", code) : code);

const dialog = recordDialog("credentials", {
  title: (row) => [say("open"), [workerName(row.worker_id) || row.worker_id, providerName(row.organisation)].join(" · ")],
  pathOf,
  content: (row, items, chosen) => [held(row, items), may(RECORD) && codes(items).length ? recording(row, items, chosen) : null],
  note: () => say("note"),
});

/** The button in a worker's drawer; null for who may not look. */
export const credentialButton = (row) => (may(READ)
  ? h("p.new-request", {}, h("button.small", { type: "button", dataset: { focus: "credentials", credentials: row.worker_id }, onclick: () => dialog.open(row) }, say("open"))) : null);

/** Whatever a programme of this district asks for, and what the worker holds. */
function codes(items) {
  const asked = (board.config.programmes ?? []).flatMap((one) => [...(one.requires ?? []), ...(one.posting?.requires ?? [])]).map((one) => one.code);
  return [...new Set([...asked, ...items.map((one) => one.code)])].sort();
}

const stateOf = (one) => (Date.parse(one.valid_until_at) < now() ? "lapsed" : Date.parse(one.issued_at) > now() ? "to_come" : "valid");

function held(row, items) {
  if (!items.length) return h("p.mute", {}, say("none"));
  return h("ul.credentials", {}, items.map((one) => h("li", { dataset: { credential: one.code } },
    h("span", {}, h("b", {}, word(one.code)), " ", h(`span.state.tone-${{ valid: "done", lapsed: "person", to_come: "wait" }[stateOf(one)]}`, {}, say(stateOf(one))),
      h("span.mute", {}, ` ${say("held", { from: isoDay(Date.parse(one.issued_at)), until: isoDay(Date.parse(one.valid_until_at)) })}`)),
    may(WITHDRAW) ? h("button.small.quiet", { type: "button", dataset: { withdraw: one.code }, onclick: () => withdraw(row, one) }, say("withdraw")) : null)));
}

function recording(row, items, chosen) {
  const field = (name, words, at) => h("label", {}, h("span", {}, words), h("input", { type: "date", name, id: `credential-${name}`, required: true, value: chosen[name] ?? isoDay(at) }));
  return h("form", { onsubmit: (event) => record(event, row, items) }, h("label", {}, h("span", {}, say("code")), h("select", { name: "code", id: "credential-code" },
    codes(items).map((code) => h("option", { value: code, selected: code === chosen.code }, word(code))))),
  h("div.request-times", {}, field("issued", say("issued"), now()), field("until", say("until"), now() + YEAR_MS)),
  h("div.request-say", {}, h("button.primary", { type: "submit", id: "credential-record", dataset: { focus: "send" } }, say("record"))));
}

/** An edit names what was read: what somebody else has set meanwhile is not overwritten. */
const matchOf = (there) => (there ? `"${there.version}"` : undefined);

function record(event, row, items) {
  event.preventDefault();
  const chosen = Object.fromEntries(new FormData(event.currentTarget));
  const there = items.find((one) => one.code === chosen.code);
  const body = { code: chosen.code, issued_at: `${chosen.issued}T00:00:00+09:00`, valid_until_at: `${chosen.until}T23:59:59+09:00` };
  dialog.send(pathOf(row), body, say("recorded"), { chosen, match: matchOf(there) });
}

async function withdraw(row, one) {
  if (!await confirmThat(say("withdraw_title"), [word(one.code), say("withdraw_follows")], say("withdraw"))) return;
  dialog.send(pathOf(row, `/${encodeURIComponent(one.code)}/withdraw`), { reason: "office" }, say("recorded"), { match: matchOf(one) });
}
