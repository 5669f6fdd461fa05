// What the page says about a call. The same words are in templates/calls/, for the first paint.
import { clock, duration, number, plural } from "../helpers/format.js";
import { isRunning } from "./switches.js";

export const isInbound = (call) => call.direction !== "outbound";

// Who talks on a track: the inbound one is this leg's own party, the caller if they rang us.
export function speakerOf(track, direction) {
  if (!track || !direction) return "unknown";
  return (track === "inbound") === (direction === "inbound") ? "caller" : "callee";
}

// The number at the other end, and ours.
export const partyOf = (call) => number(isInbound(call) ? call.from : call.to);
const ownOf = (call) => number(isInbound(call) ? call.to : call.from);

// What its running clock counts from: the answer, else the start.
export const runsSince = (call) => call.answered_at ?? call.started_at;

export function causeOf(call) {
  const words = (call.hangup_cause ?? "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function routeOf(call) {
  if (call.state !== "ended") return `${isInbound(call) ? "to" : "from"} ${ownOf(call)}`;
  if (!call.answered_at) return "Not answered";
  const seconds = (Date.parse(call.ended_at) - Date.parse(call.answered_at)) / 1000;
  return `${duration(seconds)}, ${plural(call.lines, "line")}`;
}

export function lastWordsOf(call) {
  if (call.last_words) return call.last_words.text;
  if (call.state !== "answered") return "";
  return isRunning(call.switches.transcription.state) ? "Waiting for the first words" : "Not transcribed";
}

export const startClockOf = (call) => clock(call.started_at);
