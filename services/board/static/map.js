// The map: areas as quiet fills, the river, kitchens, workers as arrows, stops by state. No tiles; Leaflet on a canvas.
// It works on longitude and latitude and on a plane in metres (on-demand districts) alike.

import { byId, h } from "./dom.js";
import { clockTime, lateText } from "./format.js";
import { recipientName, workerName } from "./names.js";
import { board, needsPerson, placeOf } from "./store.js";
import { isOpen, lateMinutes, toneOf } from "./states.js";
import { onLanguage, t } from "./texts.js";
import { areaName, dongName, kitchenName, providerName, serviceName, stateName } from "./words.js";
import { centre, heading, outline } from "./geometry.js";
import { colours, makeSigns, shapeOf } from "./map_signs.js";

const GLIDE_MS = 900;
const STOP_RADIUS = 12; // the signs draw themselves; Leaflet only wants one
let leaflet = null;

/** Leaflet is half of the page's weight: it is loaded when the map is first on screen. */
function loadLeaflet() {
  leaflet ??= new Promise((done, fail) => {
    document.head.append(h("link", { rel: "stylesheet", href: "/static/leaflet/leaflet.css" }));
    const script = h("script", { src: "/static/leaflet/leaflet.js", async: true });
    script.onload = () => (window.L ? done(window.L) : fail(new Error("no Leaflet")));
    script.onerror = () => { leaflet = null; fail(new Error("no Leaflet")); };
    document.head.append(script);
  });
  return leaflet;
}

const groundOf = (config) => [config.district, config.version, config.service_date].join("|");

export class BoardMap {
  /** `on`: {open(kind, id), hover(visitId | null), area(id)}; `now()` service clock; `shown()` Set of filtered ids or null. */
  constructor(on, now, shown) {
    Object.assign(this, { on, now, shown });
    this.stops = new Map();
    this.workers = new Map();
    this.lit = { visit: null, worker: null, picked: null, pickedWorker: null };
    this.map = null;
    this.starting = false;
    const box = byId("map");
    new ResizeObserver(() => {
      if (this.map) this.resized(); else if (box.clientWidth > 0) this.start();
    }).observe(box);
    onLanguage(() => { if (this.map) { this.drawGround(); this.drawAll(); } });
  }

  async start() {
    if (this.starting || !board.config) return;
    this.starting = true;
    try {
      this.L = await loadLeaflet();
    } catch {
      byId("map-note").textContent = t("map_failed");
      byId("map-note").hidden = false;
      this.starting = false;
      return;
    }
    byId("map-note").hidden = true;
    const L = this.L;
    this.plane = board.config.travel.coordinates === "plane_m";
    this.map = L.map("map", {
      crs: this.plane ? L.CRS.Simple : L.CRS.EPSG3857, minZoom: this.plane ? -12 : 9, maxZoom: this.plane ? 4 : 18,
      zoomSnap: 0.25, zoomDelta: 0.5, attributionControl: false, zoomControl: false, keyboard: false,
      fadeAnimation: false, zoomAnimation: false,
    });
    L.control.zoom({ position: "topright" }).addTo(this.map);
    for (const [name, z] of [["lines", 405], ["stops", 410], ["movers", 420]]) this.map.createPane(name).style.zIndex = String(z);
    this.renderers = { ground: L.canvas({ padding: 0.2 }), lines: L.canvas({ pane: "lines", padding: 0.2 }),
      stops: L.canvas({ pane: "stops", padding: 0.2, tolerance: 3 }), movers: L.canvas({ pane: "movers", padding: 0.2, tolerance: 3 }) };
    // The canvas of the movers lies on top and would take every pointer: the stops' canvas is asked through one listener.
    this.signs = makeSigns(L);
    this.tip = L.tooltip({ direction: "top", offset: [0, -10], opacity: 1, className: "map-tip" });
    this.groups = Object.fromEntries(["ground", "labels", "kitchens", "lines", "stops", "movers"].map((name) => [name, L.layerGroup().addTo(this.map)]));
    this.map.on("mousemove", (event) => this.pointer(event));
    this.map.on("click", (event) => this.click(event));
    this.map.on("mouseout", () => this.hover(null));
    this.map.on("zoomend", () => this.zoomed());
    this.drawGround();
    this.fit();
    this.drawAll();
  }

  at(place) { return [place.y, place.x]; }

