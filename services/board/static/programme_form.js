// The operator opens a crisis programme (긴급돌봄지원단) for dates, with a budget and a stock of equipment, changes these, or closes it.

import { calmly } from "./calm.js";
import { choice, say, stateOf } from "./disruptions.js";
import { byId, h, replace } from "./dom.js";
import { onPending } from "./pending.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { label, language, onLanguage, t } from "./texts.js";

const OPERATION = "POST /v1/programmes/{programme_id}/switch-on";
const DAYS = 30; // an opened programme is usually for a month
let built = "";

const switched = () => (board.config?.programmes ?? []).filter((one) => one.switched);

/** Whether this person may open one here. */
export const mayOpen = () => switched().length > 0 && may(OPERATION);

export const drawProgrammeForm = calmly(() => {
  if (!board.config) return;
  byId("programme-say").hidden = !mayOpen();
  if (!mayOpen()) return;
  const signature = `${language()}/${board.config.district}/${board.config.version}`;
  if (built !== signature) {
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
  const made = h("form", { onsubmit: open }, h("b", {}, t("programme_title")), which, fields,
    h("button.small", { type: "submit" }, t("programme_open")), " ",
    h("button.small.quiet", { type: "button", onclick: (event) => close(event, made) }, t("programme_close")),
    h("span", { id: "programme-state", role: "status" }));
  const select = made.querySelector("select");
  select.addEventListener("change", () => replace(fields, fieldsOf(select.value)));
  replace(fields, fieldsOf(select.value));
  return made;
}

/** As it is now, or as a new one usually is. */
function fieldsOf(programmeId) {
  const programme = switched().find((one) => one.programme_id === programmeId);
  const now = (board.counters?.programmes ?? []).find((one) => one.programme_id === programmeId && one.is_on);
  const today = board.config.service_date;
  const field = (name, words, attributes) => h("label", {}, h("span.mute", {}, words), " ", h("input", { name, required: true, ...attributes }));
  return [field("from", t("programme_from"), { type: "date", value: now?.from_date ?? today }),
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
  }));
}

function close(event, made) {
  say(event, "programme", t("programme_close"), pathOf(new FormData(made), "switch-off"), () => ({ reason: "over" }));
}

const pathOf = (chosen, what) => `/v1/programmes/${encodeURIComponent(chosen.get("programme"))}/${what}`;

onPending(drawProgrammeForm);
onLanguage(drawProgrammeForm);
