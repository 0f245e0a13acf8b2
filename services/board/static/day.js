// The day: need and capacity by half hour for each area, and a timetable row for every worker.

import { now } from "./clock.js";
import { byId, h, redraw, replace, setText, svg } from "./dom.js";
import { clockTime, dayStart, lateText, minuteOfDay } from "./format.js";
import { recipientName, wantWorker, workerName } from "./names.js";
import { board, needsPerson } from "./store.js";
import { isOpen, lateMinutes, toneOf } from "./states.js";
import { t } from "./texts.js";
import { areaName, dongName, providerName, restText, serviceName, stateName } from "./words.js";
import { CARE_MIN, MEAL_MIN, SLOT_MIN, demand, span, timetable } from "./day_model.js";

const STRIP_HEIGHT = 34;
const NEAR_SLOTS = 2; // so many half hours apart a phone has no room for two numbers
const narrow = matchMedia("(max-width: 760px)");
let onOpen = () => {};
export const startDay = (open) => { onOpen = open; };

export function drawDay() {
  if (!board.loaded) return;
  setText(byId("demand-note"), t("demand_note", { meal: MEAL_MIN, care: CARE_MIN }));
  drawStrips();
  drawGantt();
}

function drawStrips() {
  const { first, last, rows } = demand();
  const slots = last - first + 1;
  const head = h("div.strip.strip-head", {}, h("span"), h("div.slots", {}, hours(first, last)));
  const nowShare = share(now(), first, last);
  replace(byId("demand"), head, rows.map((row) => {
    const most = Math.max(2, ...row.need, ...row.have);
    const picture = svg("svg", { class: "strip-picture", viewBox: `0 0 ${slots * 10} ${STRIP_HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    const y = (n) => STRIP_HEIGHT - (n / most) * (STRIP_HEIGHT - 3);
    row.need.forEach((need, i) => {
      const have = row.have[i];
      const short = need - have > 0.25;
      if (need > 0) picture.append(svg("rect", { class: "need", x: i * 10 + 1, width: 8, y: y(Math.min(need, have)), height: STRIP_HEIGHT - y(Math.min(need, have)) }));
      if (short) picture.append(svg("rect", { class: "short", x: i * 10 + 1, width: 8, y: y(need), height: y(have) - y(need) }));
    });
    const steps = row.have.flatMap((n, i) => [`${i * 10},${y(n)}`, `${(i + 1) * 10},${y(n)}`]).join(" ");
    picture.append(svg("polyline", { class: "have", points: steps, "vector-effect": "non-scaling-stroke" }));
    if (nowShare !== null) picture.append(svg("line", { class: "now", x1: nowShare * slots * 10, x2: nowShare * slots * 10, y1: 0, y2: STRIP_HEIGHT, "vector-effect": "non-scaling-stroke" }));
    const shortages = row.need.map((need, i) => ({ i, n: Math.ceil(need - row.have[i] - 0.25) })).filter(({ n }) => n > 0);
    const marks = (narrow.matches ? runsOf(shortages) : shortages.map((one) => [one])).map((run) => {
      const n = Math.max(...run.map((one) => one.n));
      const mark = h("span.short-mark", { title: run.map((one) => `${slotTime(first + one.i)} ${t("short_of", { n: one.n })}`).join(", ") }, `−${n}`);
      mark.style.left = `${(((run[0].i + run.at(-1).i + 1) / 2) / slots) * 100}%`;
      return mark;
    });
    const summary = shortages.length
      ? shortages.map(({ i, n }) => `${slotTime(first + i)} ${t("short_of", { n })}`).join(", ") : "";
    return h("div.strip", { role: "img", "aria-label": `${areaName(row.area_id)} ${t(row.kind)}. ${summary}` },
      h("span.strip-name", {}, h("b", {}, areaName(row.area_id)), h("span.mute", {}, t(row.kind)), rightNow(row, first)),
      h("div.slots", {}, picture, marks));
  }));
}

function rightNow(row, first) {
  const i = Math.floor(minuteOfDay(now()) / SLOT_MIN) - first;
  if (!(i in row.need)) return null;
  const short = row.need[i] - row.have[i] > 0.25;
  return h(`span.right-now${short ? ".tone-risk" : ""}`, {}, t("right_now", { need: Math.ceil(row.need[i] - 0.25), have: Math.round(row.have[i]) }));
}

/** Neighbouring half hours together: on a phone their numbers would lie over one another. */
function runsOf(shortages) {
  const runs = [];
  for (const one of shortages) {
    const last = runs.at(-1)?.at(-1);
    if (last && one.i - last.i <= NEAR_SLOTS) runs.at(-1).push(one); else runs.push([one]);
  }
  return runs;
}

const slotTime = (slot) => `${String(Math.floor(slot / 2)).padStart(2, "0")}:${slot % 2 ? "30" : "00"}`;

function hours(first, last) {
  const marks = [];
  const slots = last - first + 1;
  for (let slot = first; slot <= last; slot += 1) {
    if (slot % 2) continue;
    const mark = h("span.hour", {}, String(slot / 2).padStart(2, "0"));
    mark.style.left = `${((slot - first) / slots) * 100}%`;
    marks.push(mark);
  }
  return marks;
}

/** Where in the strip an instant lies, 0..1; null outside. */
function share(ms, first, last) {
  const value = (minuteOfDay(ms) / SLOT_MIN - first) / (last - first + 1);
  return value < 0 || value > 1 ? null : value;
}

function drawGantt() {
  const box = byId("gantt");
  const rows = timetable();
  if (!rows.length) { replace(box, h("p.state-note", {}, t("gantt_empty"))); return; }
  const { first, last } = span();
  const from = dayStart(now()) + first * SLOT_MIN * 60000;
  const length = (last - first + 1) * SLOT_MIN * 60000;
  const percent = (ms) => ((ms - from) / length) * 100;
  const place = (element, begin, end) => {
    const left = Math.max(0, percent(begin));
    element.style.left = `${left}%`;
    element.style.width = `${Math.max(0, Math.min(100, percent(end)) - left)}%`;
    return element;
  };
  const at = now();
  const line = () => {
    const mark = h("i.now-line", { "aria-hidden": "true" });
    mark.style.left = `${percent(at)}%`;
    return percent(at) >= 0 && percent(at) <= 100 ? mark : null;
  };
  const scroll = box.scrollTop;
  redraw(box, h("div.gantt-row.gantt-head", {}, h("span"), h("div.slots", {}, hours(first, last))), rows.map(({ worker, profile, bars }) => {
    wantWorker(worker.worker_id);
    const track = h("div.slots.track", {});
    if (profile) track.append(place(h("i.shift"), Date.parse(profile.shift_start_at), Date.parse(profile.shift_end_at)));
    for (const { visit, begin, end } of bars) {
      const late = lateMinutes(visit, at);
      const tone = toneOf(visit, needsPerson(visit.visit_id));
      track.append(place(h(`button.bar.tone-${tone}${late && isOpen(visit) ? ".is-late" : ""}${isOpen(visit) ? "" : ".closed"}`, {
        type: "button", tabindex: "-1", onclick: () => onOpen("visit", visit.visit_id),
        title: `${clockTime(begin)} ${recipientName(visit.recipient_id) || visit.reference} · ${dongName(visit.dong)} · ${serviceName(visit)} · ${stateName(visit)}${late ? ` · ${lateText(late)}` : ""}`,
      }), begin, end));
    }
    for (const rest of worker.rests) track.append(place(h(`i.rest${rest.taken ? ".taken" : ""}`, { title: restText(rest, at) }), rest.begin, rest.until));
    const mark = line();
    if (mark) track.append(mark);
    return h(`div.gantt-row${["out", "lost"].includes(worker.status) ? ".out" : ""}`, {},
      h("button.link.gantt-name", { type: "button", dataset: { focus: `w:${worker.worker_id}` }, onclick: () => onOpen("worker", worker.worker_id) },
        h("b", {}, workerName(worker.worker_id) || worker.worker_id), h("span.mute", {}, ["out", "lost"].includes(worker.status) ? t(`status_${worker.status}`) : providerName(worker.organisation))),
      track);
  }));
  box.scrollTop = scroll;
}
