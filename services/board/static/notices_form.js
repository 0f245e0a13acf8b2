// How a recipient and their kin wish to be told (알림): a small form, opened by who needs it; opening it is a logged read.

import { getNotices, Problem, putNotices } from "./api.js";
import { h, replace } from "./dom.js";
import { say } from "./phone_texts.js";
import { may } from "./session.js";

const CHANNELS = ["kakao", "sms", "voice"];
const LANGUAGES = { ko: "한국어", en: "English" };

export function noticesForm(recipientId) {
  if (!may("PUT /v1/recipients/{recipient_id}/notices")) return null;
  const place = h("div", {});
  const details = h("details.notices", { ontoggle: async () => {
    if (!details.open || place.childElementCount) return;
    try { draw(place, recipientId, await getNotices(recipientId)); } catch (problem) { told(place, problem); }
  } }, h("summary", {}, say("notices")), place);
  return details;
}

const told = (place, problem) => replace(place, h("p.failed", { role: "alert" }, problem instanceof Problem ? problem.remedy : String(problem)));

function draw(place, recipientId, wished, note = "") {
  const choices = (nth, now) => h("select", { name: `channel${nth}`, "aria-label": say("channel_nth", { n: nth + 1 }) },
    ["", ...CHANNELS].map((one) => h("option", { value: one, selected: (now ?? "") === one }, say(one ? `channel_${one}` : "channel_none"))));
  replace(place, h("form.notices-form", { onsubmit: (event) => { event.preventDefault(); save(place, recipientId, wished, new FormData(event.target)); } },
    h("fieldset", {}, h("legend", {}, say("channels")), CHANNELS.map((_, nth) => choices(nth, wished.channels[nth]))),
    h("label", {}, h("span", {}, say("language")), h("select", { name: "language" },
      ["ko", "en"].map((one) => h("option", { value: one, selected: wished.language === one }, LANGUAGES[one])))),
    h("fieldset", {}, h("legend", {}, say("quiet")), ["quiet_from", "quiet_until"].map((name) =>
      h("input", { type: "time", name, value: wished[name], "aria-label": say(name) }))),
    wished.kin.length ? h("fieldset", {}, h("legend", {}, say("kin_told")), wished.kin.map((kin, nth) =>
      h("label.check", {}, h("input", { type: "checkbox", name: `kin${nth}`, checked: kin.notify }), h("span", {}, `${kin.name} ${kin.phone}`),
        h("select", { name: `kin-language${nth}`, "aria-label": say("kin_language", { name: kin.name }) }, ["", "ko", "en"].map((one) =>
          h("option", { value: one, selected: (kin.language ?? "") === one }, one ? LANGUAGES[one] : say("language_same"))))))) : null,
    h("button", { type: "submit" }, say("save")), note ? h("span.mute", { role: "status" }, ` ${note}`) : null));
}

async function save(place, recipientId, wished, form) {
  const channels = [...new Set(CHANNELS.map((_, nth) => form.get(`channel${nth}`)).filter(Boolean))];
  const body = { channels, language: form.get("language"), quiet_from: form.get("quiet_from"), quiet_until: form.get("quiet_until"),
    kin: wished.kin.map((kin, nth) => ({ notify: form.has(`kin${nth}`), channels: kin.channels, language: form.get(`kin-language${nth}`) })) };
  try { draw(place, recipientId, await putNotices(recipientId, body, wished.etag), say("saved")); } catch (problem) { told(place, problem); }
}
