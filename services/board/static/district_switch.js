// Who may look at several districts chooses one at the head of the page; the choice stands in the address.

import { getDistricts } from "./api.js";
import { byId, h, replace } from "./dom.js";
import { may, whoAmI } from "./session.js";
import { board } from "./store.js";
import { language } from "./texts.js";

let districts = [];
let shown = "";

export async function offerDistricts(district) {
  shown = district;
  byId("district-switch").onchange = (event) => go(event.target.value);
  const own = whoAmI()?.scope.districts ?? [];
  if (own.length === 1 || !may("GET /v1/districts")) return;
  try { districts = (await getDistricts()).items; } catch { return; } // the page works without
  for (const one of districts) if (one.name_ko !== one.district) board.districtNames.set(one.district, one);
  drawDistricts();
}

export function drawDistricts() {
  const several = districts.length > 1;
  byId("district-switch").hidden = !several;
  byId("district").hidden = several;
  if (!several) return;
  replace(byId("district-switch"), districts.map((one) => h("option", { value: one.district, selected: one.district === shown },
    language() === "ko" ? one.name_ko : one.name_en)));
}

/** Another district is another board: nothing of this one stays on screen. */
function go(district) {
  const query = new URLSearchParams(location.search);
  const kept = new URLSearchParams({ district });
  if (query.has("tab")) kept.set("tab", query.get("tab"));
  location.assign(`${location.pathname}?${kept}`);
}
