// The live line (SSE): opens, listens, notices silence, and comes back by itself.

import { getDistrict, liveUrl } from "./api.js";

const STALE_MS = 10000; // the server pings every 5 s: two missed pings are no accident
const RETRY_MS = [500, 1000, 2000, 4000, 8000];

export class Stream {
  /** `handlers`: {snapshot, board, positions, clock}; `onRefused(status)` when the server answers no (401, 403). */
  constructor(district, handlers, onRefused) {
    this.district = district;
    this.handlers = handlers;
    this.onRefused = onRefused;
    this.source = null;
    this.heardAt = null; // performance.now() of the last sign of life
    this.heardWall = null;
    this.tries = 0;
    this.timer = null;
    this.open();
    setInterval(() => this.watch(), 1000);
    addEventListener("online", () => this.reopen());
  }

  open() {
    clearTimeout(this.timer);
    this.timer = null;
    this.source?.close();
    const source = new EventSource(liveUrl(this.district));
    this.source = source;
    this.openedAt = performance.now();
    for (const name of ["snapshot", "board", "positions", "clock", "ping"]) {
      source.addEventListener(name, (event) => {
        this.heard();
        const handler = this.handlers[name];
        if (!handler || !event.data) return;
        let data;
        try { data = JSON.parse(event.data); } catch { return; }
        handler(data);
      });
    }
    // An open line that says nothing is no sign of life: only what arrives is.
    source.onerror = () => {
      // CONNECTING: the browser tries again with Last-Event-ID. CLOSED: it was refused, and we find out why.
      if (source.readyState === EventSource.CLOSED && source === this.source) this.later();
    };
  }

  heard() {
    this.heardAt = performance.now();
    this.heardWall = Date.now();
    this.tries = 0;
  }

  later() {
    if (this.timer !== null) return;
    const delay = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)];
    this.tries += 1;
    this.timer = setTimeout(() => this.reopen(), delay);
  }

  async reopen() {
    clearTimeout(this.timer);
    this.timer = null;
    try {
      this.handlers.config(await getDistrict(this.district)); // it may be a new day's
    } catch (problem) {
      if (problem.status === 401 || problem.status === 403) {
        this.source?.close();
        this.onRefused(problem);
        return;
      }
      if (problem.status === 0 || problem.status >= 500) {
        this.later();
        return;
      }
    }
    this.open();
  }

  /** A fresh snapshot: a new connection carries no Last-Event-ID. */
  refresh() { this.open(); }

  /** Seconds since the last sign of life; null before the first. */
  get silence() { return this.heardAt === null ? null : (performance.now() - this.heardAt) / 1000; }

  get stale() { return performance.now() - (this.heardAt ?? this.openedAt) > STALE_MS; }

  // A line may hang without an error (a sleeping PC, a dead proxy): after a while it is opened anew.
  watch() {
    if (!this.stale || this.timer !== null) return;
    if (performance.now() - this.openedAt > STALE_MS) {
      this.source?.close();
      this.later();
    }
  }
}
