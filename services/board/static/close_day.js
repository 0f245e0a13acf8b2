// The coordinator ends the service day: what is open gets a named owner, and the ledger stands. It cannot be taken back.

import { whatToDo } from "./act.js";
import { say } from "./action_texts.js";
import { confirmThat } from "./confirm.js";
import { byId, h, replace } from "./dom.js";
import { dateText, whole } from "./format.js";
import { beginNow, forget, onPending, pendingOf } from "./pending.js";
import { may } from "./session.js";
import { groupOf, isOpen } from "./states.js";
import { board } from "./store.js";
import { onLanguage, t } from "./texts.js";

const OPERATION = "POST /v1/day/close";
const dateOf = () => board.ledger?.service_date || board.config.service_date;
const keyOf = () => `day:${board.config.district}:${dateOf()}`;

export function startCloseDay() {
  byId("close-day").addEventListener("click", ask);
  onPending(drawCloseDay);
  onLanguage(drawCloseDay);
}

export function drawCloseDay() {
  if (!board.config) return;
  const action = pendingOf(keyOf());
  const closed = Boolean(board.ledger?.closed);
  const under = ["sending", "sent"].includes(action?.phase);
  byId("close-day").hidden = !may(OPERATION) || closed || under;
  byId("close-day").textContent = say("close_day");
  replace(byId("close-day-state"), action?.phase === "failed" ? h("span.failed", {}, whatToDo(action.problem))
    : closed ? null : under ? h("span.mute", {}, t(action.phase)) : null);
}

async function ask() {
  const open = [...board.visits.values()].filter(isOpen);
  const under = open.filter((row) => ["moving", "door"].includes(groupOf(row.state))).length;
  const lines = [open.length ? say(open.length === 1 ? "close_open_one" : "close_open", { n: whole(open.length) }) : say("close_none"),
    under ? say("close_under_way", { n: whole(under) }) : "", say("close_for_ever")].filter(Boolean);
  const title = say("close_title", { date: dateText(Date.parse(`${dateOf()}T00:00:00+09:00`), true) });
  if (!await confirmThat(title, lines, say("close_day"))) return;
  forget(keyOf());
  beginNow(keyOf(), say("close_day"), "/v1/day/close", { district: board.config.district, service_date: dateOf() });
}
