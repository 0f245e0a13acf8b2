// Whom somebody means: the end of a telephone number, or a whole name, asked for by a person, for every look is written down. It
// goes in the body of a POST; what was typed and who was found are kept only as long as they stand in the search box.

import { Problem, searchPeople } from "./api.js";
import { byId, h, redraw } from "./dom.js";
import { say } from "./finding_texts.js";
import { emergencyButton } from "./emergency.js";
import { mayRequest, openRequest } from "./request_form.js";
import { say as sayRequest } from "./request_texts.js";
import { may } from "./session.js";
import { isOpen } from "./states.js";
import { board } from "./store.js";
import { language, t } from "./texts.js";
import { districtNameOf, dongName } from "./words.js";

const ENDING = /^\d{4}$/;
const NAME = /^[가-힣]{2,6}$|^[a-z]{2,}( [a-z]+)+$/i;
const NOTHING = { text: "", phase: "idle", recipients: [], ids: new Set(), problem: null };
const asked = { ...NOTHING };
let on = { changed: () => {}, open: () => {} };
let drawn = null;

/** `handlers`: {changed(): the list has to be filtered anew, open(visitId)} */
export function startFinding(handlers) { on = handlers; }

const plain = (text) => text.trim();

/** What may be asked for these words: `{ending}` of a number or `{name}`; null for what is neither. */
export function questionOf(text) {
  if (!may("POST /v1/people/search")) return null;
  if (ENDING.test(text)) return { ending: text };
  return NAME.test(text) ? { name: text } : null;
}

/** Whether this recipient is one of those found for what stands in the search box. */
export const isFound = (recipientId, text) => asked.text === plain(text) && asked.ids.has(recipientId);

/** Ask, when what is typed is a question that was not asked yet; whether it was one. */
export function askPeople(text) {
  const question = questionOf(plain(text));
  if (!question || (asked.text === plain(text) && ["asking", "answered"].includes(asked.phase))) return false;
  ask(plain(text), question);
  return true;
}

async function ask(text, question) {
  Object.assign(asked, NOTHING, { text, phase: "asking" });
  drawFinding(text);
  try {
    const { recipients } = await searchPeople(question);
    if (asked.text !== text) return; // something else was typed meanwhile
    Object.assign(asked, { phase: "answered", recipients, ids: new Set(recipients.map((one) => one.recipient_id)) });
  } catch (problem) {
    if (asked.text !== text) return;
    Object.assign(asked, { phase: "failed", problem });
  }
  on.changed();
}

export function drawFinding(typed) {
  const text = plain(typed);
  if (asked.text !== text) Object.assign(asked, NOTHING);
  const question = questionOf(text);
  const place = byId("people-search");
  place.hidden = !question;
  const signature = question && JSON.stringify([text, asked.phase, language(), board.config?.version, asked.recipients.map((one) => [one.recipient_id, visitsOf(one).length])]);
  if (drawn === signature) return; // what somebody stands in with the keyboard stays as it is
  drawn = signature;
  redraw(place, question ? lines(text, question) : null);
}

const visitsOf = (one) => [...board.visits.values()].filter((row) => row.recipient_id === one.recipient_id);

function lines(text, question) {
  if (asked.phase === "asking") return h("span", { "aria-busy": "true" }, say("asking"));
  const button = h("button.small", { type: "button", dataset: { focus: "ask-people" }, onclick: () => ask(text, question) },
    say(question.ending ? "by_ending" : "by_name", { text }));
  if (asked.phase === "failed") {
    return [h("span.failed", { role: "alert" }, asked.problem instanceof Problem ? asked.problem.remedy : t("error_generic")), " ", button];
  }
  if (asked.phase === "idle") return [button, " ", h("span.mute", {}, say("logged"))];
  if (!asked.recipients.length) return h("span", {}, say(question.ending ? "nobody_ending" : "nobody_name", { text }));
  return [h("b", {}, say(asked.recipients.length === 1 ? "found_one" : "found", { n: asked.recipients.length })),
    h("ul.found", {}, asked.recipients.map((one) => h("li", { dataset: { found: one.recipient_id } }, person(one, question))))];
}

function person(one, question) {
  const elsewhere = one.district && one.district !== board.config?.district;
  const rows = visitsOf(one).sort((a, b) => Number(!isOpen(a)) - Number(!isOpen(b)) || a.due - b.due);
  const visits = rows.length;
  const name = one.name || one.recipient_id;
  return [visits ? h("button.link", { type: "button", dataset: { focus: `found:${one.recipient_id}` }, onclick: () => on.open(rows[0].visit_id) }, name) : h("b", {}, name),
    h("span.mute", {}, [elsewhere ? districtNameOf(one.district) : one.dong ? dongName(one.dong) : "",
      question.ending ? say(one.whose === "kin" ? "whose_kin" : "whose_own") : "",
      visits ? say(visits === 1 ? "visit_today" : "visits_today", { n: visits }) : say("no_visit_today")].filter(Boolean).join(" · ")),
    mayRequest(one) ? h("button.small", { type: "button", dataset: { focus: `new:${one.recipient_id}`, request: one.recipient_id }, onclick: () => openRequest(one, rows[0]) }, sayRequest("new")) : null, " ", emergencyButton(one)];
}
