// What the page says about a webhook, and which ones it shows. The same words are in templates/events/_event.html.

export const LOOKS = {
  accepted: { word: "Accepted", icon: "ok" },
  interim: { word: "Interim", icon: "text", variant: "duplicate" },
  duplicate: { word: "Duplicate", icon: "twice", variant: "duplicate" },
  replayed: { word: "Replayed", icon: "again", variant: "replayed" },
  refused: { word: "Refused", icon: "bad", variant: "rejected" },
  unreadable: { word: "Unreadable", icon: "bad", variant: "rejected" },
  not_stored: { word: "Not stored", icon: "bad", variant: "rejected" },
};

const NO_BODY = {
  interim: "Interims are shown and not kept.",
  duplicate: "It is that of the webhook that came first.",
  refused: "Nobody vouches for it: of its body only size and SHA-256 are kept.",
  unreadable: "Nobody vouches for it: of its body only size and SHA-256 are kept.",
  not_stored: "It could not be stored; Telnyx sends it again.",
};
const REPLAY = ":replay:";
const LINE = "call.transcription";

export const whyOf = (event) => (event.reason ?? "").replaceAll("_", " ");
export const bodilessOf = (event) => NO_BODY[event.verdict] ?? "No longer kept.";
export const addressOf = (id) => `/events/${encodeURIComponent(id)}`;

// What came of it: {text, href}, or null for one that is about no call.
export function outcomeOf({ verdict, type, call_id, event_id }) {
  if (!call_id) return null;
  const href = `/calls/${encodeURIComponent(call_id)}`;
  const isLine = type === LINE && (verdict === "accepted" || verdict === "duplicate");
  return isLine ? { text: "The line it produced", href: `${href}#line-${encodeURIComponent(event_id)}` } : { text: "The call it is about", href };
}

// The id of the webhook that this one repeats, or null.
export function firstOf({ verdict, event_id, id }) {
  if (verdict === "duplicate") return event_id;
  return verdict === "replayed" ? id.split(REPLAY)[0] : null;
}

// Whether the server would list it: `filter` is {verdict, type, call_id, q} as in the address, "" for any.
export function isWanted(event, { verdict, type, call_id, q }) {
  const said = [event.id, event.event_id, event.type, event.call_id, event.reason];
  return (
    (!verdict || verdict.split(",").includes(event.verdict)) &&
    (!type || event.type === type) &&
    (!call_id || event.call_id === call_id) &&
    (!q || said.some((word) => word?.toLowerCase().includes(q.toLowerCase())))
  );
}

// 1.4 kB of bytes, as the filter `size` of the templates says it.
export function size(count) {
  if (count == null) return "";
  return count < 1000 ? `${count} B` : `${(count / 1000).toFixed(1)} kB`;
}

export const handled = (event) => (event.handling_ms == null ? "" : `${event.handling_ms.toFixed(1)} ms`);

// 14:02:03.118 of an ISO instant in UTC.
export const clockMs = (iso) => (iso ? iso.slice(11, 23) : "");
