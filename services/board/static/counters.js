// Counters that add up: all = requested + waiting + ... They are counted from the very rows the list shows.

import { append, byId, h, icon, setText } from "./dom.js";
import { filter, isFiltered, passesButState } from "./filters.js";
import { whole } from "./format.js";
import { board, needsPerson } from "./store.js";
import { GROUPS, groupOf, isOfFilter, lateMinutes } from "./states.js";
import { groupLabel, onLanguage, t } from "./texts.js";

const cells = new Map();
let total = null;
let bar = null;
const segments = new Map();

/** `onPick(patch)`: the filter changes by these keys. */
export function startCounters(onPick) {
  const strip = byId("counters");
  total = cell("all", "", () => onPick({ state: "", late: "", needs: "" }));
  strip.append(total.root, h("span.sum-sign", { "aria-hidden": "true" }, "="));
  const sum = h("div.sum", { role: "group" });
  for (const group of GROUPS) {
    const made = cell(group.id, group.tone, () => onPick({ state: filter.state === group.id ? "" : group.id }), group.icon);
    cells.set(group.id, made);
    sum.append(made.root);
  }
  strip.append(sum, h("span.among", { dataset: { t: "among" } }));
  for (const [id, tone, sign] of [["late", "risk", "late"], ["needs", "person", "person"]]) {
    const made = cell(id, tone, () => onPick({ [id]: filter[id] ? "" : "1" }), sign);
    made.root.classList.add("cross");
    cells.set(id, made);
    strip.append(made.root);
  }
  bar = h("div.day-bar", { "aria-hidden": "true" });
  for (const group of GROUPS) {
    const part = h(`span.tone-${group.tone}`, { dataset: { group: group.id } });
    segments.set(group.id, part);
    bar.append(part);
  }
  strip.after(bar);
  nameCells();
  onLanguage(nameCells);
}

function cell(id, tone, onclick, sign) {
  const number = h("b.n");
  const word = h("span.word");
  const root = h(`button.counter${tone ? `.tone-${tone}` : ""}`, {
    type: "button", onclick, "aria-pressed": "false", dataset: { counter: id },
  });
  append(root, [number, h("span.what", {}, sign ? icon(sign) : null, word)]);
  return { root, number, word };
}

function nameCells() {
  for (const group of GROUPS) setText(cells.get(group.id).word, groupLabel(group.id));
  setText(cells.get("late").word, t("late"));
  setText(cells.get("needs").word, t("needs"));
}

export function drawCounters(now) {
  const counts = Object.fromEntries(GROUPS.map((group) => [group.id, 0]));
  let all = 0;
  let late = 0;
  let needs = 0;
  for (const row of board.visits.values()) {
    if (!passesButState(row, now)) continue;
    all += 1;
    counts[groupOf(row.state)] += 1;
    if (filter.state && !isOfFilter(groupOf(row.state), filter.state)) continue;
    if (lateMinutes(row, now) > 0) late += 1;
    if (needsPerson(row.visit_id)) needs += 1;
  }
  setText(total.number, whole(all));
  setText(total.word, isFiltered() && all !== board.visits.size ? t("of_all", { n: whole(board.visits.size) }) : t("all"));
  total.root.setAttribute("aria-pressed", String(!filter.state));
  for (const group of GROUPS) {
    const { root, number } = cells.get(group.id);
    const n = counts[group.id];
    setText(number, whole(n));
    root.classList.toggle("zero", n === 0);
    root.setAttribute("aria-pressed", String(isOfFilter(group.id, filter.state)));
    segments.get(group.id).style.flexGrow = String(n);
    segments.get(group.id).hidden = n === 0;
  }
  for (const [id, n] of [["late", late], ["needs", needs]]) {
    const { root, number } = cells.get(id);
    setText(number, whole(n));
    root.classList.toggle("zero", n === 0);
    root.setAttribute("aria-pressed", String(Boolean(filter[id])));
  }
}
