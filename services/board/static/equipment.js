// Equipment out of a crisis programme's stock: what is left, what was given to whom and when; handed to a worker, who holds it until it lapses.

import { newKey } from "./api.js";
import { h } from "./dom.js";
import { say } from "./equipment_texts.js";
import { clockTime, dateText, whole } from "./format.js";
import { wantWorker, workerName } from "./names.js";
import { recordDialog } from "./record_dialog.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { label, language } from "./texts.js";
import { workerChoices } from "./worker_choices.js";

const READ = "GET /v1/programmes/{programme_id}/equipment";
const ISSUE = "POST /v1/programmes/{programme_id}/equipment";
const USUAL = "protective_equipment";
let once = ""; // one handing out, however often it has to be sent

const word = (code) => label("reason", code);
const pathOf = (programmeId) => `/v1/programmes/${encodeURIComponent(programmeId)}/equipment`;
const rowOf = (programmeId) => (board.counters?.programmes ?? []).find((one) => one.programme_id === programmeId);
const mayIssue = (row) => may(ISSUE) && row.is_on;
const countsOf = (row) => Object.entries(row.stock).map(([item, count]) => ({ item, count, left: Math.max(0, count - (row.booked_equipment[item] ?? 0)) }));

const dialog = recordDialog("equipment", {
  title: (id) => { const row = rowOf(id); return [say(row && mayIssue(row) ? "open" : "read"), row ? (language() === "ko" ? row.name_ko : row.name_en || row.name_ko) : id]; },
  pathOf,
  want: (id, items) => {
    for (const one of items) wantWorker(one.worker_id);
    if (rowOf(id) && mayIssue(rowOf(id))) for (const one of board.workers.values()) wantWorker(one.worker_id);
  },
  content: (id, items, chosen) => { const row = rowOf(id); return row ? [stock(row), mayIssue(row) ? form(row, chosen) : null, given(items)] : given(items); },
  note: () => say("note"),
});

/** The button under a programme; null for who may not look, or where there is no stock. */
export const equipmentButton = (row) => (may(READ) && Object.keys(row.stock).length
  ? h("div", {}, h("button.small", { type: "button", dataset: { focus: `equipment:${row.programme_id}`, equipment: row.programme_id }, onclick: () => open(row) }, say(mayIssue(row) ? "open" : "read"))) : null);

function open(row) {
  once = newKey();
  dialog.open(row.programme_id);
}

const stock = (row) => h("p", {}, h("b", {}, say("stock")), " ", countsOf(row).map(({ item, count, left }) => say("left", { item: word(item), left: whole(left), count: whole(count) })).join(" · "));

function given(items) {
  return [h("h3", {}, say("given")), items.length ? h("ul.credentials", {}, [...items].reverse().map((one) => h("li", { dataset: { issue: one.issue_id } },
    h("span", {}, h("b", {}, workerName(one.worker_id) || one.worker_id), " ", Object.entries(one.items).map(([item, count]) => `${word(item)} ${whole(count)}`).join(", "),
      h("span.mute", {}, ` ${dateText(Date.parse(one.issued_at), true)} ${clockTime(Date.parse(one.issued_at))}`))))) : h("p.mute", {}, say("none"))];
}

/** What may be asked of who serves under it; the equipment itself first. */
function codes(row) {
  const programme = (board.config.programmes ?? []).find((one) => one.programme_id === row.programme_id);
  return [...new Set([USUAL, ...(programme?.requires ?? []).map((one) => one.code), ...(programme?.posting?.requires ?? []).map((one) => one.code)])];
}

function form(row, chosen) {
  const select = (name, words, options) => h("label", {}, h("span", {}, words), h("select", { name, id: `equipment-${name}`, required: true },
    options.map(([value, shown]) => h("option", { value, selected: value === chosen[name] }, shown))));
  return h("form", { onsubmit: (event) => issue(event, row) },
    select("worker_id", say("worker"), workerChoices([...board.workers.values()])),
    h("div.request-times", {}, countsOf(row).map(({ item, left }) => h("label", {}, h("span", {}, say("count_of", { item: word(item), left: whole(left) })),
      h("input", { type: "number", name: `item/${item}`, min: 0, max: left, step: 1, value: chosen[`item/${item}`] ?? 0, disabled: !left })))),
    select("credential", say("credential"), codes(row).map((code) => [code, word(code)])),
    h("label", {}, h("span", {}, say("until")), h("input", { type: "date", name: "until", id: "equipment-until", required: true, value: chosen.until ?? row.until_date })),
    h("div.request-say", {}, h("button.primary", { type: "submit", id: "equipment-send", dataset: { focus: "send" } }, say("send"))));
}

async function issue(event, row) {
  event.preventDefault();
  const chosen = Object.fromEntries(new FormData(event.currentTarget));
  const items = Object.fromEntries(Object.entries(chosen).filter(([name, count]) => name.startsWith("item/") && Number(count) > 0).map(([name, count]) => [name.slice(5), Number(count)]));
  if (!Object.keys(items).length) { dialog.refuse(say("nothing"), chosen); return; }
  const body = { worker_id: chosen.worker_id, items, credential: chosen.credential, valid_until_at: `${chosen.until}T23:59:59+09:00` };
  if (await dialog.send(pathOf(row.programme_id), body, say("sent"), { chosen, once })) once = newKey();
}
