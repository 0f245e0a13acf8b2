// Undo instead of "are you sure": a person's action waits a few seconds in its place, then it is sent.

import { command, newKey } from "./api.js";

export const UNDO_S = 5;
const waiting = new Map(); // key -> {phase: "counting" | "sending" | "sent" | "failed", left, label, problem}
const watchers = new Set();
let ticker = null;

export const onPending = (watcher) => watchers.add(watcher);
export const pendingOf = (key) => waiting.get(key) ?? null;

/** Begin an action on `key` (one at a time): POST `path` with `body` when the time to undo is over; `match`: the ETag that it is of. */
export function begin(key, label, path, body, match) {
  waiting.set(key, { phase: "counting", left: UNDO_S, label, path, body, match, once: newKey(), problem: null });
  ticker ??= setInterval(tick, 1000);
  tell();
}

/** The same at once: of what was confirmed already. */
export function beginNow(key, label, path, body) {
  const action = { phase: "sending", left: 0, label, path, body, once: newKey(), problem: null };
  waiting.set(key, action);
  send(key, action);
  tell();
}

export function undo(key) {
  if (waiting.get(key)?.phase === "counting") waiting.delete(key);
  tell();
}

export function forget(key) {
  if (waiting.delete(key)) tell();
}

function tick() {
  let counting = false;
  for (const [key, action] of waiting) {
    if (action.phase !== "counting") continue;
    action.left -= 1;
    if (action.left <= 0) send(key, action);
    else counting = true;
  }
  if (!counting) {
    clearInterval(ticker);
    ticker = null;
  }
  tell();
}

async function send(key, action) {
  action.phase = "sending";
  try {
    await command(action.path, action.body, { once: action.once, match: action.match });
    action.phase = "sent";
  } catch (problem) {
    action.phase = "failed";
    action.problem = problem;
  }
  if (waiting.get(key) === action) tell();
}

const tell = () => { for (const watcher of watchers) watcher(); };

// A page that is closed or left must not lose what a person decided.
addEventListener("pagehide", () => {
  for (const action of waiting.values()) {
    if (action.phase === "counting") {
      action.phase = "sending";
      command(action.path, action.body, { once: action.once, match: action.match, keepalive: true }).catch(() => {});
    }
  }
});
