// Texts about a call. The templates in templates/console/ have the same ones, for the first paint.
import { formatDuration, formatPhoneNumber, formatTime } from "../shared/format.js";
import { t, tn } from "../shared/i18n.js";
import { isRunning } from "./switches.js";

export const isInbound = (call) => call.direction !== "outbound";

// The speaker on a track. The inbound track is the party of this leg: the caller of an inbound call.
export function speakerOf(track, direction) {
  if (!track || !direction) return "unknown";
  return (track === "inbound") === (direction === "inbound") ? "caller" : "callee";
}

// The number of the other party.
export const partyOf = (call) => formatPhoneNumber(isInbound(call) ? call.from : call.to);
const ownNumberOf = (call) => formatPhoneNumber(isInbound(call) ? call.to : call.from);

// "Inbound call from +1 555 010 0142 to +1 555 010 0100".
export function partiesText(call) {
  const numbers = { from: formatPhoneNumber(call.from), to: formatPhoneNumber(call.to) };
  if (!call.direction) return t("Call from %(from)s to %(to)s", numbers);
  return isInbound(call) ? t("Inbound call from %(from)s to %(to)s", numbers) : t("Outbound call from %(from)s to %(to)s", numbers);
}

// When the running clock of a call starts: at the answer, else at its start.
export const clockStart = (call) => call.answered_at ?? call.started_at;

export function routeText(call) {
  const ownNumber = { number: ownNumberOf(call) };
  if (call.state !== "ended") return isInbound(call) ? t("to %(number)s", ownNumber) : t("from %(number)s", ownNumber);
  if (!call.answered_at) return t("Not answered");
  const duration = formatDuration((Date.parse(call.ended_at) - Date.parse(call.answered_at)) / 1000);
  return tn("%(duration)s, %(num)s line", "%(duration)s, %(num)s lines", call.lines, { duration });
}

export function lastWordsText(call) {
  if (call.last_words) return call.last_words.text;
  if (call.state !== "answered") return "";
  return isRunning(call.switches.transcription.state) ? t("Waiting for the first words") : t("Not transcribed");
}

export const startTimeText = (call) => formatTime(call.started_at);
