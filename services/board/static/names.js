// Masked names of the people on screen, asked for in batches: every call is a logged read, so only what is shown is asked.

import { getNames } from "./api.js";
import { may } from "./session.js";

const BATCH = 100;
const GATHER_MS = 80;
const AGAIN_MS = 15000;

const known = { recipient: new Map(), worker: new Map() };
const wanted = { recipient: new Set(), worker: new Set() };
const failedAt = new Map();
const watchers = new Set();
let timer = null;
let underWay = 0;

export const onNames = (watcher) => watchers.add(watcher);
export const recipientName = (id) => known.recipient.get(id) ?? "";
export const workerName = (id) => known.worker.get(id) ?? "";

export const wantRecipient = (id) => want("recipient", id);
export const wantWorker = (id) => want("worker", id);

function want(kind, id) {
  if (!id || !may("POST /v1/people/names") || known[kind].has(id) || wanted[kind].has(id)) return;
  if (performance.now() - (failedAt.get(id) ?? -AGAIN_MS) < AGAIN_MS) return;
  wanted[kind].add(id);
  timer ??= setTimeout(send, GATHER_MS);
}

/** Resolves when nothing that was asked for is still on its way. */
export const namesSettled = () => new Promise((done) => {
  const look = () => {
    if (timer !== null || underWay > 0 || wanted.recipient.size || wanted.worker.size) setTimeout(look, 50);
    else done();
  };
  look();
});

function take(set, most) {
  const batch = [...set].slice(0, most);
  for (const id of batch) set.delete(id);
  return batch;
}

async function send() {
  timer = null;
  const recipients = take(wanted.recipient, BATCH);
  const workers = take(wanted.worker, BATCH);
  if (!recipients.length && !workers.length) return;
  underWay += 1;
  try {
    const answer = await getNames(recipients, workers);
    keep("recipient", recipients, answer?.recipients);
    keep("worker", workers, answer?.workers);
  } catch {
    for (const id of [...recipients, ...workers]) failedAt.set(id, performance.now());
  }
  underWay -= 1;
  for (const watcher of watchers) watcher();
  if (wanted.recipient.size || wanted.worker.size) timer ??= setTimeout(send, 0);
}

// An id without a name (erased, or of another district) is remembered as nameless: asking again would only fill the log.
function keep(kind, asked, names) {
  for (const id of asked) known[kind].set(id, nameIn(names, id));
}

function nameIn(names, id) {
  const value = names?.[id];
  return typeof value === "string" ? value : value?.name ?? "";
}
