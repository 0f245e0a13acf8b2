// The day in half hours, as plain data: how many workers each living area needs and has. An estimate, and said to be one.

import { minuteOfDay } from "./format.js";
import { board } from "./store.js";

export const SLOT_MIN = 30;
export const MEAL_MIN = 8; // ride, stairs and hand-over of one meal of a round, on the sample day
export const CARE_MIN = 60; // way and service of one care visit, on the sample day

const RIDERS = new Set(["meal_support", "errand", "local_parcel"]); // a few minutes at a door, brought by riders

const slotOf = (ms) => Math.floor(minuteOfDay(ms) / SLOT_MIN);

/** First and last half hour that matter: shifts and promises of the day. */
export function span() {
  const times = [];
  for (const row of board.visits.values()) times.push(slotOf(row.opens), slotOf(row.due));
  for (const row of board.profiles.values()) times.push(slotOf(Date.parse(row.shift_start_at)), slotOf(Date.parse(row.shift_end_at)));
  if (!times.length) return { first: 16, last: 38 };
  return { first: Math.max(0, Math.min(...times)), last: Math.min(47, Math.max(...times)) };
}

/** [{area_id, kind, need: number[], have: number[]}] for slots first..last, meals and care apart: neither can stand in. */
export function demand() {
  const { first, last } = span();
  const slots = last - first + 1;
  const rows = new Map();
  for (const area of board.areas.keys()) {
    for (const kind of ["meals", "care"]) rows.set(`${area}/${kind}`, { area_id: area, kind, need: new Array(slots).fill(0), have: new Array(slots).fill(0) });
  }
  for (const visit of board.visits.values()) {
    if (visit.ledger_class === "cancelled") continue;
    const meal = RIDERS.has(visit.service);
    const row = rows.get(`${visit.area_id}/${meal ? "meals" : "care"}`);
    if (!row) continue;
    const minutes = meal ? MEAL_MIN : CARE_MIN;
    const from = visit.finished ?? visit.expected ?? visit.due - (meal ? 15 : 0) * 60000;
    spread(row.need, minuteOfDay(from) - first * SLOT_MIN - (meal ? minutes : 0), minutes);
  }
  for (const profile of board.profiles.values()) {
    const row = rows.get(`${profile.area_id}/${profile.kind === "rider" ? "meals" : "care"}`);
    if (!row || ["out", "lost"].includes(board.workers.get(profile.worker_id)?.status)) continue;
    const start = minuteOfDay(Date.parse(profile.shift_start_at)) - first * SLOT_MIN;
    let end = minuteOfDay(Date.parse(profile.shift_end_at)) - first * SLOT_MIN;
    if (end <= start) end += 24 * 60;
    spread(row.have, start, end - start);
  }
  return { first, last, rows: [...rows.values()].filter((row) => row.need.some(Boolean) || row.have.some(Boolean)) };
}

// `minutes` of work from minute `start`, as shares of a worker in each half hour.
function spread(slots, start, minutes) {
  const end = start + minutes;
  for (let slot = Math.max(0, Math.floor(start / SLOT_MIN)); slot < slots.length && slot * SLOT_MIN < end; slot += 1) {
    slots[slot] += (Math.min(end, (slot + 1) * SLOT_MIN) - Math.max(start, slot * SLOT_MIN)) / SLOT_MIN;
  }
}

/** One timetable row per worker: what was done, what is under way, what is to come. */
export function timetable() {
  const rows = new Map();
  for (const worker of board.workers.values()) rows.set(worker.worker_id, { worker, profile: board.profiles.get(worker.worker_id), bars: [] });
  const planned = new Map();
  for (const worker of board.workers.values()) for (const stop of worker.stops) planned.set(`${worker.worker_id}/${stop.visit_id}/${stop.kind}`, stop);
  for (const visit of board.visits.values()) {
    const meal = RIDERS.has(visit.service);
    const minutes = meal ? 4 : CARE_MIN - 15;
    for (const id of visit.worker_ids) {
      const row = rows.get(id);
      if (!row || visit.state === "cancelled") continue;
      const stop = planned.get(`${id}/${visit.visit_id}/visit`);
      const begin = visit.finished ? visit.finished - (meal ? 0 : minutes * 60000) : stop?.begin ?? visit.expected;
      if (begin) row.bars.push({ visit, begin, end: begin + minutes * 60000 });
    }
  }
  const list = [...rows.values()].filter((row) => row.profile || row.bars.length);
  list.sort((a, b) => a.worker.kind.localeCompare(b.worker.kind) * -1 || a.worker.area_id.localeCompare(b.worker.area_id)
    || a.worker.organisation.localeCompare(b.worker.organisation) || (a.worker.worker_id < b.worker.worker_id ? -1 : 1));
  return list;
}
