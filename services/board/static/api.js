// The HTTP door. Errors are RFC 9457 problem documents with a remedy in both languages.

import { csrf, takeMe } from "./session.js";
import { language, t } from "./texts.js";

const SAFE = ["GET", "HEAD"];

export class Problem extends Error {
  constructor(status, body) {
    super(body?.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = body?.code ?? "";
    this.remedies = body?.remedy ?? null;
    this.rules = body?.rules ?? []; // that stand in the way
  }

  /** What a person can do about it, in their language. */
  get remedy() {
    return this.remedies?.[language()] ?? t(this.status === 0 ? "error_unreachable" : "error_generic");
  }
}

/** Raises a Problem. A body makes it JSON; what changes something carries the page's token. `match`: the ETag that an edit is of;
 *  `once`: an Idempotency-Key, for what is done once however often it has to be sent. */
export async function call(method, path, body, options = {}, again = true) {
  let response;
  const { match, once, ...rest } = options;
  const headers = { Accept: "application/json" };
  if (match) headers["If-Match"] = match;
  if (once) headers["Idempotency-Key"] = once;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (!SAFE.includes(method) && csrf()) headers["X-Dolbom-CSRF"] = csrf();
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      ...rest,
    });
  } catch {
    throw new Problem(0, null);
  }
  const text = await response.text();
  let parsed = null;
  try { parsed = text ? JSON.parse(text) : null; } catch { /* a proxy's HTML page: the status says enough */ }
  if (!response.ok && parsed?.code === "csrf_wrong" && again) { // somebody signed in anew in another tab
    await getMe();
    return call(method, path, body, options, false);
  }
  if (!response.ok) throw new Problem(response.status, parsed);
  return parsed;
}

/** All rows of a list, page by page. `of`: of this district. */
export async function listAll(path, of) {
  const rows = [];
  for (let cursor = ""; cursor !== null;) {
    const page = await call("GET", `${path}?limit=1000${of ? `&district=${encodeURIComponent(of)}` : ""}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    rows.push(...page.items);
    cursor = page.next_cursor;
  }
  return rows;
}

const withDistrict = (path, district) => (district ? `${path}?district=${encodeURIComponent(district)}` : path);

export const openSession = (token) => call("POST", "/v1/session", { token });
export const endSession = () => call("DELETE", "/v1/session");

/** Who is signed in; kept for `may` and for the header of what changes something. */
export async function getMe() {
  const me = await call("GET", "/v1/me");
  takeMe(me);
  return me;
}

export const getDistricts = () => call("GET", "/v1/districts");
export const getDistrict = (district) => call("GET", withDistrict("/v1/district", district));
export const getVisit = (visitId) => call("GET", `/v1/visits/${encodeURIComponent(visitId)}`);
export const getContact = (visitId) => call("GET", `/v1/visits/${encodeURIComponent(visitId)}/contact`);
export const getWorkerContact = (workerId) => call("GET", `/v1/workers/${encodeURIComponent(workerId)}/contact`);
export const getWhy = (visitId) => call("GET", `/v1/visits/${encodeURIComponent(visitId)}/why`);
export const getCommand = (commandId) => call("GET", `/v1/commands/${encodeURIComponent(commandId)}`);
export const getNames = (recipientIds, workerIds) =>
  call("POST", "/v1/people/names", { recipient_ids: recipientIds, worker_ids: workerIds });
/** Whose number it is and what was promised; the number goes in the body, never in an address. */
export const takeCall = (number) => call("POST", "/v1/calls", { number });
/** By `{ending}` of a number or `{name}`; in the body, never in an address. */
export const searchPeople = (said) => call("POST", "/v1/people/search", said);
/** What filing this visit would do now; nothing is filed. */
export const previewVisit = (visit) => call("POST", "/v1/visits:preview", visit);
const noticesUrl = (recipientId) => `/v1/recipients/${encodeURIComponent(recipientId)}/notices`;
export const getNotices = (recipientId) => call("GET", noticesUrl(recipientId));
export const putNotices = (recipientId, wished, match) => call("PUT", noticesUrl(recipientId), wished, { match });
export const setClock = (wish) => call("POST", "/v1/clock", wish);
export const liveUrl = (district) => withDistrict("/v1/live", district);

/** A new key for one action of a person. (No randomUUID: offices call the page by plain HTTP.) */
export const newKey = () => `p-${Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;

const watchers = new Set();
/** `watcher(path, body, answer)`: told of each command that was recorded, or accepted. */
export const onCommand = (watcher) => watchers.add(watcher);
const told = (path, body, answer) => { for (const watcher of watchers) watcher(path, body, answer); return answer; };

/** Post a command and wait (a few seconds) for what became of it. Throws a Problem when it is refused. */
export async function command(path, body, options) {
  const accepted = await call("POST", path, body, options);
  if (!accepted?.command_id) return accepted;
  for (let wait = 150; wait < 3000; wait *= 1.6) {
    await new Promise((done) => { setTimeout(done, wait); });
    const outcome = await getCommand(accepted.command_id);
    if (outcome.outcome === "refused") throw new Problem(409, outcome);
    if (outcome.outcome !== "pending") return told(path, body, outcome);
  }
  return told(path, body, accepted); // recorded; the board will show it when it is decided
}
