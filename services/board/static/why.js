// Why this worker, who else could come, and what keeps the others away: asked of the dispatcher when somebody wants to know.

import { getWhy } from "./api.js";
import { h } from "./dom.js";
import { clockTime } from "./format.js";
import { wantWorker, workerName } from "./names.js";
import { label, t } from "./texts.js";

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
  return answered(asked.answer);
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

function answered(answer) {
  if (!answer.candidates.length && !answer.obstacles.length) return h("span.mute", {}, t("why_settled"));
  const cheapest = Math.min(...answer.candidates.map((candidate) => candidate.price));
  return h("div.why", {},
    answer.candidates.length ? h("ol", {}, answer.candidates.map((candidate) => {
      wantWorker(candidate.worker_id);
      const more = Math.round((candidate.price - cheapest) / 60);
      return h("li", {},
        h("b", {}, workerName(candidate.worker_id) || candidate.worker_id), ` ${clockTime(Date.parse(candidate.begin_at))} `,
        h("span.mute", {}, [answer.worker_ids.includes(candidate.worker_id) ? t("why_chosen") : null,
          more > 0 ? t("why_dearer", { n: more }) : t("why_cheapest")].filter(Boolean).join(" · ")));
    })) : null,
    answer.obstacles.length ? h("p.mute", {}, t("why_others", {
      list: answer.obstacles.map(([rule, count]) => t("why_rule", { rule: label("rule", rule), n: count })).join(", "),
    })) : null);
}