  fit() {
    const places = [...board.dongs.values()].flatMap((dong) => dong.cell ?? []);
    const all = places.length ? places : [...board.kitchens.values(), ...board.visits.values()].map((thing) => thing.place);
    if (all.length) this.map.fitBounds(this.L.latLngBounds(all.map((place) => this.at(place))), { padding: [10, 10], animate: false });
    else this.map.setView([0, 0], 0);
    this.fitted = true;
  }

  resized() {
    const small = this.map.getSize().x === 0;
    this.map.invalidateSize({ animate: false, pan: false });
    if (small || !this.moved) this.fit();
  }

  drawGround() {
    const { L, groups: { ground, labels, kitchens } } = this;
    this.groundIs = groundOf(board.config);
    const colour = colours();
    for (const group of [ground, labels, kitchens]) group.clearLayers();
    const base = { renderer: this.renderers.ground, interactive: false };
    let number = 0;
    for (const area of board.areas.values()) {
      const fill = colour.areas[number % colour.areas.length];
      number += 1;
      const dongs = area.dong_codes.map((code) => board.dongs.get(code)).filter((dong) => dong?.cell?.length);
      const cells = dongs.map((dong) => dong.cell);
      // The thin stroke of the fill's own colour closes the hairlines between the cells of one area.
      for (const cell of cells) L.polygon(cell.map(this.at), { ...base, color: fill, weight: 1, fillColor: fill, fillOpacity: 1 }).addTo(ground);
      for (const cell of cells) L.polygon(cell.map(this.at), { ...base, color: colour.areaLine, weight: 0.75, opacity: 0.55, fill: false }).addTo(ground);
    }
    for (const area of board.areas.values()) {
      const cells = area.dong_codes.map((code) => board.dongs.get(code)?.cell ?? []).filter((cell) => cell.length);
      L.polyline(outline(cells).map((edge) => edge.map(this.at)), { ...base, color: colour.areaLine, weight: 2 }).addTo(ground);
      const dongs = area.dong_codes.map((code) => board.dongs.get(code)).filter(Boolean);
      if (dongs.length && board.areas.size > 1) this.words(centre(dongs.map((dong) => dong.centroid)), areaName(area.area_id), "map-area").addTo(labels);
      for (const dong of dongs) if (board.dongs.size > 1) this.words(dong.centroid, dongName(dong.code), "map-dong").addTo(labels);
    }
    const river = board.config.travel.river ?? [];
    if (river.length) {
      L.polygon(river.map(this.at), { ...base, stroke: false, fillColor: colour.water, fillOpacity: 1 }).addTo(ground);
      for (const bridge of board.config.travel.bridges ?? []) {
        L.polyline(bridge.map(this.at), { ...base, color: colour.surface, weight: 4 }).addTo(ground);
      }
    }
    for (const kitchen of board.kitchens.values()) {
      new this.signs.Kitchen(this.at(kitchen.place), { renderer: this.renderers.movers, radius: STOP_RADIUS, interactive: false, kitchen }).addTo(kitchens);
    }
    this.zoomed();
  }

  words(place, text, className) {
    return this.L.marker(this.at(place), { interactive: false, keyboard: false,
      icon: this.L.divIcon({ className, html: h("span", {}, text), iconSize: [0, 0] }) });
  }

  zoomed() {
    const metres = this.plane ? 1 / 2 ** this.map.getZoom() : 156543 * Math.cos(0.655) / 2 ** this.map.getZoom();
    const near = metres < 9; // dongs are named, and ticks drawn, when there is room for it
    if (near !== this.near) {
      this.near = near;
      byId("map").classList.toggle("near", near);
      for (const row of board.visits.values()) if (this.stops.has(row.visit_id)) this.drawStop(row);
    }
    if (this.fitted) this.moved = true;
  }

  /** Everything anew: a snapshot, a language, a filter. */
  drawAll() {
    if (!this.map) return;
    if (this.groundIs !== groundOf(board.config)) { // another day or district: the ground is drawn anew
      if (this.plane !== (board.config.travel.coordinates === "plane_m")) { location.reload(); return; }
      this.drawGround();
      this.fit();
    }
    for (const group of ["stops", "movers", "lines"]) this.groups[group].clearLayers();
    this.stops.clear();
    this.workers.clear();
    for (const row of board.visits.values()) this.drawStop(row);
    for (const row of board.workers.values()) this.drawWorker(row);
    this.drawLines();
  }

