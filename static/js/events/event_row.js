// Draws one webhook into its row.
import { getParts, setIcon, setText, setVariants } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { getLabel } from "../shared/labels.js";
import { APPEARANCES, eventUrl, formatHandlingTime, formatSize, formatTimeMs } from "./webhooks.js";

const MAX_ID_LENGTH = 18;

// `callLabel` returns the label of a call id. Without one the shortened id is shown.
export function drawEventRow(row, event, callLabel) {
  const parts = getParts(row);
  row.dataset.eventId = event.id;
  row.dataset.at = event.at;
  setText(parts.time, formatTimeMs(event.at));
  parts.time.dateTime = event.at;
  parts.link.href = eventUrl(event.id);
  setText(parts.type, event.type ?? t("unknown"));
  setText(parts.at, ` ${t("at %(time)s", { time: formatTimeMs(event.at) })}`);
  setText(parts.call, callLabel(event.call_id) ?? (event.call_id ?? "").slice(0, MAX_ID_LENGTH));
  drawVerdict(parts, event);
  setText(parts.handled, formatHandlingTime(event));
  setText(parts.size, formatSize(event.size));
  setText(parts.attempt, String(event.attempt ?? ""));
}

export function drawVerdict({ verdict, word, why }, event) {
  const appearance = APPEARANCES[event.verdict] ?? { icon: "none" };
  setVariants(verdict, "verdict", appearance.variant);
  setIcon(verdict.querySelector(".icon"), appearance.icon);
  setText(word, getLabel("verdict", event.verdict));
  setText(why, getLabel("webhook_reason", event.reason));
}
