// 일일 마감표: every request of the day in exactly one class. On the page, and on A4 with the boxes for signatures.

import { now } from "./clock.js";
import { byId, h, icon, redraw, replace } from "./dom.js";
import { clockSeconds, clockTime, dateText, decimal, lateText, percent, whole } from "./format.js";
import { recipientName, workerName } from "./names.js";
import { board } from "./store.js";
import { POINTS } from "./point_texts.js";
import { label, pick, t } from "./texts.js";
import { actorName, areaName, districtName, dongName, providerName, reasonName, serviceName, stateName } from "./words.js";

const CLASSES = [["done", "done", "done"], ["cancelled", "cancelled", "wait"], ["failed", "failed", "person"], ["handed_over", "handed_over", "person"], ["open", "waiting", "way"]];
let onPick = () => {};
export const startLedger = (pick) => { onPick = pick; };

export function drawLedger() {
  if (!board.loaded) return;
  redraw(byId("ledger"), board.ledger ? sheet(board.ledger, false) : h("p.state-note", {}, t("ledger_empty")));
}

const ledgerDay = (ledger) => (ledger.service_date ? Date.parse(`${ledger.service_date}T00:00:00+09:00`) : now());

function sheet(ledger, printed) {
  const balanced = ledger.unaccounted === 0;
  const number = (name, value, pick) => (printed || !pick || !value ? h("b", {}, `${whole(value)}${t("count_unit")}`)
    : h("button.link", { type: "button", onclick: () => onPick(pick) }, h("b", {}, `${whole(value)}${t("count_unit")}`)));
  const line = (word, value) => h("tr", {}, h("th", { scope: "row" }, word), h("td", {}, value));
  const words = { done: { state: "done" }, cancelled: { state: "cancelled" }, failed: { state: "failed" }, handed_over: { state: "handed_over" }, open: { state: "open" } };
  return h("article.sheet", {},
    h("header.sheet-head", {},
      h("div", {}, h("h2", {}, `${districtName()} ${t("ledger_title")}`), h("p.mute", {}, `${dateText(ledgerDay(ledger), true)} · ${t(ledger.closed ? "ledger_closed" : "ledger_open")}`)),
      h("table.sign-off.print-only", {}, h("tbody", {}, h("tr", {}, h("th", { rowspan: 2 }, t("sign_off")), ["sign_made", "sign_checked", "sign_approved"].map((key) => h("td", {}, t(key)))),
        h("tr.boxes", {}, h("td"), h("td"), h("td"))))),
    h(`p.balance.tone-${balanced ? "done" : "person"}`, {}, icon(balanced ? "done" : "person"),
      balanced ? t("ledger_balanced") : t("ledger_unbalanced", { n: ledger.unaccounted })),
    h("div.equation", {}, h("span", {}, number("visits", ledger.visits, { state: "" }), h("small", {}, t("ledger_visits"))), h("i", {}, "="),
      CLASSES.map(([key, sign, tone], i) => [i ? h("i", {}, "+") : null,
        h(`span.tone-${tone}${ledger[key] ? "" : ".none"}`, {}, number(key, ledger[key], words[key]), h("small", {}, icon(sign), classWord(key)))])),
    h("div.sheet-columns", {},
      h("section", {}, h("h3", {}, t("ledger_quality")), h("table", {}, h("tbody", {},
        line(t("on_time_share"), percent(ledger.on_time_share)), line(t("lateness_mean"), decimal(ledger.lateness_mean_min, t("unit_min"))),
        line(t("lateness_p95"), decimal(ledger.lateness_p95_min, t("unit_min"))), line(t("travel_per_visit"), decimal(ledger.travel_per_visit_min, t("unit_min"))),
        line(t("helped_share"), percent(ledger.helped_share)), line(t("click_to_door"), decimal(ledger.click_to_door_mean_min, t("unit_min"))),
        line(t("ready_to_pickup"), decimal(ledger.ready_to_pickup_mean_min, t("unit_min"))), line(t("per_busy_hour"), decimal(ledger.orders_per_busy_hour, ""))))),
      h("section", {}, h("h3", {}, t("ledger_failed")), breakdown(ledger.failed_by_reason, reasonName),
        h("h3", {}, t("ledger_unmet", { n: whole(ledger.unmet_needs ?? 0) })), breakdown(ledger.unmet_by_reason, (rule) => label("rule", rule)),
        h("h3", {}, t("ledger_handed")), breakdown(ledger.handed_over_to, actorName),
        someOf(ledger.disruptions) ? [h("h3", {}, t("ledger_broken")), breakdown(ledger.disruptions, (code) => label("broken", code))] : null,
        ledger.claims || someOf(ledger.supplied_by_rung) ? [h("h3", {}, t("ledger_help")), h("p", {}, t("ledger_claims", {
          made: whole(ledger.claims ?? 0), confirmed: whole(ledger.claims_confirmed ?? 0), krw: whole(ledger.help_price_krw ?? 0),
        })), breakdown(ledger.supplied_by_rung, reasonName)] : null,
        someOf(ledger.eligibility) ? [h("h3", {}, t("ledger_eligibility")), breakdown(ledger.eligibility, (code) => t(`ledger_${code}`))] : null,
        someOf(ledger.crisis) ? [h("h3", {}, t("programmes")), h("p", {}, t("ledger_crisis", {
          visits: whole(ledger.crisis.visits), postings: whole(ledger.crisis.postings), krw: whole(ledger.crisis.booked_krw),
        }))] : null),
      h("section", {}, h("h3", {}, t("ledger_plan")), h("table", {}, h("tbody", {}, line(t("plans_proposed"), whole(ledger.plans_proposed)),
        line(t("plans_adopted"), whole(ledger.plans_adopted)), line(t("visits_moved"), whole(ledger.visits_moved)),
        line(t("ledger_unaccounted"), `${whole(ledger.unaccounted)}${t("count_unit")}`))),
        h("h3", {}, t("ledger_offers")), breakdown(ledger.offers, (what) => label("offers", what)))),
    happened(ledger.by_point), notDone(printed));
}

