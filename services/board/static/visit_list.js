// The list of visits: fixed-height rows, only those on screen are in the document, elements are used again.

import { byId, h, icon, replace, setText } from "./dom.js";
import { clockTime, lateText } from "./format.js";
import { recipientName, wantRecipient, wantWorker, workerName } from "./names.js";
import { board, needsPerson } from "./store.js";
import { isOpen, lateMinutes, stateStyle } from "./states.js";
import { t } from "./texts.js";
import { areaName, dongName, providerName, serviceName, stateName } from "./words.js";

const OVERSCAN = 6;
const narrow = matchMedia("(max-width: 760px)");

export class VisitList {
  /** `on`: {open(id), hover(id | null), pending(n)}. `now()` is the service clock. */
  constructor(on, now) {
    this.on = on;
    this.now = now;
    this.ids = [];
    this.waiting = null; // the order that would be shown if no pointer were over the list
    this.held = false;
    this.active = null;
    this.scroller = byId("list-scroll");
    this.space = byId("list-space");
    this.pool = [];
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.scroller);
    narrow.addEventListener("change", () => this.redraw());
    this.scroller.addEventListener("pointerenter", (event) => { this.held = event.pointerType === "mouse"; });
    this.scroller.addEventListener("pointerleave", () => { this.held = false; this.on.hover(null); this.release(); });
    this.scroller.addEventListener("pointermove", (event) => {
      const id = event.target.closest?.(".visit")?.dataset.visit || null;
      if (id !== this.hovered) { this.hovered = id; this.on.hover(id); }
    });
    this.scroller.addEventListener("click", (event) => {
      const row = event.target.closest(".visit");
      if (row?.dataset.visit) { this.setActive(row.dataset.visit); this.on.open(row.dataset.visit); }
    });
    this.scroller.addEventListener("keydown", (event) => this.key(event));
  }

  get rowHeight() { return narrow.matches ? 76 : 36; }

  /** Show these ids. While a pointer is over the list its order stays, unless the person asked for it (`force`). */
  setIds(ids, force = false) {
    if (this.held && !force && !same(ids, this.ids)) {
      this.waiting = ids;
      this.on.pending(difference(ids, this.ids));
      this.draw();
      return;
    }
    this.waiting = null;
    this.on.pending(0);
    this.ids = ids;
    if (force) this.scroller.scrollTop = Math.min(this.scroller.scrollTop, Math.max(0, ids.length * this.rowHeight));
    this.draw();
  }

  release() {
    if (this.waiting) this.setIds(this.waiting, true);
  }

  setActive(id) {
    this.active = id;
    this.draw();
  }

  /** Lit from the map; not scrolled to: nothing jumps. */
  light(id) {
    this.lit = id;
    for (const element of this.pool) element.classList.toggle("lit", Boolean(id) && element.dataset.visit === id);
  }

  show(id) {
    const index = this.ids.indexOf(id);
    if (index < 0) return;
    const top = index * this.rowHeight;
    const { scrollTop, clientHeight } = this.scroller;
    const head = byId("list-head").offsetHeight; // it lies over the top of the list
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.rowHeight > scrollTop + clientHeight - head) this.scroller.scrollTop = top + this.rowHeight - clientHeight + head;
    this.draw();
  }

  key(event) {
    if (event.target.closest("button")) return; // a heading, to sort by
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight) - 1);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined && this.ids.length) {
      event.preventDefault();
      const from = this.ids.indexOf(this.active);
      const to = from < 0 ? 0 : Math.min(this.ids.length - 1, Math.max(0, from + step));
      this.active = this.ids[to];
      this.show(this.active);
      this.on.move?.(this.active);
    } else if (event.key === "Enter" && this.active) {
      event.preventDefault();
      this.on.open(this.active);
    }
  }

  redraw() {
    for (const element of this.pool) element.remove();
    this.pool = [];
    this.drawnHeight = null;
    this.draw();
  }

  // Row i lives in element i mod the size of the pool: scrolling moves elements, it neither makes nor removes any.
  draw() {
    const { scrollTop, clientHeight } = this.scroller; // read before anything is written: one layout, not two
    const height = this.rowHeight;
    const count = this.ids.length;
    if (this.drawnHeight !== count * height) {
      this.drawnHeight = count * height;
      this.space.style.height = `${this.drawnHeight}px`;
      this.scroller.setAttribute("aria-rowcount", String(count));
    }
    const shown = Math.ceil(clientHeight / height) + 1 + 2 * OVERSCAN;
    while (this.pool.length < shown) this.pool.push(this.space.appendChild(makeRow()));
    const size = this.pool.length;
    const first = Math.max(0, Math.min(Math.floor(scrollTop / height) - OVERSCAN, count - size));
    const now = this.now();
    let active = null;
    for (let index = first; index < first + size; index += 1) {
      const element = this.pool[index % size];
      const row = index < count ? board.visits.get(this.ids[index]) : undefined;
      if (!row) {
        element.hidden = true;
        element.dataset.visit = "";
        element.signature = "";
        continue;
      }
      if (element.index !== index) {
        element.index = index;
        element.style.transform = `translateY(${index * height}px)`;
        element.setAttribute("aria-rowindex", String(index + 1));
      }
      if (element.hidden) element.hidden = false;
      fillRow(element, row, now);
      const isActive = row.visit_id === this.active;
      if (isActive) active = element;
      element.classList.toggle("active", isActive);
      element.classList.toggle("lit", row.visit_id === this.lit);
      element.setAttribute("aria-selected", String(isActive));
    }
    if (active) this.scroller.setAttribute("aria-activedescendant", active.id);
    else this.scroller.removeAttribute("aria-activedescendant");
  }
}