  /** What changed: rows of visits and workers by id. */
  update(changes) {
    if (!this.map) { this.start(); return; }
    for (const id of changes.visits) this.drawStop(board.visits.get(id));
    for (const id of changes.workers) this.drawWorker(board.workers.get(id));
    if (changes.positions) for (const row of board.workers.values()) this.drawWorker(row);
    if (changes.visits.size || changes.workers.size || changes.positions) this.drawLines();
  }

  drawStop(row) {
    const shown = this.shown();
    const tone = toneOf(row, needsPerson(row.visit_id));
    const options = { tone, shape: shapeOf(row.state, tone), late: isOpen(row) && lateMinutes(row, this.now()) > 0,
      dim: shown !== null && !shown.has(row.visit_id), lit: this.lit.visit === row.visit_id || this.lit.picked === row.visit_id,
      number: this.numbers?.get(row.visit_id) ?? 0, near: this.near };
    const layer = this.stops.get(row.visit_id);
    if (!layer) {
      const made = new this.signs.Stop(this.at(row.place), { renderer: this.renderers.stops, radius: STOP_RADIUS, interactive: false, ...options });
      this.stops.set(row.visit_id, made.addTo(this.groups.stops));
    } else if (Object.entries(options).some(([name, value]) => layer.options[name] !== value)) {
      Object.assign(layer.options, options);
      layer.redraw();
      if (options.lit || tone === "person") layer.bringToFront();
    }
  }

  drawWorker(row) {
    if (!row) return;
    const place = placeOf(row);
    let layer = this.workers.get(row.worker_id);
    if (row.status === "off") {
      if (layer) { layer.remove(); this.workers.delete(row.worker_id); }
      return;
    }
    const stretch = this.plane ? 1 : Math.cos((place.y * Math.PI) / 180);
    const target = row.stops[0]?.place;
    if (!layer) {
      layer = new this.signs.Worker(this.at(place), { renderer: this.renderers.movers, radius: STOP_RADIUS, interactive: false, heading: 0 });
      this.workers.set(row.worker_id, layer.addTo(this.groups.movers));
      if (target) layer.options.heading = heading(place, target, stretch);
      layer.place = place;
    } else if (place.x !== layer.place.x || place.y !== layer.place.y) {
      layer.options.heading = heading(layer.place, place, stretch);
      layer.place = place;
      this.glide(layer);
    }
    Object.assign(layer.options, { out: ["out", "lost"].includes(row.status), carer: row.kind === "carer", lit: this.lit.worker === row.worker_id || this.lit.pickedWorker === row.worker_id });
    layer.redraw();
  }

