// At the end of the bar: who is signed in, in which role, for what part; one's own settings, and the way out.

import { endSession } from "./api.js";
import { byId, h, replace } from "./dom.js";
import { may, whoAmI } from "./session.js";
import { label, onLanguage, t } from "./texts.js";
import { areaName, districtName, dongName, providerName } from "./words.js";

export function startMeMenu() {
  onLanguage(drawMe);
  addEventListener("click", (event) => { if (!event.target.closest?.("#me")) byId("me").open = false; });
  byId("me").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !byId("me").open) return;
    byId("me").open = false;
    byId("me").querySelector("summary").focus();
    event.stopPropagation();
  });
}

export function drawMe() {
  const me = whoAmI();
  if (!me) return;
  document.body.dataset.role = me.role;
  byId("me").hidden = false;
  const role = label("role", me.role);
  replace(byId("me-name"), me.name || role);
  replace(byId("me-menu"),
    h("p.me-who", {}, h("b", {}, me.name || me.login || role), me.name || me.login ? h("span", {}, role) : null),
    h("p.me-scope", {}, scopeWords(me.scope)),
    h("a", { href: "/account" }, t("my_account")),
    may("GET /v1/accounts") ? h("a", { href: "/accounts" }, t("all_accounts")) : null,
    h("button", { type: "button", id: "sign-out", onclick: signOut }, t("sign_out")));
}

/** 마포구 · 서교동, 합정동 */
function scopeWords(scope) {
  const parts = [...scope.areas.map(areaName), ...scope.dongs.map(dongName), scope.organisation && providerName(scope.organisation)].filter(Boolean);
  if (!parts.length) return scope.districts.length ? t("scope_district", { district: districtName() }) : t("scope_everything");
  return `${districtName()} · ${parts.join(", ")}`;
}

async function signOut() {
  try { await endSession(); } catch { /* it is over already, or the server is away: the sign-in page tells */ }
  location.replace("/sign-in");
}
