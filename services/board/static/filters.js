// What the list shows. The filter is in the address bar so that it can be sent to a colleague; what was typed into the
// search box is not: it may be a name.

import { isMine, whoAmI } from "./session.js";
import { board, needsPerson } from "./store.js";
import { isFound } from "./finding.js";
import { recipientName, workerName } from "./names.js";
import { groupOf, hasWorker, isOfFilter, isOpen, lateMinutes } from "./states.js";

const KEYS = ["state", "area", "dong", "service", "provider", "late", "mine", "needs", "noworker", "sort"];
export const NO_WORKER_STEPS = [0, 15, 30, 60]; // minutes

export const filter = { text: "", ...readUrl() };

function readUrl() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(KEYS.map((key) => [key, query.get(key) ?? ""]));
}

export function writeUrl(extra = {}) {
  const query = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries({ ...pickKeys(), ...extra })) {
    if (value) query.set(key, value); else query.delete(key);
  }
  const text = query.toString();
  history.replaceState(null, "", text ? `${location.pathname}?${text}` : location.pathname);
}

const pickKeys = () => Object.fromEntries(KEYS.map((key) => [key, filter[key]]));

export const isFiltered = () => Boolean(filter.text) || KEYS.some((key) => key !== "sort" && filter[key]);

export function clearFilter() {
  for (const key of KEYS) if (key !== "sort") filter[key] = "";
  filter.text = "";
}

/** Without the state: the counters count what this lets through, so that a click on one shows exactly its number. */
export function passesButState(row, now) {
  if (filter.area && row.area_id !== filter.area) return false;
  if (filter.dong && row.dong !== filter.dong) return false;
  if (filter.service && row.service !== filter.service && row.meal_kind !== filter.service) return false;
  if (filter.provider && !ofProvider(row, filter.provider)) return false;
  if (filter.late && lateMinutes(row, now) === 0) return false;
  if (filter.mine && !ofMine(row)) return false;
  if (filter.needs && !needsPerson(row.visit_id)) return false;
  if (filter.noworker && !withoutWorkerFor(row, now, Number(filter.noworker))) return false;
  return !filter.text || matchesText(row, filter.text);
}

export const passes = (row, now) => (!filter.state || isOfFilter(groupOf(row.state), filter.state)) && passesButState(row, now);

/** It waits for me, I am on it, it was handed over to me, or I filed it. */
const ofMine = (row) => isMine(row.owner) || row.requested_by === whoAmI()?.actor
  || Boolean(board.openByVisit.get(row.visit_id)?.some((one) => isMine(one.owner) || isMine(one.acknowledged_by)));

const ofProvider = (row, id) => row.organisation === id || board.kitchens.get(row.kitchen_id)?.provider_id === id;

// 1 stands for "no worker at all"; more is minutes since the last change.
const withoutWorkerFor = (row, now, minutes) =>
  isOpen(row) && !hasWorker(row) && (minutes <= 1 || now - row.changed >= minutes * 60000);

function matchesText(row, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted || isFound(row.recipient_id, text)) return true;
  if (row.reference.toLowerCase().includes(wanted) || row.visit_id.startsWith(wanted)) return true;
  if (row.worker_ids.some((id) => id.toLowerCase().includes(wanted) || nameMatches(workerName(id), wanted))) return true;
  return nameMatches(recipientName(row.recipient_id), wanted);
}

// 김*용 is found by 김, 용, 김*용 and by the whole name 김복용 that the caller says: the mask stands for any letter.
function nameMatches(masked, wanted) {
  if (!masked) return false;
  const name = masked.toLowerCase();
  if (name.includes(wanted)) return true;
  return name.length === wanted.length && [...name].every((letter, i) => letter === "*" || letter === wanted[i]);
}

const closedLast = (a, b) => Number(!isOpen(a)) - Number(!isOpen(b));

const ORDERS = {
  // What is still to do, by the time promised; then what is over, newest first.
  time: () => (a, b) => closedLast(a, b) || (isOpen(a) ? a.due - b.due : b.changed - a.changed),
  late: (now) => (a, b) => closedLast(a, b) || lateMinutes(b, now) - lateMinutes(a, now) || a.due - b.due,
  where: () => (a, b) => a.area_id.localeCompare(b.area_id) || a.dong.localeCompare(b.dong) || a.due - b.due,
  service: () => (a, b) => (a.meal_kind || a.service).localeCompare(b.meal_kind || b.service) || a.due - b.due,
  state: () => (a, b) => stateRank(a) - stateRank(b) || a.due - b.due,
  worker: () => (a, b) => a.organisation.localeCompare(b.organisation)
    || (a.worker_ids[0] ?? "").localeCompare(b.worker_ids[0] ?? "") || a.due - b.due,
  changed: () => (a, b) => b.changed - a.changed,
};

const RANKS = ["no_answer", "requested", "waiting", "planned", "offered", "accepted", "en_route", "picked_up", "arrived",
  "in_service", "handed_over", "failed", "done", "cancelled"];
const stateRank = (row) => RANKS.indexOf(row.state);

/** Ids of the rows to show, in order. */
export function chosen(now) {
  const rows = [];
  for (const row of board.visits.values()) if (passes(row, now)) rows.push(row);
  const order = (ORDERS[filter.sort] ?? ORDERS.time)(now);
  rows.sort((a, b) => order(a, b) || (a.visit_id < b.visit_id ? -1 : 1));
  return rows.map((row) => row.visit_id);
}
