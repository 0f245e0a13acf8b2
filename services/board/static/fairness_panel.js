// The week's fair shares: what each worker was given and earned, and how offers went to each organisation.

import { byId, h, replace } from "./dom.js";
import { decimal, percent, whole } from "./format.js";
import { wantWorker, workerName } from "./names.js";
import { board } from "./store.js";
import { t } from "./texts.js";
import { providerName } from "./words.js";

const sum = (rows, key) => rows.reduce((total, row) => total + (row.week[key] ?? 0), 0);
const COLUMNS = ["fair_worker", "fact_organisation", "fair_visits", "fair_hours", "fair_today", "fair_distance", "fair_income", "fair_offered", "fair_declined", "fair_silent"];

export function drawFairness() {
  if (!board.loaded) return;
  const workers = [...board.workers.values()].filter((row) => row.week?.week)
    .sort((a, b) => b.week.active_s - a.week.active_s || a.worker_id.localeCompare(b.worker_id));
  if (!workers.length) { replace(byId("fairness")); return; }
  for (const row of workers) wantWorker(row.worker_id);
  const kinds = ["rider", "carer"].map((kind) => workers.filter((row) => row.kind === kind)).filter((rows) => rows.length);
  replace(byId("fairness"), h("article.sheet", {},
    h("h2", {}, t("fair_title", { week: workers[0].week.week })), h("p.mute", {}, t("fair_note")),
    h("div.sheet-columns", {}, kinds.map(organisations)),
    h("section.not-done", {}, h("table.lines", {}, h("thead", {}, h("tr", {}, COLUMNS.map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, workers.map(workerLine))))));
}

/** Share of the offers beside the share of the people: apart by much, somebody is passed over. */
function organisations(rows) {
  const names = [...new Set(rows.map((row) => row.organisation))].sort();
  const offered = sum(rows, "offered");
  return h("section", {}, h("h3", {}, t(`fair_${rows[0].kind}s`)), h("table", {}, h("tbody", {}, names.map((name) => {
    const own = rows.filter((row) => row.organisation === name);
    return h("tr", { dataset: { organisation: name } }, h("th", { scope: "row" }, providerName(name)),
      h("td", {}, t("fair_share", { offered: offered ? percent(sum(own, "offered") / offered) : "–", people: percent(own.length / rows.length) })));
  }))));
}

function workerLine(row) {
  const week = row.week;
  return h("tr", { dataset: { worker: row.worker_id } },
    h("td", {}, workerName(row.worker_id) || row.worker_id), h("td", {}, providerName(row.organisation)), h("td", {}, whole(week.visits)),
    h("td", {}, decimal(week.active_s / 3600)), h("td", {}, week.fair_today_s === null || week.fair_today_s === undefined ? "–" : decimal(week.fair_today_s / 3600)),
    h("td", {}, decimal(week.distance_m / 1000)), h("td", {}, whole(week.income_krw)),
    h("td", {}, `${whole(week.offered)} / ${whole(week.accepted)}`), h("td", {}, whole(week.declined)), h("td", {}, whole(week.silent)));
}
