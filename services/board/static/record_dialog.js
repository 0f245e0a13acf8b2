// A dialog of what is on record of somebody or something: read when it is opened (a look that may be logged), changed by a command, read again.

import { whatToDo } from "./act.js";
import { command, listAll } from "./api.js";
import { byId, h, icon, redraw } from "./dom.js";
import { namesSettled } from "./names.js";
import { board } from "./store.js";
import { onLanguage, t } from "./texts.js";

const SHOWN_AFTER_MS = 600; // the board has it by then; else it is seen with the next look

/** The dialog `id`, of whatever it was opened for (`of`). `title(of)`: [words, about whom]; `pathOf(of)`: where it is read; `want(of, items)`: asks for
 *  the names in it; `content(of, items, chosen)`: what is shown (`chosen`: of the form that was sent last and refused); `note()` at its foot. */
export function recordDialog(id, { title, pathOf, want = () => {}, content, note }) {
  const state = { of: null, items: null, problem: null, done: "", chosen: {} };

  function draw() {
    const dialog = byId(id);
    const [words, about] = title(state.of);
    dialog.setAttribute("aria-label", words);
    redraw(dialog,
      h("header", {}, h("h2", {}, words, about ? h("span.sub", {}, ` ${about}`) : null),
        h("button.icon-button.quiet", { type: "button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
      state.problem ? h("p.failed", { role: "alert" }, typeof state.problem === "string" ? state.problem : whatToDo(state.problem))
        : state.done ? h("p.request-follows", { role: "status" }, icon("done"), " ", state.done) : null,
      state.items ? content(state.of, state.items, state.chosen) : state.problem ? null : h("div.skeleton", { "aria-busy": "true" }, h("i"), h("i")),
      h("p.mute.note", {}, note()));
  }

  async function load() {
    const { of } = state;
    try {
      const items = await listAll(pathOf(of), board.config.district);
      want(of, items);
      await namesSettled();
      if (state.of === of) state.items = items;
    } catch (problem) {
      if (state.of === of) state.problem = problem;
    }
    if (state.of === of) draw();
  }

  onLanguage(() => {
    if (!byId(id).open) return;
    const form = byId(id).querySelector("form");
    if (form) state.chosen = Object.fromEntries(new FormData(form));
    draw();
  });

  return {
    open(of) {
      Object.assign(state, { of, items: null, problem: null, done: "", chosen: {} });
      draw();
      byId(id).showModal();
      load();
    },
    /** `words`: what is said when it is recorded. `chosen`: what the form had, kept while it is refused. Resolves to whether it was recorded, or judged. */
    async send(path, body, words, { chosen = {}, ...options } = {}) {
      const { of } = state;
      Object.assign(state, { problem: null, done: "", chosen });
      let judged = true;
      let followed = { done: words, chosen: {} };
      try {
        await command(path, { ...body, district: board.config.district }, options);
        await new Promise((done) => { setTimeout(done, SHOWN_AFTER_MS); });
      } catch (problem) {
        followed = { problem };
        judged = Boolean(problem.status);
      }
      if (state.of === of && byId(id).open) {
        Object.assign(state, followed);
        await load();
      }
      return judged;
    },
    /** Said beside the form; nothing was sent. */
    refuse(words, chosen) {
      Object.assign(state, { problem: words, done: "", chosen });
      draw();
    },
  };
}
