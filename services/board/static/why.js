// Why this worker, who else could come, and what keeps the others away: asked of the dispatcher when somebody wants to know.

import { getWhy } from "./api.js";
import { h } from "./dom.js";
import { clockTime } from "./format.js";
import { wantWorker, workerName } from "./names.js";
import { begin, pendingOf, undo } from "./pending.js";
import { previewOf } from "./preview.js";
import { may } from "./session.js";
import { label, language, t } from "./texts.js";

const asked = { id: null, version: -1, answer: null, state: "idle" };

/** The lines under "why", for a visit that is still open. `redraw` is called when the answer comes. */
export function whyDetails(row, redraw) {
  const fresh = asked.id === row.visit_id && asked.version === row.version;
  if (!fresh) Object.assign(asked, { id: row.visit_id, version: row.version, answer: null, state: "idle" });
  if (asked.state === "idle") {
    return h("button.small", { type: "button", dataset: { focus: "why" }, onclick: () => ask(row, redraw) }, t("why_ask"));
  }
  if (asked.state === "failed") {
    return h("span.mute", {}, t("why_failed"), " ", h("button.small", { type: "button", dataset: { focus: "why" }, onclick: () => ask(row, redraw) }, t("retry")));
  }
  if (asked.state === "asking") return h("span.mute", { "aria-busy": "true" }, t("why_asking"));
  return answered(asked.answer, row);
}

async function ask(row, redraw) {
  asked.state = "asking";
  redraw();
  const { id, version } = asked;
  try {
    const answer = await getWhy(row.visit_id);
    if (asked.id === id && asked.version === version) Object.assign(asked, { answer, state: "answered" });
  } catch {
    if (asked.id === id && asked.version === version) asked.state = "failed";
  }
  redraw();
}

/** The sentence first, then the chosen worker and the next two with what they add, then what keeps the others away. */
function answered(answer, row) {
  const sentence = h("p", {}, (language() === "ko" ? answer.sentence_ko : answer.sentence_en) || t("why_settled"));
  if (!answer.candidates.length && !answer.obstacles.length) return h("div.why", {}, sentence);
  const chosen = answer.candidates.filter((candidate) => candidate.chosen);
  const from = chosen.length ? chosen[chosen.length - 1].price : 0;
  return h("div.why", {},
    sentence,
    answer.candidates.length ? h("ol", {}, answer.candidates.map((candidate) => {
      wantWorker(candidate.worker_id);
      const more = Math.round((candidate.price - from) / 60);
      return h("li", {},
        h("b", {}, workerName(candidate.worker_id) || candidate.worker_id), ` ${clockTime(Date.parse(candidate.begin_at))} `,
        h("span.mute", {}, [candidate.chosen ? t("why_chosen") : t("why_dearer", { n: more < 0 ? `\u2212${-more}` : `+${more}` }),
          termsOf(candidate)].filter(Boolean).join(" · ")), candidate.chosen ? null : assignment(row, candidate.worker_id));
    })) : null,
    answer.obstacles.length ? h("p.mute", {}, t("why_others", {
      list: answer.obstacles.map(([rule, count]) => t("why_rule", { rule: label("rule", rule), n: count })).join(", "),
    })) : null);
}

// What has begun stays with its worker; a visit for two is given to nobody alone.
const MAY_BE_GIVEN = ["waiting", "planned", "offered", "accepted"];

/** Give the visit to this candidate by hand; a few seconds to take it back, ten minutes by the API's undo. */
function assignment(row, workerId) {
  if (!may("POST /v1/visits/{visit_id}/assign") || !MAY_BE_GIVEN.includes(row.state) || row.worker_ids.length > 1) return null;
  const action = pendingOf(`g:${row.visit_id}`);
  if (action?.phase === "counting" && action.body.worker_id === workerId) {
    return h("button.small", { type: "button", dataset: { focus: "give-undo" }, onclick: () => undo(`g:${row.visit_id}`) }, t("undo_in", { n: action.left }));
  }
  if (action && action.phase !== "failed") return null;
  const problem = action && action.body.worker_id === workerId ? h("span.failed", { role: "alert" }, ` ${action.problem.remedy ?? t("error_generic")}`) : null;
  return h("span", {}, " ", h("button.small.quiet", {
    type: "button", dataset: { focus: `give:${workerId}`, give: workerId },
    onclick: () => begin(`g:${row.visit_id}`, t("give"), `/v1/visits/${encodeURIComponent(row.visit_id)}/assign`, { worker_id: workerId, expected_version: row.version }),
  }, t("give")), " ", previewOf(row, `g:${workerId}`, `${t("give")} ${workerName(workerId) || workerId}`, "assign", () => ({ worker_id: workerId, expected_version: row.version })), problem);
}

/** What a worker adds to the plan, term by term, in minutes of travel worth. */
function termsOf(candidate) {
  const told = candidate.terms.map(([term, price]) => [term, Math.round(price / 60)]).filter(([, minutes]) => minutes);
  return told.map(([term, minutes]) => t("why_term", { term: label("term", term), n: minutes })).join(", ");
}
