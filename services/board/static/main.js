// The page's one place of wiring: session, live line, views, keyboard.

import { Problem, getDistrict, getMe, openSession } from "./api.js";
import { drawAreas } from "./areas_panel.js";
import { calmly } from "./calm.js";
import { drawAttention, drawChecked, startAttention } from "./attention.js";
import { now, startClock, takeClock } from "./clock.js";
import { drawCloseDay, startCloseDay } from "./close_day.js";
import { drawCounters, startCounters } from "./counters.js";
import { drawDay, startDay } from "./day.js";
import { drawDistricts, offerDistricts } from "./district_switch.js";
import { drawDisruptions, startDisruptions } from "./disruptions.js";
import { drawFairness } from "./fairness_panel.js";
import { announce, byId, h, icon, replace, setText } from "./dom.js";
import { closeDrawer, drawerIs, openDrawer, refreshDrawer, startDrawer } from "./drawer.js";
import { askPeople, startFinding } from "./finding.js";
import { startFilterBar, drawFilterBar } from "./filter_bar.js";
import { chosen, clearFilter, filter, isFiltered, writeUrl } from "./filters.js";
import { clockSeconds, whole } from "./format.js";
import { drawLedger, preparePrint, startLedger } from "./ledger.js";
import { BoardMap } from "./map.js";
import { drawMe, startMeMenu } from "./me_menu.js";
import { namesSettled, onNames, wantRecipient, wantWorker } from "./names.js";
import { startPhone } from "./phone.js";
import { drawProgrammes } from "./programmes_panel.js";
import { startRequests } from "./request_form.js";
import { applyMay, may, whoAmI } from "./session.js";
import { GROUPS } from "./states.js";
import { agreesWithServer, board, takeConfig, takeFrame, takePositions, takeSnapshot, watch } from "./store.js";
import { Stream } from "./stream.js";
import { applyTexts, groupLabel, language, onLanguage, setLanguage, t } from "./texts.js";
import { VisitList } from "./visit_list.js";
import { districtName } from "./words.js";

const TABS = ["board", "map", "day", "ledger"];
const SELF_CHECK_MS = 15000;
const query = new URLSearchParams(location.search);
let stream = null;
let list = null;
let map = null;
let startedAs = null;
let shownSet = null; // ids that pass the filter, null when nothing is filtered

// The key is taken out of the address first of all: it stays in no history, and no later change of the address carries it.
const keyInAddress = new URLSearchParams(location.hash.slice(1)).get("key");
if (location.hash) history.replaceState(null, "", location.pathname + location.search);

const tab = () => document.body.dataset.tab;
const view = (name) => { document.body.dataset.view = name; };

// ---- the way in -------------------------------------------------------------------------------------------------

async function enter() {
  applyTexts();
  const key = keyInAddress;
  try {
    if (key) await openSession(key);
    await getMe();
    takeConfig(await getDistrict(query.get("district") ?? ""));
  } catch (problem) {
    refused(problem, Boolean(key));
    return;
  }
  begin();
}

function refused(problem, hadKey = false) {
  if (problem.status === 401) {
    view("gate");
    byId("gate-error").textContent = hadKey ? t("gate_wrong") : "";
    byId("gate-key").focus();
  } else if (problem.code === "second_factor_needed") {
    location.replace("/account"); // it is set up there
  } else if (problem.status === 403) {
    view("denied");
  } else {
    setText(byId("down-detail"), problem instanceof Problem ? problem.remedy : t("error_generic"));
    view("down");
    setTimeout(enter, 3000);
  }
}

function begin() {
  const { actor } = whoAmI();
  if (startedAs !== null && startedAs !== actor) { location.reload(); return; } // somebody else: nothing of before stays on screen
  startedAs = actor;
  applyMay();
  drawMe();
  offerDistricts(query.get("district") ?? board.config.district);
  if (tab() === "ledger" && !may("GET /v1/ledger")) setTab("board");
  if (stream) { stream.open(); view("board"); return; }
  view("board");
  stream = new Stream(query.get("district") ?? board.config.district, {
    snapshot: (data) => { takeClock(data.clock ?? data); takeSnapshot(data); },
    board: takeFrame,
    positions: takePositions,
    clock: takeClock,
    ping: takeClock,
    config: takeConfig,
  }, (problem) => refused(problem));
  setInterval(drawConnection, 500);
  setInterval(() => { // rows and counters come from one log: when they ever disagree, what we hold is incomplete
    if (board.loaded && !stream.stale && !agreesWithServer()) stream.refresh();
  }, SELF_CHECK_MS);
}