const same = (a, b) => a.length === b.length && a.every((id, i) => id === b[i]);
const difference = (a, b) => a.filter((id, i) => id !== b[i]).length || Math.abs(a.length - b.length);

let rowNumber = 0;
function makeRow() {
  const cell = (name, ...children) => h(`span.${name}`, { role: "gridcell" }, ...children);
  rowNumber += 1;
  return h("div.visit", { role: "row", id: `visit-row-${rowNumber}` },
    cell("c-time", h("span.promised"), h("span.expected"), h("span.late")),
    cell("c-who", h("span.name"), h("span.reference")),
    cell("c-where", h("span.dong"), h("span.area")),
    cell("c-service"),
    cell("c-state"),
    cell("c-worker", h("span.name"), h("span.organisation")),
    cell("c-changed"));
}

function fillRow(element, row, now) {
  const late = lateMinutes(row, now);
  const needs = needsPerson(row.visit_id);
  wantRecipient(row.recipient_id);
  for (const id of row.worker_ids) wantWorker(id);
  const who = recipientName(row.recipient_id);
  const worker = row.worker_ids.map((id) => workerName(id) || id).join(", ");
  // What is drawn is drawn again only when something of it changed: scrolling through 2,000 rows stays light.
  const signature = [row.visit_id, row.version, row.state, row.expected_at, late, needs, who, worker, document.documentElement.lang].join("|");
  if (element.signature === signature) return;
  element.signature = signature;
  element.dataset.visit = row.visit_id;
  element.dataset.state = row.state;
  const [time, name, where, service, state, by, changed] = element.children;
  setText(time.children[0], clockTime(row.due));
  setText(time.children[1], expectedText(row));
  setLate(time.children[2], late);
  time.title = `${t("time_window")} ${clockTime(row.opens)}–${clockTime(row.closes)}`;
  setText(name.children[0], who || t("recipient"));
  name.children[0].classList.toggle("unknown", !who);
  setText(name.children[1], row.reference);
  setText(where.children[0], dongName(row.dong));
  setText(where.children[1], areaName(row.area_id));
  where.title = `${dongName(row.dong)} · ${areaName(row.area_id)}`;
  setText(service, serviceName(row));
  service.title = serviceName(row);
  replace(state, stateMark(row));
  setText(by.children[0], worker || (isOpen(row) ? t("no_worker_yet") : ""));
  by.children[0].classList.toggle("unknown", !worker);
  setText(by.children[1], worker && row.organisation ? providerName(row.organisation) : "");
  by.title = worker ? `${worker} · ${providerName(row.organisation)}` : "";
  setText(changed, clockTime(row.changed));
  element.classList.toggle("needs", needs);
  element.classList.toggle("is-late", late > 0 && isOpen(row));
  element.classList.toggle("closed", !isOpen(row));
  element.classList.toggle("urgent", row.priority === 1 && isOpen(row));
}

const expectedText = (row) => (row.finished ? clockTime(row.finished) : row.expected ? clockTime(row.expected) : isOpen(row) ? "–" : "");

function setLate(element, late) {
  if (late > 0) replace(element, icon("late"), lateText(late));
  else element.replaceChildren();
}

/** The state as sign, word and colour together. */
export function stateMark(row) {
  const style = stateStyle(row.state);
  return h(`span.state.tone-${style.tone}`, {}, icon(style.icon), stateName(row));
}
