// Whom to telephone about a visit: asked for by a person, one visit at a time, for every look is written down. Kept only as long
// as that visit is open on the page.

import { getContact, Problem } from "./api.js";
import { h } from "./dom.js";
import { may } from "./session.js";
import { t } from "./texts.js";

const OPERATION = "GET /v1/visits/{visit_id}/contact";
const asked = { id: null, workers: "", state: "idle", answer: null, problem: "" };

export const forgetContact = () => Object.assign(asked, { id: null, workers: "", state: "idle", answer: null, problem: "" });

/** The lines of a visit's drawer. `redraw` is called when the answer comes. */
export function contactLines(row, redraw) {
  if (!may(OPERATION)) return null;
  const workers = row.worker_ids.join();
  if (asked.id !== row.visit_id || asked.workers !== workers) Object.assign(asked, { id: row.visit_id, workers, state: "idle", answer: null });
  const button = (words) => h("button.small", { type: "button", dataset: { focus: "contact" }, onclick: () => ask(row, redraw) }, words);
  return h("section.contact", { "aria-live": "polite" }, h("h3", {}, t("people")),
    asked.state === "asking" ? h("p.mute", { "aria-busy": "true" }, t("contact_asking"))
      : asked.state === "failed" ? h("p", {}, h("span.failed", { role: "alert" }, asked.problem), " ", button(t("retry")))
        : asked.state === "answered" ? people(asked.answer) : h("p", {}, button(t("contact_show")), " ", h("span.mute", {}, t("contact_logged"))));
}

async function ask(row, redraw) {
  const { id } = asked;
  asked.state = "asking";
  redraw();
  try {
    const answer = await getContact(row.visit_id);
    if (asked.id === id) Object.assign(asked, { answer, state: "answered" });
  } catch (problem) {
    if (asked.id === id) Object.assign(asked, { state: "failed", problem: problem instanceof Problem ? problem.remedy : t("error_generic") });
  }
  redraw();
}

const phoneLink = (number) => (number ? h("a", { href: `tel:${number.replace(/[^\d+]/g, "")}`, dataset: { focus: `tel:${number}` } }, number)
  : h("span.mute", {}, t("contact_no_phone")));

function people({ recipient, workers }) {
  const line = (role, name, phone, more) => h("li", {}, h("span.mute", {}, role), h("b", {}, name), phoneLink(phone), more ? h("span.address", {}, more) : null);
  return h("ul.contacts", {},
    recipient ? [line(t("recipient"), recipient.name, recipient.phone, recipient.address), recipient.kin.map((one) => line(t("contact_kin"), one.name, one.phone))]
      : h("li.mute", {}, t("contact_none")),
    workers.map((one) => line(t("fact_worker"), one.name, one.phone)));
}