function drawConnection() {
  const silence = stream.silence;
  const stale = stream.stale;
  const was = document.body.classList.contains("stale");
  document.body.classList.toggle("stale", stale);
  const seconds = Math.floor(silence ?? 0);
  setText(byId("connection-word"), silence === null && !stale ? t("connecting") : stale ? t("stale") : t("connected"));
  setText(byId("connection-ago"), silence === null ? "" : t("seconds_ago", { n: seconds }));
  byId("alarm").hidden = !stale;
  if (stale) {
    setText(byId("alarm-detail"), silence === null ? t("error_unreachable")
      : t("stale_detail", { at: clockSeconds(stream.heardWall), n: seconds }));
  }
  if (was && !stale) announce(t("recovered"));
  if (!stale && stream.heardWall) drawChecked();
}

// ---- drawing ----------------------------------------------------------------------------------------------------

function drawList(force = false) {
  const ids = chosen(now());
  shownSet = isFiltered() ? new Set(ids) : null;
  list.setIds(ids, force);
  setText(byId("list-count"), t(ids.length === 1 ? "rows_one" : "rows", { n: whole(ids.length) }));
  const nothing = board.loaded && ids.length === 0;
  byId("list-empty").hidden = !nothing;
  byId("list-loading").hidden = board.loaded;
  if (nothing) {
    const empty = board.visits.size === 0;
    byId("list-reset").hidden = empty;
    setText(byId("list-empty-title"), t(empty ? "empty_day" : "empty_filter"));
    setText(byId("list-empty-detail"), empty ? t("empty_day_detail") : t("empty_filter_detail", { n: whole(board.visits.size) }));
  }
  drawFilterBar();
}

/** The filter changed by a person: all views follow at once. */
function applyFilter(patch) {
  Object.assign(filter, patch);
  if (!["board", "map"].includes(tab())) setTab("board");
  writeUrl();
  drawList(true);
  drawCounters(now());
  drawAreas(now(), applyFilter);
  map.drawAll();
}

function drawEverything() {
  setText(byId("district"), districtName());
  drawDistricts();
  drawList(true);
  drawCounters(now());
  drawAttention();
  drawAreas(now(), applyFilter);
  drawDisruptions();
  drawProgrammes();
  map.drawAll();
  drawTab();
  refreshDrawer({ all: true, visits: new Set() });
}

function drawTab() {
  if (tab() === "day") drawDay();
  if (tab() === "ledger") { drawLedger(); drawCloseDay(); drawFairness(); }
}

const drawTables = calmly(() => {
  drawAreas(now(), applyFilter);
  drawDisruptions();
  drawProgrammes();
  drawTab();
});

let slowTimer = null;
function drawSlowly() { // tables that no one reads ten times a second
  slowTimer ??= setTimeout(() => {
    slowTimer = null;
    drawTables();
  }, 1000);
}

function changed(changes) {
  if (changes.all) { drawEverything(); return; }
  if (changes.visits.size || changes.exceptions) {
    drawList();
    drawCounters(now());
  }
  if (changes.visits.size || changes.exceptions) drawAttention();
  map.update(changes.exceptions ? { ...changes, visits: new Set(board.visits.keys()) } : changes);
  refreshDrawer(changes);
  drawSlowly();
}

// ---- tabs, drawer, keys -----------------------------------------------------------------------------------------

