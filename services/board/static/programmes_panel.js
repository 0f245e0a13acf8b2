// Crisis programmes (긴급돌봄지원단) that were switched on, under the living areas: until when, what is left, who is posted.

import { byId, h, redraw } from "./dom.js";
import { equipmentButton } from "./equipment.js";
import { dateText, whole } from "./format.js";
import { wantWorker, workerName } from "./names.js";
import { drawProgrammeForm, mayOpen } from "./programme_form.js";
import { mayPost, postingButton } from "./posting_form.js";
import { postingActions, postingSignature } from "./posting_actions.js";
import { onPending } from "./pending.js";
import { board } from "./store.js";
import { label, language, t } from "./texts.js";
import { dongName } from "./words.js";

const SHOWN = ["waiting", "assigned", "under_way"]; // over and gone: the API has them all

let drawn = ""; // what it was drawn from: nobody's choice is taken out of their hand

export function drawProgrammes() {
  const programmes = board.counters?.programmes ?? [];
  const postings = (board.counters?.postings ?? []).filter((row) => SHOWN.includes(row.state));
  byId("programmes").hidden = !programmes.length && !postings.length && !mayOpen();
  const signature = JSON.stringify([language(), mayPost(), board.config?.version, programmes, postings.map((row) => [row, workerName(row.worker_id), postingSignature(row)])]);
  if (drawn === signature) { drawProgrammeForm(); return; }
  drawn = signature;
  redraw(byId("programme-rows"), h("h2", {}, t("programmes")), h("ul", {}, programmes.map((row) => h("li", { dataset: { programme: row.programme_id } },
    h("b", {}, language() === "ko" ? row.name_ko : row.name_en), " ",
    h(`span.tone-${row.is_on ? "way" : "wait"}`, {}, row.is_on ? t("programme_on", { from: row.from_date, until: row.until_date }) : t("programme_off")),
    h("span.enterprise", {}, t("programme_budget", { booked: whole(row.booked_krw), budget: whole(row.budget_krw), n: whole(row.visits) })),
    h("span.enterprise", {}, Object.entries(row.stock).map(([item, count]) => t("programme_stock", {
      item: label("reason", item), left: whole(count - (row.booked_equipment[item] ?? 0)), count: whole(count),
    })).join(" · ")), equipmentButton(row))),
  postings.map((row) => h("li", { dataset: { posting: row.posting_id } }, posted(row)))), mayPost() ? postingButton() : null);
  drawProgrammeForm();
}

/** One posting: who is with whom, from when until when. */
function posted(row) {
  if (row.worker_id) wantWorker(row.worker_id);
  const who = row.worker_id ? workerName(row.worker_id) || row.worker_id : t("posting_nobody");
  return [h("b", {}, `${t("posting")}: ${who}`), " ", h(`span.tone-${row.worker_id ? "way" : "person"}`, {}, label("posting", row.state)),
    h("span.enterprise", {}, t("posting_days", { dong: dongName(row.dong), from: dateText(Date.parse(row.from_at)), until: dateText(Date.parse(row.until_at)) })), postingActions(row)];
}

onPending(() => { if (board.loaded) drawProgrammes(); });
