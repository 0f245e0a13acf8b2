// What the page knows: rows by id, brought up to date by the snapshot and by frames. Views watch it; it draws nothing.

export const board = {
  visits: new Map(), workers: new Map(), exceptions: new Map(), offers: new Map(), positions: new Map(),
  counters: null, ledger: null, loaded: false,
  config: null, areas: new Map(), dongs: new Map(), providers: new Map(), kitchens: new Map(), profiles: new Map(),
  districtNames: new Map(), // of those that one may look at
  openByVisit: new Map(),
};

const watchers = new Set();
let changes = freshChanges();
let flushTimer = null;
const FLUSH_MS = 120; // at 300x many frames come each second: drawing eight times a second is enough and keeps the PC calm

function freshChanges() {
  return { all: false, visits: new Set(), workers: new Set(), exceptions: false, positions: false };
}

export const watch = (watcher) => watchers.add(watcher);

function touch() {
  flushTimer ??= setTimeout(() => {
    flushTimer = null;
    const now = changes;
    changes = freshChanges();
    for (const watcher of watchers) watcher(now);
  }, FLUSH_MS);
}

const instant = (text) => (text ? Date.parse(text) : null);

function visitRow(raw) {
  return {
    ...raw, due: instant(raw.due_at), opens: instant(raw.window_start_at), closes: instant(raw.window_end_at),
    expected: instant(raw.expected_at), finished: instant(raw.done_at), changed: instant(raw.changed_at),
  };
}

function workerRow(raw) {
  const rests = (raw.rests ?? []).map((rest) => ({ ...rest, begin: instant(rest.begin_at), until: instant(rest.until_at) }));
  return { ...raw, rests, stops: raw.stops.map((stop) => ({ ...stop, begin: instant(stop.begin_at) })) };
}

function exceptionRow(raw) {
  return { ...raw, raised: instant(raw.raised_at), due: instant(raw.due_at) };
}

export function takeConfig(config) {
  board.config = config;
  const index = (rows, key) => new Map((rows ?? []).map((row) => [row[key], row]));
  board.areas = index(config.areas, "area_id");
  board.dongs = index(config.dongs, "code");
  board.providers = index(config.providers, "provider_id");
  board.kitchens = index(config.kitchens, "kitchen_id");
  board.profiles = index(config.workers, "worker_id");
  changes.all = true;
  touch();
}

export function takeSnapshot(snapshot) {
  const fill = (map, rows, key, make) => {
    map.clear();
    for (const raw of rows ?? []) map.set(raw[key], make(raw));
  };
  fill(board.visits, snapshot.visits, "visit_id", visitRow);
  fill(board.workers, snapshot.workers, "worker_id", workerRow);
  fill(board.exceptions, snapshot.exceptions, "exception_id", exceptionRow);
  fill(board.offers, snapshot.offers, "offer_id", (raw) => raw);
  board.positions.clear();
  for (const [id, place] of Object.entries(snapshot.positions ?? {})) board.positions.set(id, place);
  board.counters = snapshot.counters ?? null;
  board.ledger = snapshot.ledger ?? null;
  board.loaded = true;
  countExceptions();
  changes.all = true;
  touch();
}

export function takeFrame(frame) {
  for (const raw of frame.visits ?? []) {
    const known = board.visits.get(raw.visit_id);
    if (known && known.version > raw.version) continue; // a resent frame must not turn the clock back
    board.visits.set(raw.visit_id, visitRow(raw));
    changes.visits.add(raw.visit_id);
  }
  for (const raw of frame.workers ?? []) {
    board.workers.set(raw.worker_id, workerRow(raw));
    changes.workers.add(raw.worker_id);
  }
  for (const raw of frame.offers ?? []) board.offers.set(raw.offer_id, raw);
  if (frame.exceptions?.length) {
    for (const raw of frame.exceptions) board.exceptions.set(raw.exception_id, exceptionRow(raw));
    countExceptions();
    changes.exceptions = true;
  }
  if (frame.counters) board.counters = frame.counters;
  if (frame.ledger) board.ledger = frame.ledger;
  touch();
}

export function takePositions(positions) {
  for (const [workerId, place] of Object.entries(positions)) board.positions.set(workerId, place);
  changes.positions = true;
  touch();
}

function countExceptions() {
  board.openByVisit.clear();
  for (const row of board.exceptions.values()) {
    if (row.settled || !row.visit_id) continue;
    board.openByVisit.set(row.visit_id, [...(board.openByVisit.get(row.visit_id) ?? []), row]);
  }
}

export const needsPerson = (visitId) => board.openByVisit.has(visitId);

export const openExceptions = () =>
  [...board.exceptions.values()].filter((row) => !row.settled).sort((a, b) => a.due - b.due || a.raised - b.raised);

/** The server's counters and our rows tell the same; if not, the page must fetch a new snapshot. */
export function agreesWithServer() {
  if (!board.counters) return true;
  if (board.counters.visits !== board.visits.size) return false;
  const ours = {};
  for (const row of board.visits.values()) ours[row.state] = (ours[row.state] ?? 0) + 1;
  return Object.entries(board.counters.by_state).every(([state, n]) => (ours[state] ?? 0) === n);
}

/** Where a worker is: the last position heard of, else the place of the last report. */
export function placeOf(worker) {
  const live = board.positions.get(worker.worker_id);
  if (!live) return worker.place;
  return Array.isArray(live) ? { x: live[0], y: live[1] } : live;
}