function setTab(name) {
  if (name === "ledger") closeDrawer(); // a sheet of paper is read whole
  document.body.dataset.tab = name;
  for (const button of document.querySelectorAll("[data-go]")) {
    if (button.dataset.go === name) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  writeUrl({ tab: name === "board" ? "" : name });
  drawTab();
}

function open(kind, id, takeFocus = true) {
  openDrawer(kind, id, takeFocus);
}

function opened(kind, id) {
  if (kind === "visit") { list.setActive(id); map.pick(id); map.show(id); } else map.pick(null, id);
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.view !== "board") return;
  if (document.querySelector("dialog[open]")) return; // it closes itself, and has the keyboard to itself
  const typing = event.target.closest?.("input, select, textarea");
  if (event.key === "Escape") {
    if (drawerIs().id) closeDrawer();
    else if (typing === byId("search")) {
      typing.value = "";
      applyFilter({ text: "" });
      byId("list-scroll").focus();
    }
    return;
  }
  if (typing) {
    if (typing === byId("search") && ["Enter", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      applyFilter({ text: typing.value }); // whoever types quickly is not asked about half a number
      if (event.key === "Enter" && askPeople(typing.value)) return;
      byId("list-scroll").focus();
      list.setActive(list.ids[0] ?? null);
    }
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    setTab("board");
    byId("search").focus();
    byId("search").select();
  } else if (event.key === "?") byId("help").showModal();
  else if (["1", "2", "3"].includes(event.key)) {
    const name = ["board", "day", "ledger"][Number(event.key) - 1];
    if (name !== "ledger" || may("GET /v1/ledger")) setTab(name);
  }
}

/** On paper all rows stand, so all their names are asked for first (a logged read, like every other). */
async function printView() {
  const ids = tab() === "ledger" ? [...board.visits.values()].filter((row) => !["open", "done"].includes(row.ledger_class)).map((row) => row.visit_id) : list.ids;
  for (const id of ids) {
    const row = board.visits.get(id);
    wantRecipient(row?.recipient_id);
    row?.worker_ids.forEach(wantWorker);
  }
  await namesSettled();
  print();
}

let moved = null;
function start() {
  startClock();
  startCounters(applyFilter);
  startDisruptions();
  startMeMenu();
  startPhone();
  startCloseDay();
  startRequests((id) => open("visit", id));
  list = new VisitList({
    open: (id) => open("visit", id),
    hover: (id) => map.light(id),
    pending: (n) => { byId("pending-order").hidden = n === 0; },
    move: (id) => {
      map.light(id);
      if (drawerIs().id) { clearTimeout(moved); moved = setTimeout(() => open("visit", id, false), 160); }
    },
  }, now);
  map = new BoardMap({ open: (kind, id) => open(kind, id), hover: (id) => list.light(id) }, now, () => shownSet);
  startAttention((kind, id) => open(kind, id));
  startDrawer({ open, opened, closed: () => map.pick(null), map: (id) => { setTab(innerWidth <= 760 ? "map" : "board"); if (innerWidth <= 760) closeDrawer(); map.pick(id); map.show(id); } });
  startDay(open);
  startLedger((patch) => { clearFilter(); applyFilter(patch); setTab("board"); });
  startFinding({ changed: () => applyFilter({}), open: (id) => open("visit", id) });
  startFilterBar(applyFilter, () => { clearFilter(); byId("search").value = ""; applyFilter({}); });
  watch(changed);
  onNames(() => { if (filter.text) drawList(); else list.draw(); drawSlowly(); });
  onLanguage(() => { list.redraw(); drawEverything(); drawHelp(); if (stream) drawConnection(); });
  for (const button of document.querySelectorAll("[data-go]")) button.addEventListener("click", () => setTab(button.dataset.go));
  byId("language").addEventListener("click", () => setLanguage(language() === "ko" ? "en" : "ko"));
  for (const button of document.querySelectorAll("[data-help]")) button.addEventListener("click", () => byId("help").showModal());
  byId("help-close").addEventListener("click", () => byId("help").close());
  byId("pending-order").addEventListener("click", () => list.release());
  byId("list-reset").addEventListener("click", () => { clearFilter(); byId("search").value = ""; applyFilter({}); });
  byId("reconnect").addEventListener("click", () => stream.reopen());
  byId("map-fit").addEventListener("click", () => { map.moved = false; map.map && map.fit(); });
  byId("print-list").addEventListener("click", printView);
  byId("print-ledger").addEventListener("click", printView);
  addEventListener("beforeprint", () => preparePrint(tab() === "ledger" ? "ledger" : "list", list.ids));
  addEventListener("keydown", keys);
  byId("gate").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = byId("gate-key");
    try {
      await openSession(field.value.trim());
      field.value = "";
      view("loading");
      await getMe();
      takeConfig(await getDistrict(query.get("district") ?? ""));
      begin();
    } catch (problem) { refused(problem, true); }
  });
  drawHelp();
  setTab(TABS.includes(query.get("tab")) ? query.get("tab") : "board");
  setInterval(() => { if (board.loaded) { list.draw(); drawCounters(now()); drawSlowly(); } }, 5000); // lateness grows by itself
  enter();
}

function drawHelp() {
  replace(byId("help-signs"), GROUPS.map((group) => h("li", {}, h(`span.state.tone-${group.tone}`, {}, icon(group.icon), groupLabel(group.id)))));
}

start();
