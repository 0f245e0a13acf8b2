// The service clock: what the server says, carried on between its messages at its own speed.

import { setClock } from "./api.js";
import { announce, byId, h, setText } from "./dom.js";
import { clockTime, dateText } from "./format.js";
import { language, onLanguage, t } from "./texts.js";

const SPEEDS = [0, 1, 10, 60, 300];
const state = { at: Date.now(), speed: 1, heardAt: performance.now(), known: false, wished: null, marked: null, holiday: { ko: "", en: "" } };

/** The service clock now, in epoch milliseconds. It stands still while nothing is heard (see stream.js). */
export function now() {
  const elapsed = Math.min(performance.now() - state.heardAt, 15000);
  return state.at + elapsed * state.speed;
}

/** Take `{now_at, speed, paused}` or the anchor form `{anchor_wall, anchor_service, speed}`. */
export function takeClock(data) {
  if (!data) return;
  state.wished = data.held ? Number(data.wished_speed) || null : null; // stands for a moment, until the pipeline has caught up
  state.holiday = { ko: data.holiday_ko ?? "", en: data.holiday_en ?? "" };
  for (const button of byId("speeds").children) button.disabled = Boolean(data.lockstep);
  const speed = data.paused || data.held ? 0 : Number(data.speed ?? state.speed);
  if (data.now_at) set(Date.parse(data.now_at), speed);
  else if (data.anchor_service) {
    const elapsed = Math.max(0, Date.now() - Number(data.anchor_wall) * 1000);
    set(Date.parse(data.anchor_service) + elapsed * speed, speed);
  }
}

function set(at, speed) {
  if (Number.isNaN(at)) return;
  const changed = speed !== state.speed || !state.known || state.wished !== state.marked;
  Object.assign(state, { at, speed, heardAt: performance.now(), known: true });
  if (changed) markSpeed();
  draw();
}

export function startClock() {
  const group = byId("speeds");
  for (const speed of SPEEDS) {
    group.append(h("button", {
      type: "button", dataset: { speed: String(speed) }, "aria-pressed": "false", onclick: () => wish(speed),
    }));
  }
  nameSpeeds();
  onLanguage(() => { nameSpeeds(); draw(); });
  setInterval(draw, 200);
}

async function wish(speed) {
  const before = state.speed;
  set(now(), speed);
  try {
    await setClock(speed === 0 ? { paused: true } : { speed, paused: false }); // obeyed a moment later: `clock` tells
  } catch {
    set(now(), before);
    announce(t("clock_failed"));
  }
}

function nameSpeeds() {
  for (const button of byId("speeds").children) {
    const speed = Number(button.dataset.speed);
    button.textContent = speed === 0 ? t("pause") : `${speed}×`;
    button.setAttribute("aria-label", speed === 0 ? t("pause") : t("speed", { n: speed }));
  }
}

function markSpeed() {
  state.marked = state.wished;
  for (const button of byId("speeds").children) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === (state.wished ?? state.speed)));
  }
}

function draw() {
  if (!state.known) return;
  const at = now();
  setText(byId("clock-time"), clockTime(at));
  setText(byId("clock-seconds"), String(new Date(at).getUTCSeconds()).padStart(2, "0"));
  setText(byId("clock-date"), [dateText(at), state.holiday[language()]].filter(Boolean).join(" · "));
  byId("clock").classList.toggle("paused", state.speed === 0);
}
