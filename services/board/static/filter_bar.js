// The row of filters above the list: native controls, so that every keyboard and screen reader knows them.

import { byId, h, replace, setText } from "./dom.js";
import { drawFinding } from "./finding.js";
import { NO_WORKER_STEPS, filter, isFiltered } from "./filters.js";
import { minutesText } from "./format.js";
import { recipientName, wantRecipient } from "./names.js";
import { board } from "./store.js";
import { label, t } from "./texts.js";
import { areaName, dongName, providerName } from "./words.js";

const MEALS = ["hot_lunch", "hot_dinner", "side_dish", "single"];
const TYPING_MS = 120;
let typing = null;

export function startFilterBar(apply, reset) {
  for (const [id, key] of [["f-area", "area"], ["f-dong", "dong"], ["f-service", "service"], ["f-provider", "provider"], ["f-worker", "noworker"]]) {
    byId(id).addEventListener("change", (event) => {
      const patch = { [key]: event.target.value };
      if (key === "area" && filter.dong && !board.areas.get(event.target.value)?.dong_codes.includes(filter.dong)) patch.dong = "";
      apply(patch);
    });
  }
  byId("f-mine").addEventListener("change", (event) => apply({ mine: event.target.checked ? "1" : "" }));
  byId("f-late").addEventListener("change", (event) => apply({ late: event.target.checked ? "1" : "" }));
  byId("search").addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => apply({ text: event.target.value }), TYPING_MS);
  });
  byId("reset").addEventListener("click", reset);
  byId("name-search-all").addEventListener("click", () => {
    for (const row of board.visits.values()) wantRecipient(row.recipient_id);
  });
  byId("filters-toggle").addEventListener("click", () => {
    const shown = byId("filter-bar").classList.toggle("unfolded");
    byId("filters-toggle").setAttribute("aria-expanded", String(shown));
  });
  for (const head of document.querySelectorAll("[data-sort]")) {
    head.addEventListener("click", () => apply({ sort: head.dataset.sort === "time" ? "" : head.dataset.sort }));
  }
}

let optionsFor = "";

export function drawFilterBar() {
  fillOptions();
  const values = { "f-area": filter.area, "f-dong": filter.dong, "f-service": filter.service, "f-provider": filter.provider, "f-worker": filter.noworker };
  for (const [id, value] of Object.entries(values)) {
    if (byId(id).value !== value) byId(id).value = value;
    byId(id).classList.toggle("set", Boolean(value));
  }
  byId("f-mine").checked = Boolean(filter.mine);
  byId("f-late").checked = Boolean(filter.late);
  byId("reset").hidden = !isFiltered();
  const set = ["area", "dong", "service", "provider", "noworker", "late", "mine"].filter((key) => filter[key]).length;
  setText(byId("filters-count"), set ? String(set) : "");
  for (const head of document.querySelectorAll("[data-sort]")) {
    const on = (filter.sort || "time") === head.dataset.sort;
    head.setAttribute("aria-pressed", String(on));
  }
  drawFinding(filter.text);
  const note = byId("name-search");
  note.hidden = !(looksLikeName(filter.text) && [...board.visits.values()].some((row) => !recipientName(row.recipient_id)));
}

const looksLikeName = (text) => /^[가-힣*]{1,5}$|^[a-z*]+( [a-z*]+)*$/i.test(text.trim()) && text.trim().length > 0;

function fillOptions() {
  const providers = new Set();
  const services = new Set();
  for (const row of board.visits.values()) {
    if (row.organisation) providers.add(row.organisation);
    services.add(row.service);
    if (row.meal_kind) services.add(row.meal_kind);
  }
  for (const [key, set] of [["provider", providers], ["service", services]]) if (filter[key]) set.add(filter[key]);
  const signature = [document.documentElement.lang, board.config?.version, [filter.area, filter.dong, filter.service, filter.provider, filter.noworker].join(), [...providers].sort(), [...services].sort()].join("|");
  if (signature === optionsFor) return; // an open menu must not be rebuilt under a hand
  optionsFor = signature;
  const option = (value, word) => h("option", { value }, word);
  // With nothing chosen the control is named by what it filters; in the open menu it is the way back.
  const all = (key, value) => option("", value ? t("all_option", { what: t(key) }) : t(key));
  replace(byId("f-area"), all("any_area", filter.area), [...board.areas.keys()].map((id) => option(id, areaName(id))));
  const inArea = board.areas.get(filter.area)?.dong_codes;
  replace(byId("f-dong"), all("any_dong", filter.dong),
    [...board.dongs.keys()].filter((code) => !inArea || inArea.includes(code)).map((code) => option(code, dongName(code))));
  replace(byId("f-service"), all("any_service", filter.service), [...services].filter((code) => !MEALS.includes(code)).flatMap((code) => [
    option(code, label("service", code)),
    code === "meal_support" ? MEALS.filter((meal) => services.has(meal)).map((meal) => option(meal, `– ${label("meal", meal)}`)) : [],
  ]));
  replace(byId("f-provider"), all("any_provider", filter.provider), [...providers].sort().map((id) => option(id, providerName(id))));
  replace(byId("f-worker"), all("any_worker", filter.noworker), NO_WORKER_STEPS.map((n) => option(String(n || 1), n ? t("no_worker_for", { d: minutesText(n) }) : t("no_worker"))));
}
