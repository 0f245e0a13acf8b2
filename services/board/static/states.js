// One palette and one set of signs for a visit's states, the same in list, counters, map and print.
// Tones: wait (grey), way (blue), done (green), risk (amber), person (red).

export const STATES = {
  requested: { tone: "wait", icon: "requested" },
  waiting: { tone: "wait", icon: "waiting" },
  planned: { tone: "wait", icon: "planned" },
  offered: { tone: "wait", icon: "offered" },
  accepted: { tone: "way", icon: "accepted" },
  en_route: { tone: "way", icon: "en_route" },
  picked_up: { tone: "way", icon: "picked_up" },
  arrived: { tone: "way", icon: "arrived" },
  in_service: { tone: "way", icon: "in_service" },
  no_answer: { tone: "risk", icon: "no_answer" },
  done: { tone: "done", icon: "done" },
  cancelled: { tone: "wait", icon: "cancelled" },
  failed: { tone: "person", icon: "failed" },
  handed_over: { tone: "person", icon: "handed_over" },
};

/** The counters' cells, in the order of a visit's life. Every state is in exactly one, so they add up. */
export const GROUPS = [
  { id: "requested", states: ["requested"] },
  { id: "waiting", states: ["waiting"] },
  { id: "planned", states: ["planned"] },
  { id: "offered", states: ["offered"] },
  { id: "accepted", states: ["accepted"] },
  { id: "moving", states: ["en_route", "picked_up"], icon: "en_route" },
  { id: "door", states: ["arrived", "in_service"], icon: "arrived" },
  { id: "no_answer", states: ["no_answer"] },
  { id: "done", states: ["done"] },
  { id: "cancelled", states: ["cancelled"] },
  { id: "failed", states: ["failed"] },
  { id: "handed_over", states: ["handed_over"] },
].map((group) => ({ ...group, icon: group.icon ?? group.id, tone: STATES[group.states[0]].tone }));

const GROUP_OF = new Map(GROUPS.flatMap((group) => group.states.map((state) => [state, group.id])));

/** What an area's table counts together: still to set out (wait), on its way or there (way), done; "" for what is over otherwise. */
const PHASES = { wait: ["requested", "waiting", "planned", "offered"], way: ["accepted", "moving", "door", "no_answer"], done: ["done"] };
PHASES.open = [...PHASES.wait, ...PHASES.way];
export const phaseOf = (state) => Object.keys(PHASES).find((phase) => PHASES[phase].includes(groupOf(state))) ?? "";

/** Whether a state is the filter's: a counter's cell, or all the cells of a phase. */
export const isOfFilter = (group, filtered) => group === filtered || Boolean(PHASES[filtered]?.includes(group));

/** The cell a state is counted in; an unknown state (a newer server) is counted as requested, never dropped. */
export const groupOf = (state) => GROUP_OF.get(state) ?? "requested";

export const stateStyle = (state) => STATES[state] ?? STATES.requested;

export const isOpen = (row) => row.ledger_class === "open";
export const hasWorker = (row) => row.worker_ids.length > 0;

/** Minutes late: what the server expects or saw; without any plan, what the clock says already. */
export function lateMinutes(row, now) {
  if (isOpen(row) && row.expected === null && now > row.due) return Math.floor((now - row.due) / 60000);
  return row.late_min > 0 ? row.late_min : 0;
}

/** What the map shows: red where somebody must act, else the state's tone. */
export const toneOf = (row, needsPerson) => (needsPerson ? "person" : stateStyle(row.state).tone);
