// What is broken now (a provider that fails, a mode that weather stops), and the form in which the coordinator says so.

import { calmly } from "./calm.js";
import { now } from "./clock.js";
import { byId, h, replace } from "./dom.js";
import { clockTime, whole } from "./format.js";
import { begin, forget, onPending, pendingOf, undo } from "./pending.js";
import { may } from "./session.js";
import { board } from "./store.js";
import { label, language, onLanguage, t } from "./texts.js";
import { areaName, kitchenName, providerName } from "./words.js";

const SPANS = ["hour", "meal_window", "day"];
const TROUBLES = ["fire", "gas", "power", "water", "hygiene", "staff", "other"];
const WEATHERS = ["snow", "ice", "rain", "wind", "heat", "dust"];
const MINUTES = [30, 60, 120, 240];
let built = "";
let shown = ""; // what the rows were drawn from: they are built anew only when something of it changed

export function startDisruptions() {
  onPending(drawDisruptions);
  onLanguage(drawDisruptions);
}

export const drawDisruptions = calmly(() => {
  if (!board.config) return;
  const going = board.counters?.disruptions ?? [];
  const rows = JSON.stringify([going, going.map((one) => [pendingOf(`z:${one.disruption_id}`)?.phase, pendingOf(`z:${one.disruption_id}`)?.left]), language()]);
  if (shown !== rows) {
    shown = rows;
    replace(byId("disruption-rows"), going.map(rowOf));
  }
  byId("disruptions").classList.toggle("going", going.length > 0);
  const signature = `${language()}/${board.config.district}/${board.config.version}`;
  if (built !== signature) {
    built = signature;
    replace(byId("disruption-forms"), [providerForm(), weatherForm()]);
  }
  for (const key of ["failure", "weather"]) replace(byId(`disruption-${key}`), stateOf(key));
});

function nameOf(one) {
  if (one.kind === "mode") return [label("mode", one.mode), one.area_id ? areaName(one.area_id) : t("whole_district")].join(" · ");
  return one.kitchen_id ? kitchenName(one.kitchen_id) : providerName(one.provider_id);
}

function rowOf(one) {
  const key = `z:${one.disruption_id}`;
  const action = pendingOf(key);
  const moved = t("disruption_moved", { n: whole(one.moved), left: whole(one.left), waiting: whole(one.waiting) });
  return h("li", { dataset: { disruption: one.disruption_id } },
    h("b", {}, label("exception", one.kind === "mode" ? "mode_paused" : "provider_failed")), " ", nameOf(one), " ",
    h("span.mute", {}, [one.reason && label("reason", one.reason), t("until", { at: clockTime(Date.parse(one.until_at)) }), moved].filter(Boolean).join(" · ")), " ",
    action && action.phase !== "failed"
      ? action.phase === "counting"
        ? h("button.small", { type: "button", dataset: { focus: key }, onclick: () => undo(key) }, t("undo_in", { n: action.left }))
        : h("span.mute", {}, t(action.phase === "sending" ? "sending" : "sent"))
      : !may("POST /v1/disruptions/{disruption_id}/end") ? null : [action ? h("span.failed", { role: "alert" }, action.problem.remedy ?? t("error_generic"), " ") : null, h("button.small", { type: "button", dataset: { focus: key }, onclick: () => {
        begin(key, t("disruption_end"), `/v1/disruptions/${encodeURIComponent(one.disruption_id)}/end`, { district: board.config.district });
      } }, t("disruption_end"))]);
}

export const choice = (name, words, options) => h("label", {}, h("span.mute", {}, words), " ",
  h("select", { name }, options.map(([value, shown]) => h("option", { value }, shown))));

function providerForm() {
  const kitchens = [...board.kitchens.keys()].map((id) => [`kitchen/${id}`, kitchenName(id)]);
  const providers = [...board.providers.keys()].map((id) => [`provider/${id}`, providerName(id)]);
  return h("form", { onsubmit: reportFailure },
    h("b", {}, t("failure_title")), choice("who", t("failure_who"), [...kitchens, ...providers]),
    choice("span", t("failure_span"), SPANS.map((span) => [span, label("reason", span)])),
    choice("reason", t("fact_reason"), TROUBLES.map((code) => [code, label("reason", code)])),
    h("button.small", { type: "submit" }, t("failure_report")), h("span", { id: "disruption-failure", role: "status" }));
}

function weatherForm() {
  const areas = [["", t("whole_district")], ...[...board.areas.keys()].map((id) => [id, areaName(id)])];
  return h("form", { onsubmit: reportWeather },
    h("b", {}, t("weather_title")), choice("mode", t("fact_mode"), Object.keys(board.config.travel.modes).map((mode) => [mode, label("mode", mode)])),
    choice("area", t("fact_area"), areas), choice("minutes", t("weather_for"), MINUTES.map((n) => [String(n), t("minutes", { n })])),
    choice("reason", t("fact_reason"), WEATHERS.map((code) => [code, label("reason", code)])),
    h("button.small", { type: "submit" }, t("weather_report")), h("span", { id: "disruption-weather", role: "status" }));
}

/** Five seconds to take it back, then it is said; what became of it stands beside the button. */
export function stateOf(key) {
  const action = pendingOf(`y:${key}`);
  if (!action) return [];
  if (action.phase === "counting") return h("button.small", { type: "button", dataset: { focus: `y:${key}` }, onclick: () => undo(`y:${key}`) }, t("undo_in", { n: action.left }));
  if (action.phase === "failed") return h("span.failed", { role: "alert" }, action.problem.remedy ?? t("error_generic"));
  return h("span.mute", {}, t(action.phase === "sending" ? "sending" : "sent"));
}

export function say(event, key, words, path, body, match) {
  event.preventDefault();
  if (["counting", "sending"].includes(pendingOf(`y:${key}`)?.phase)) return;
  forget(`y:${key}`);
  begin(`y:${key}`, words, path, { district: board.config.district, ...body(event.currentTarget instanceof HTMLFormElement ? new FormData(event.currentTarget) : null) }, match);
}

function reportFailure(event) {
  say(event, "failure", t("failure_report"), "/v1/provider-failures", (form) => {
    const [kind, id] = form.get("who").split(/\/(.*)/s);
    const kitchen_id = kind === "kitchen" ? id : "";
    const provider_id = kitchen_id ? board.kitchens.get(kitchen_id).provider_id : id;
    return { provider_id, kitchen_id, span: form.get("span"), reason: form.get("reason") };
  });
}

function reportWeather(event) {
  say(event, "weather", t("weather_report"), "/v1/mode-pauses", (form) => ({
    mode: form.get("mode"), area_id: form.get("area"), reason: form.get("reason"),
    until_at: new Date(now() + Number(form.get("minutes")) * 60000).toISOString(),
  }));
}