/** What happened today, by the points at which care breaks; what did not happen is left out. */
function happened(byPoint) {
  const rows = Object.entries(POINTS).flatMap(([point, { words, counts }]) => Object.entries(counts).filter(([what]) => byPoint?.[point]?.[what])
    .map(([what, meaning], i) => h("tr", { dataset: { point, what } }, h("th", { scope: "row" }, i ? "" : pick(words)), h("td", {}, pick(meaning)), h("td", {}, whole(byPoint[point][what])))));
  if (!rows.length) return null;
  return h("section.happened", {}, h("h3", {}, t("ledger_happened")), h("table.lines", {}, h("tbody", {}, rows)));
}

const classWord = (key) => (key === "open" ? t("legend_way") : stateName({ state: key }));

const someOf = (counts) => Object.values(counts ?? {}).some((n) => n > 0);

function breakdown(counts, name) {
  const entries = Object.entries(counts ?? {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  if (!entries.length) return h("p.mute", {}, t("none"));
  return h("table", {}, h("tbody", {}, entries.map(([code, n]) => h("tr", {}, h("th", { scope: "row" }, name(code)), h("td", {}, `${whole(n)}${t("count_unit")}`)))));
}

function notDone(printed) {
  const rows = [...board.visits.values()].filter((row) => ["failed", "handed_over", "cancelled"].includes(row.ledger_class)).sort((a, b) => a.due - b.due);
  if (!rows.length) return null;
  return h("section.not-done", {}, h("h3", {}, t("not_done")), h("table.lines", {}, h("thead", {}, h("tr", {},
    [t("promised"), t("fact_reference"), printed ? t("recipient") : null, t("col_where"), t("col_service"), t("col_state"), t("fact_reason"), t("fact_owner")].filter(Boolean).map((word) => h("th", { scope: "col" }, word)))),
  h("tbody", {}, rows.map((row) => h("tr", {}, h("td", {}, clockTime(row.due)), h("td", {}, row.reference), printed ? h("td", {}, recipientName(row.recipient_id)) : null,
    h("td", {}, `${dongName(row.dong)} · ${areaName(row.area_id)}`), h("td", {}, serviceName(row)), h("td", {}, stateName(row)), h("td", {}, reasonName(row.reason)), h("td", {}, actorName(row.owner)))))));
}

/** Build the sheet that the printer takes: the ledger, or the list as filtered (every row of it, not those on screen). */
export function preparePrint(what, ids) {
  const stamp = h("p.mute", {}, t("printed_at", { at: `${dateText(now(), true)} ${clockSeconds(now())}` }));
  if (what === "ledger" && board.ledger) { replace(byId("print"), sheet(board.ledger, true), stamp); return; }
  const rows = ids.map((id) => board.visits.get(id)).filter(Boolean);
  replace(byId("print"), h("article.sheet", {}, h("header.sheet-head", {}, h("h2", {}, `${districtName()} ${t("list")}`), h("p.mute", {}, `${dateText(now(), true)} · ${t("rows", { n: whole(rows.length) })}`)),
    h("table.lines", {}, h("thead", {}, h("tr", {}, ["promised", "expected", "fact_reference", "recipient", "col_where", "col_service", "col_state", "col_worker"].map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, h("td", {}, clockTime(row.due)), h("td", {}, [clockTime(row.finished ?? row.expected), row.late_min > 0 && lateText(row.late_min)].filter(Boolean).join(" ")), h("td", {}, row.reference),
        h("td", {}, recipientName(row.recipient_id)), h("td", {}, `${dongName(row.dong)} · ${areaName(row.area_id)}`), h("td", {}, serviceName(row)), h("td", {}, stateName(row)),
        h("td", {}, [row.worker_ids.map((id) => workerName(id) || id).join(", "), row.organisation && providerName(row.organisation)].filter(Boolean).join(" · "))))))), stamp);
}
