// Whom to telephone about a visit, or a worker: asked for by a person, one at a time, for every look is written down. Kept only as
// long as that drawer is open on the page.

import { getContact, getWorkerContact, Problem } from "./api.js";
import { h } from "./dom.js";
import { may } from "./session.js";
import { t } from "./texts.js";

const NOTHING = { of: "", state: "idle", answer: null, problem: "" };
const asked = { ...NOTHING };

export const forgetContact = () => Object.assign(asked, NOTHING);

/** The lines of a visit's drawer. `redraw` is called when the answer comes. */
export const contactLines = (row, redraw) => (may("GET /v1/visits/{visit_id}/contact")
  ? lines(`visit/${row.visit_id}/${row.worker_ids}`, () => getContact(row.visit_id), redraw) : null);

/** The lines of a worker's drawer. */
export const workerContactLines = (row, redraw) => (may("GET /v1/workers/{worker_id}/contact")
  ? lines(`worker/${row.worker_id}`, async () => ({ workers: [await getWorkerContact(row.worker_id)] }), redraw) : null);

function lines(of, get, redraw) {
  if (asked.of !== of) Object.assign(asked, NOTHING, { of });
  const button = (words) => h("button.small", { type: "button", dataset: { focus: "contact" }, onclick: () => ask(of, get, redraw) }, words);
  return h("section.contact", { "aria-live": "polite" }, h("h3", {}, t("people")),
    asked.state === "asking" ? h("p.mute", { "aria-busy": "true" }, t("contact_asking"))
      : asked.state === "failed" ? h("p", {}, h("span.failed", { role: "alert" }, asked.problem), " ", button(t("retry")))
        : asked.state === "answered" ? people(asked.answer) : h("p", {}, button(t("contact_show")), " ", h("span.mute", {}, t("contact_logged"))));
}

async function ask(of, get, redraw) {
  asked.state = "asking";
  redraw();
  try {
    const answer = await get();
    if (asked.of === of) Object.assign(asked, { answer, state: "answered" });
  } catch (problem) {
    if (asked.of === of) Object.assign(asked, { state: "failed", problem: problem instanceof Problem ? problem.remedy : t("error_generic") });
  }
  redraw();
}

const phoneLink = (number) => (number ? h("a", { href: `tel:${number.replace(/[^\d+]/g, "")}`, dataset: { focus: `tel:${number}` } }, number)
  : h("span.mute", {}, t("contact_no_phone")));

function people({ recipient, workers }) {
  const line = (role, name, phone, more) => h("li", {}, h("span.mute", {}, role), h("b", {}, name), phoneLink(phone), more ? h("span.address", {}, more) : null);
  return h("ul.contacts", {},
    recipient ? [line(t("recipient"), recipient.name, recipient.phone, recipient.address), recipient.kin.map((one) => line(t("contact_kin"), one.name, one.phone))]
      : recipient === null ? h("li.mute", {}, t("contact_none")) : null,
    workers.map((one) => line(t("fact_worker"), one.name, one.phone)));
}