  /** Move on quietly instead of jumping. */
  glide(layer) {
    const from = layer.getLatLng();
    const [lat, lng] = this.at(layer.place);
    layer.motion = { from, to: { lat, lng }, began: performance.now() };
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden) layer.motion.began -= GLIDE_MS;
    this.ticking ??= setInterval(() => this.step(), 66);
  }

  step() {
    let moving = false;
    for (const layer of this.workers.values()) {
      if (!layer.motion) continue;
      const { from, to, began } = layer.motion;
      const share = Math.min(1, (performance.now() - began) / GLIDE_MS);
      layer.setLatLng([from.lat + (to.lat - from.lat) * share, from.lng + (to.lng - from.lng) * share]);
      if (share === 1) layer.motion = null; else moving = true;
    }
    if (!moving) { clearInterval(this.ticking); this.ticking = null; }
  }

  /** The way to the next stop of everybody, faint; the whole rest of the round of the one who is lit. */
  drawLines() {
    if (!this.map) return;
    const { L, groups: { lines } } = this;
    const colour = colours();
    lines.clearLayers();
    const old = this.numbers;
    this.numbers = new Map();
    const chosen = this.chosenWorkers();
    for (const row of board.workers.values()) {
      if (row.status !== "on" || !row.stops.length) continue;
      const from = placeOf(row);
      const line = (places, style) => L.polyline(places.map(this.at), { renderer: this.renderers.lines, interactive: false, ...style }).addTo(lines);
      if (!chosen.has(row.worker_id)) {
        if (!chosen.size) line([from, row.stops[0].place], { color: colour.ink, weight: 1, opacity: 0.28 });
        continue;
      }
      const places = [from, ...row.stops.map((stop) => stop.place)];
      line(places, { color: colour.surface, weight: 6, opacity: 0.9 });
      line(places, { color: colour.ink, weight: 2.5, opacity: 0.85 });
      let number = 0;
      for (const stop of row.stops) if (stop.kind !== "pickup") this.numbers.set(stop.visit_id, (number += 1));
    }
    for (const id of new Set([...(old?.keys() ?? []), ...this.numbers.keys()])) {
      const row = board.visits.get(id);
      if (row) this.drawStop(row);
    }
  }

  chosenWorkers() {
    const ids = new Set();
    for (const id of [this.lit.worker, this.lit.pickedWorker]) if (id) ids.add(id);
    for (const id of [this.lit.visit, this.lit.picked]) {
      const row = id && board.visits.get(id);
      if (row && isOpen(row)) for (const worker of row.worker_ids) ids.add(worker);
    }
    return ids;
  }

  /** Light a visit (from the list) or a worker; null puts it out. */
  light(visit, worker = null) { this.set({ visit, worker }); }

  /** The visit or worker whose drawer is open. */
  pick(visit, worker = null) { this.set({ picked: visit, pickedWorker: worker }); }

  set(patch) {
    const before = this.lit;
    this.lit = { ...before, ...patch };
    if (!this.map || Object.entries(this.lit).every(([name, id]) => before[name] === id)) return;
    for (const id of [before.visit, before.picked, this.lit.visit, this.lit.picked]) {
      const row = id && board.visits.get(id);
      if (row) this.drawStop(row);
    }
    for (const id of [before.worker, before.pickedWorker, this.lit.worker, this.lit.pickedWorker]) if (id) this.drawWorker(board.workers.get(id));
    this.drawLines();
  }

  show(visitId) {
    const row = board.visits.get(visitId);
    if (row && this.map && !this.map.getBounds().pad(-0.1).contains(this.at(row.place))) this.map.panTo(this.at(row.place), { animate: false });
  }

  nearest(point) {
    let best = null;
    let distance = 14;
    const look = (kind, id, layer) => {
      const away = point.distanceTo(layer._point ?? this.map.latLngToLayerPoint(layer.getLatLng()));
      if (away < distance) { distance = away; best = { kind, id, layer }; }
    };
    for (const [id, layer] of this.workers) look("worker", id, layer);
    for (const [id, layer] of this.stops) if (!layer.options.dim) look("visit", id, layer);
    this.groups.kitchens.eachLayer((layer) => look("kitchen", layer.options.kitchen.kitchen_id, layer));
    return best;
  }

  pointer(event) { this.hover(this.nearest(event.layerPoint)); }

  hover(found) {
    const id = found ? `${found.kind}:${found.id}` : null;
    if (id === this.hovered) return;
    this.hovered = id;
    byId("map").classList.toggle("pointing", found !== null && found.kind !== "kitchen");
    this.light(found?.kind === "visit" ? found.id : null, found?.kind === "worker" ? found.id : null);
    this.on.hover(found?.kind === "visit" ? found.id : null);
    if (!found) { this.tip.remove(); return; }
    this.tip.setContent(this.tipOf(found)).setLatLng(found.layer.getLatLng()).addTo(this.map);
  }

  click(event) {
    const found = this.nearest(event.layerPoint);
    if (found && found.kind !== "kitchen") this.on.open(found.kind, found.id);
  }

  tipOf({ kind, id }) {
    if (kind === "kitchen") return h("div", {}, h("b", {}, kitchenName(id)));
    if (kind === "worker") {
      const row = board.workers.get(id);
      const next = row.stops[0];
      return h("div", {}, h("b", {}, workerName(id) || id), ` ${providerName(row.organisation)}`,
        next ? h("div", {}, t("next_stop", { at: clockTime(next.begin) })) : null,
        row.onboard ? h("div", {}, t("boxes_onboard", { n: row.onboard })) : null);
    }
    const row = board.visits.get(id);
    const late = lateMinutes(row, this.now());
    return h("div", {}, h("b", {}, recipientName(row.recipient_id) || row.reference), ` ${dongName(row.dong)} · ${serviceName(row)}`,
      h("div", {}, `${stateName(row)} · ${clockTime(row.due)}${late ? ` · ${lateText(late)}` : ""}`));
  }
}
