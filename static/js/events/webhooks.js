// Links, filter and figures of webhooks.
import { formatNumber, t } from "../shared/i18n.js";

// The API's cursor after a webhook: microseconds since 1970 and the id.
export function cursorAfter({ at, id }) {
  const micros = at.replace(/^.*\.(\d*)Z$/, "$1").padEnd(6, "0");
  const seconds = Date.parse(`${at.slice(0, 19)}Z`) / 1000;
  return btoa(`${seconds}${micros}|${id}`).replaceAll("+", "-").replaceAll("/", "_");
}

export const APPEARANCES = {
  accepted: { icon: "ok" },
  interim: { icon: "text", variant: "duplicate" },
  duplicate: { icon: "twice", variant: "duplicate" },
  replayed: { icon: "again", variant: "replayed" },
  refused: { icon: "bad", variant: "rejected" },
  unreadable: { icon: "bad", variant: "rejected" },
  not_stored: { icon: "bad", variant: "rejected" },
};

const REPLAY_MARK = ":replay:";
const TRANSCRIPTION_TYPE = "call.transcription";

export const eventUrl = (id) => `/events/${encodeURIComponent(id)}`;

// The link to what the webhook produced, {text, href}, or null without a call.
export function resultLink({ verdict, type, call_id, event_id }) {
  if (!call_id) return null;
  const href = `/calls/${encodeURIComponent(call_id)}`;
  const isLine = type === TRANSCRIPTION_TYPE && (verdict === "accepted" || verdict === "duplicate");
  return isLine ? { text: t("The line it produced"), href: `${href}#line-${encodeURIComponent(event_id)}` } : { text: t("The call it is about"), href };
}

// The id of the webhook that this one repeats, or null.
export function repeatedEventId({ verdict, event_id, id }) {
  if (verdict === "duplicate") return event_id;
  return verdict === "replayed" ? id.split(REPLAY_MARK)[0] : null;
}

// Whether the server would list the webhook. The filter is {verdict, type, call_id, q} as in the URL; "" matches all.
export function matchesFilter(event, { verdict, type, call_id, q }) {
  const values = [event.id, event.event_id, event.type, event.call_id, event.reason];
  return (
    (!verdict || verdict.split(",").includes(event.verdict)) &&
    (!type || event.type === type) &&
    (!call_id || event.call_id === call_id) &&
    (!q || values.some((value) => value?.toLowerCase().includes(q.toLowerCase())))
  );
}

// 1.4 kB for bytes, as the template filter `size`.
export function formatSize(count) {
  if (count == null) return "";
  return count < 1000 ? `${count} B` : `${formatNumber(count / 1000, 1)} kB`;
}

export const formatHandlingTime = (event) => (event.handling_ms == null ? "" : `${formatNumber(event.handling_ms, 1)} ms`);

// 14:02:03.118 of an ISO instant in UTC.
export const formatTimeMs = (iso) => (iso ? iso.slice(11, 23) : "");
