// Codes and ids put into people's words, with what the district's configuration says.

import { clockTime } from "./format.js";
import { board } from "./store.js";
import { hasLabel, label, language, t } from "./texts.js";

const named = (thing) => (language() === "ko" ? thing.name_ko : thing.name_en || thing.name_ko);

export const districtName = () => (board.config ? named(board.config) : "");
export const areaName = (id) => (board.areas.has(id) ? named(board.areas.get(id)) : id);
/** A dong that is not of this district (of a guest, of somebody's home) is named by its district. */
export const dongName = (code) => (board.dongs.has(code) ? named(board.dongs.get(code))
  : /^\d{10}$/.test(code) && !code.startsWith(board.config?.district) ? districtNameOf(code.slice(0, 5)) : code);
export const providerName = (id) => (board.providers.has(id) ? named(board.providers.get(id)) : id);
export const kitchenName = (id) => (board.kitchens.has(id) ? named(board.kitchens.get(id)) : id);
export const serviceName = (row) => (row.meal_kind ? label("meal", row.meal_kind) : label("service", row.service));
export const taskName = (task) => label("task", task);
export const rungName = (rung) => t(`rung_${Math.min(rung, 4)}`);

/** A worker's rest: had, to come where the route leaves room for it, going on, or time that was kept free for it. */
export function restText(rest, at) {
  const how = rest.taken ? "rest_taken" : at < rest.begin ? "rest_planned" : at < rest.until ? "rest_now" : "rest_passed";
  return t(how, { from: clockTime(rest.begin), until: clockTime(rest.until) });
}

/** A meal is 배차, care is 배정. */
export function stateName(row) {
  if (row.state === "accepted" && language() === "ko") return row.meal_kind ? "배차됨" : "배정됨";
  if (row.state === "arrived" && language() === "ko" && !row.meal_kind) return "도착";
  return label("state", row.state);
}

/** "care_manager:1144066000" -> 돌봄매니저 · 서교동 */
export function actorName(actor) {
  const [role, id = ""] = String(actor ?? "").split(/:(.*)/s);
  if (!role) return "";
  if (!id && board.providers.has(role)) return providerName(role);
  const word = label("role", role);
  if (!id) return word;
  if (role === "organisation") return providerName(id);
  if (role === "district") return districtNameOf(id);
  if (role === "worker") return word;
  if (role === "responsible_enterprise") {
    const enterprise = board.areas.get(id)?.responsible_enterprise;
    return `${word} · ${enterprise ? providerName(enterprise) : providerName(id)}`;
  }
  if (board.dongs.has(id)) return `${word} · ${dongName(id)}`;
  return board.areas.has(id) ? `${word} · ${areaName(id)}` : word;
}

/** Another district by its code: as the configuration names it, or who may look at it; else the code. */
export function districtNameOf(code) {
  const known = code === board.config?.district ? board.config
    : [board.config?.other_districts?.find((one) => one.district === code), board.districtNames.get(code)].find((one) => one?.name_ko);
  return known ? named(known) : `${label("role", "district")} ${code}`;
}

/** An organisation, or "district:11410". */
export const claimantName = (id) => (String(id).startsWith("district:") ? districtNameOf(id.slice(9)) : providerName(id));

export function causeName(cause) {
  const type = String(cause ?? "").split(/[\s:/]/)[0];
  return type ? label("cause", type) : "";
}

const DETAILS = ["observation", "exception", "reason", "notice"];

/** What an exception is about, in a word; "" for an id (of a claim, of an offer), which says nothing. */
export function detailWord(kind, detail) {
  const code = String(detail ?? "").split(":")[0];
  const from = kind === "notice_not_delivered" ? "notice" : DETAILS.find((one) => hasLabel(one, code));
  return from && hasLabel(from, code) ? label(from, code) : "";
}

/** The reason of a line of a story: which kind of code it is depends on what happened. */
export function storyReason({ event, reason }) {
  if (!reason) return "";
  if (event === "rung_climbed") return rungName(Number(reason));
  if (event === "requested") return label("service", reason);
  if (event === "exception_raised") return detailWord("", reason);
  if (event === "notice_due" && hasLabel("notice", reason)) return label("notice", reason);
  if (event === "exception_settled") return label("outcome", reason);
  if (event === "tasks_done" || event === "tasks_left") return reason.split(" ").map(taskName).join(", ");
  if (event === "boxes_returned") return t("boxes", { n: reason });
  return event.startsWith("help_") ? claimantName(reason) : reasonName(reason);
}

/** A reason may be a plain code or one with a subject ("kitchen_late:K1"): the subject is an id and says nothing. */
export function reasonName(reason) {
  const code = String(reason ?? "").split(":")[0];
  if (!code) return "";
  return label(hasLabel("reason", code) ? "reason" : "outcome", code); // what a person chose is a reason too
}
