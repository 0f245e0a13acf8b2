// Before what cannot be taken back: what will happen, in words, and a button that says so. Esc and "leave it" mean no.

import { say } from "./action_texts.js";
import { byId, h, replace } from "./dom.js";

/** Resolves to whether somebody meant it. `lines`: what follows. */
export function confirmThat(title, lines, words) {
  const dialog = byId("confirm");
  dialog.setAttribute("aria-label", title);
  const close = (value) => () => dialog.close(value);
  replace(dialog, h("h2", {}, title), lines.map((line) => h("p", {}, line)),
    h("div.confirm-buttons", {}, h("button", { type: "button", id: "confirm-no", onclick: close("no") }, say("leave_it")),
      h("button.cancel", { type: "button", id: "confirm-yes", onclick: close("yes") }, words)));
  dialog.returnValue = "no";
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
    byId("confirm-no").focus();
  });
}
