// The operator opens a crisis programme (긴급돌봄지원단) for dates, with a budget and a stock of equipment, changes these, or closes it.

import { calmly } from "./calm.js";
import { choice, say, stateOf } from "./disruptions.js";
import { byId, h, replace } from "./dom.js";
import { onPending, pendingOf } from "./pending.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { label, language, onLanguage, t } from "./texts.js";

const OPERATION = "POST /v1/programmes/{programme_id}/switch-on";
const DAYS = 30; // an opened programme is usually for a month
const STALE = ["version_conflict", "if_match_missing"]; // somebody else has set it meanwhile
let built = "";
let touched = false; // somebody has typed into it since it was drawn: what others set meanwhile does not take that away
let ended = null; // the last action that was answered

const switched = () => (board.config?.programmes ?? []).filter((one) => one.switched);

/** Whether this person may open one here. */
export const mayOpen = () => switched().length > 0 && may(OPERATION);

export const drawProgrammeForm = calmly(() => {
  if (!board.config) return;
  byId("programme-say").hidden = !mayOpen();
  if (!mayOpen()) return;
  const action = pendingOf("y:programme");
  if (action && action !== ended && (action.phase === "sent" || (action.phase === "failed" && STALE.includes(action.problem.code)))) {
    ended = action;
    touched = false;
  }
  const versions = (board.counters?.programmes ?? []).map((one) => `${one.programme_id}:${one.version}`).join();
  const signature = `${language()}/${board.config.district}/${board.config.version}/${versions}`;
  if (built !== signature && !touched) {
    built = signature;
    replace(byId("programme-form"), form());
  }
  replace(byId("programme-state"), stateOf("programme"));
});

/** Everything that a visit or a day of a posting under it takes. */
function itemsOf(programme) {
  return [...new Set([...Object.keys(programme.visit_equipment ?? {}), ...Object.keys(programme.posting?.day_equipment ?? {})])].sort();
}

function dayAfter(date, days) {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

function form() {
  const fields = h("span.programme-fields", {});
  const which = choice("programme", t("programme_which"), switched().map((one) => [one.programme_id, language() === "ko" ? one.name_ko : one.name_en || one.name_ko]));
  const made = h("form", { onsubmit: open, oninput: () => { touched = true; } }, h("b", {}, t("programme_title")), which, fields,
    h("button.small", { type: "submit" }, t("programme_open")), " ",
    h("button.small.quiet", { type: "button", onclick: (event) => close(event, made) }, t("programme_close")),
    h("span", { id: "programme-state", role: "status" }));
  const select = made.querySelector("select");
  select.addEventListener("change", () => {
    touched = false;
    replace(fields, fieldsOf(select.value));
  });
  replace(fields, fieldsOf(select.value));
  return made;
}

/** As it is now, or as a new one usually is; with the version that it is drawn from. */
function fieldsOf(programmeId) {
  const programme = switched().find((one) => one.programme_id === programmeId);
  const row = (board.counters?.programmes ?? []).find((one) => one.programme_id === programmeId);
  const now = row?.is_on ? row : null;
  const today = board.config.service_date;
  const field = (name, words, attributes) => h("label", {}, h("span.mute", {}, words), " ", h("input", { name, required: true, ...attributes }));
  return [h("input", { name: "version", type: "hidden", value: row ? `"${row.version}"` : "" }), field("from", t("programme_from"), { type: "date", value: now?.from_date ?? today }),
    field("until", t("programme_until"), { type: "date", value: now?.until_date ?? dayAfter(today, DAYS) }),
    field("budget", t("programme_budget_krw"), { type: "number", min: 0, step: 10000, value: now?.budget_krw ?? "" }),
    itemsOf(programme).map((item) => field(`stock/${item}`, t("programme_stock_of", { item: label("reason", item) }),
      { type: "number", min: 0, step: 1, value: now?.stock[item] ?? 0 }))];
}

function open(event) {
  const chosen = new FormData(event.currentTarget);
  const stock = Object.fromEntries([...chosen].filter(([name]) => name.startsWith("stock/")).map(([name, count]) => [name.slice(6), Number(count)]));
  say(event, "programme", t("programme_open"), pathOf(chosen, "switch-on"), () => ({
    from_date: chosen.get("from"), until_date: chosen.get("until"), budget_krw: Number(chosen.get("budget")), stock,
  }), chosen.get("version") || undefined);
}

function close(event, made) {
  const chosen = new FormData(made);
  say(event, "programme", t("programme_close"), pathOf(chosen, "switch-off"), () => ({ reason: "over" }), chosen.get("version") || undefined);
}

const pathOf = (chosen, what) => `/v1/programmes/${encodeURIComponent(chosen.get("programme"))}/${what}`;

onPending(drawProgrammeForm);
onLanguage(drawProgrammeForm);
