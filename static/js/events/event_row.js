// Draws one webhook into its row, and its verdict wherever that stands.
import { partsOf, say, setIcon, vary } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { addressOf, clockMs, handled, LOOKS, size, whyOf } from "./webhooks.js";

const ID_SHOWN = 18;

// `labelOf` names a call by its id; the id itself, cut, where nobody knows it.
export function drawRow(row, event, labelOf) {
  const parts = partsOf(row);
  row.dataset.eventId = event.id;
  row.dataset.at = event.at;
  say(parts.time, clockMs(event.at));
  parts.time.dateTime = event.at;
  parts.link.href = addressOf(event.id);
  say(parts.type, event.type ?? t("unknown"));
  say(parts.at, ` ${t("at %(time)s", { time: clockMs(event.at) })}`);
  say(parts.call, labelOf(event.call_id) ?? (event.call_id ?? "").slice(0, ID_SHOWN));
  drawVerdict(parts, event);
  say(parts.handled, handled(event));
  say(parts.size, size(event.size));
  say(parts.attempt, String(event.attempt ?? ""));
}

export function drawVerdict({ verdict, word, why }, event) {
  const look = LOOKS[event.verdict] ?? { word: event.verdict, icon: "none" };
  vary(verdict, "verdict", look.variant);
  setIcon(verdict.querySelector(".icon"), look.icon);
  say(word, look.word);
  say(why, whyOf(event));
}
