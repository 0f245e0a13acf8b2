// The living areas side by side: who waits where, and who is on shift there. Every number is a click to its visits.

import { byId, h, redraw } from "./dom.js";
import { filter } from "./filters.js";
import { clockTime, decimal, whole } from "./format.js";
import { board, needsPerson } from "./store.js";
import { lateMinutes, phaseOf } from "./states.js";
import { label, t } from "./texts.js";
import { areaName, providerName } from "./words.js";

const HEADINGS = { wait: "col_open", way: "col_way", done: "legend_done", late: "late" };
const MOST_LINES = 3; // the next ones; the API has them all
const SLOT_MS = 1800000; // the balance looks at half hours

/** "meal", or "care+housing_help": which work nobody can be found for. */
const groupName = (group) => (group === "meal" ? t("meals") : group.split("+").slice(1).map((skill) => label("service", skill)).join(", ") || t("care"));

/** Half hours that follow each other, short of the same work for the same reason, as one stretch with the most that is short in it. */
function stretchesOf(shorts) {
  const found = [];
  for (const { group, why, workers, from_at } of shorts) {
    const from = Date.parse(from_at);
    const before = found.find((one) => one.group === group && one.why === why && one.until === from);
    if (before) Object.assign(before, { until: from + SLOT_MS, workers: Math.max(before.workers, workers) });
    else found.push({ group, why, workers, from, until: from + SLOT_MS });
  }
  return found;
}

/** What the area balance of the newest plan says about an area, from now on: who is wanted there, and what stays short. */
function balanceLines(id, now) {
  const helps = (board.counters?.helps ?? []).filter((row) => row.area_id === id && Date.parse(row.until_at) > now);
  const shorts = (board.counters?.shorts ?? []).filter((row) => row.area_id === id && Date.parse(row.from_at) + SLOT_MS > now);
  return [
    ...helps.map((row) => t("help_wanted", {
      area: areaName(row.home_area_id), n: whole(row.worker_ids.length),
      from: clockTime(Date.parse(row.from_at)), until: clockTime(Date.parse(row.until_at)),
    })),
    ...stretchesOf(shorts).map((row) => t("workers_short", {
      what: groupName(row.group), n: decimal(row.workers), from: clockTime(row.from), until: clockTime(row.until), why: t(`short_${row.why}`),
    })),
  ].slice(0, MOST_LINES);
}

/** A number that leads to the visits it counts: those, and no others. `what`: the heading of its column. */
const numbers = (onPick) => (id, what, n, which) => h("td", {}, n ? h(`button.link${what === "late" ? ".tone-risk" : ""}`, {
  type: "button", dataset: { focus: `${what}:${id}` }, "aria-label": `${areaName(id)}, ${t(HEADINGS[what])}: ${whole(n)}`,
  onclick: () => onPick({ state: "", late: "", ...which, area: id }),
}, whole(n)) : "0");

/** `onPick(patch)`: the filter changes by these keys. */
export function drawAreas(now, onPick) {
  const number = numbers(onPick);
  const rows = new Map([...board.areas.keys()].map((id) => [id, { wait: 0, way: 0, done: 0, late: 0, needs: 0, on: 0 }]));
  for (const visit of board.visits.values()) {
    const row = rows.get(visit.area_id);
    if (!row) continue;
    const phase = phaseOf(visit.state);
    if (phase) row[phase] += 1;
    if (lateMinutes(visit, now) > 0) row.late += 1; // as the counter and the filter have it: also who was late and is done
    if (needsPerson(visit.visit_id)) row.needs += 1;
  }
  for (const worker of board.workers.values()) if (worker.status === "on" && rows.has(worker.area_id)) rows.get(worker.area_id).on += 1;
  redraw(byId("areas-rows"), [...rows].map(([id, row], i) => h("tr", { class: filter.area === id ? "picked" : "", dataset: { area: id } },
    h("th", { scope: "row" }, h("button.link", {
      type: "button", "aria-pressed": String(filter.area === id), dataset: { focus: `area:${id}` }, onclick: () => onPick({ area: filter.area === id ? "" : id }),
    }, h(`i.swatch.area-${i % 6}`), h("span", {}, areaName(id))), h("span.enterprise", {}, providerName(board.areas.get(id).responsible_enterprise)),
      ...balanceLines(id, now).map((line) => h("span.enterprise.balance", {}, line))),
    ["wait", "way", "done"].map((phase) => number(id, phase, row[phase], { state: phase })), number(id, "late", row.late, { late: "1" }),
    h("td", {}, whole(row.on)))));
}
