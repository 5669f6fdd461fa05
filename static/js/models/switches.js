// What a switch looks like and what it says. The same words are in templates/calls/_control.html, for the first paint.

// `press` is what pressing does, `state` what is true, `result` what came of the last press; `isWaiting`: nobody knows yet.
export const LOOKS = {
  off: { press: "Start", state: "Off", icon: "minus" },
  starting: { press: "Asking…", state: "Starting", icon: "turn", isWaiting: true, result: "Sent, waiting for Telnyx" },
  on: { press: "Stop", state: "On", icon: "check", result: "Confirmed by Telnyx" },
  stopping: { press: "Ending…", state: "Stopping", icon: "turn", isWaiting: true, result: "Sent, waiting for Telnyx" },
  failed: { press: "Retry", state: "Failed", icon: "bang" },
};

const PRESSED_BY = { operator: "by an operator", viewer: "by a viewer", script: "by a script", rule: "by a rule" };

// What came of the last press, and who pressed. Transcription has no webhook that confirms it: it is on when Telnyx
// accepted it, and proven by the first words. `elapsedMs` is how long Telnyx took, where this page pressed.
export function resultOf(name, { state, by }, { isSilent = false, elapsedMs = null } = {}) {
  const { result } = LOOKS[state];
  if (!result || state !== "on") return result ?? null;
  const accepted = name === "transcription" ? "Accepted by Telnyx" : result;
  const words = elapsedMs === null ? accepted : `Accepted in ${Math.round(elapsedMs)} ms`;
  return [words, isSilent ? "no words yet" : PRESSED_BY[by]].filter(Boolean).join(", ");
}

export const SWITCHES = ["transcription", "streaming", "fork"];

// Why no switch of this call can be pressed now, or null.
export function lockOf(call, role) {
  if (call.state === "ended") return "Call has ended";
  if (call.state !== "answered") return "Not answered yet";
  return role === "viewer" ? "Viewers only read" : null;
}

export function isRunning(state) {
  return state === "on" || state === "starting" || state === "stopping";
}

// A call carries a stream or a fork, not both (Telnyx, media streaming guide): the name of what has to stop before this
// one can start, or null.
export function rivalOf(name, switches) {
  const other = { streaming: "fork", fork: "streaming" }[name];
  return other && isRunning(switches[other].state) ? other : null;
}

const GERUNDS = { streaming: "streaming", fork: "forking" };

// What to say and to offer where a rival is in the way.
export function swapOf(name, rival) {
  return {
    title: rival === "fork" ? "Not while forked" : "Not while streaming",
    text: "A call carries a stream or a fork, not both.",
    offer: `Stop ${GERUNDS[rival]}, then ${name === "fork" ? "fork" : "stream"}`,
    aside: rival === "fork" ? ", ends the fork" : ", ends the stream",
    stopping: `Stopping ${GERUNDS[rival]} first`,
  };
}

// Telnyx's own words for a failure, with what to do (Telnyx API reference, streaming.failed). The others are shown as they are.
const KNOWN_FAILURES = {
  connection_failed: {
    text: "Telnyx could not open the stream address. Check that it can be reached from the internet, speaks WebSocket and has a valid certificate.",
    code: "connection_failed",
  },
};

const UNCONFIRMED = "No confirmation from Telnyx";

// What went wrong with a switch, {title, text, code}, or null.
export function failureOf(name, { state, reason }) {
  if (!reason) return null;
  const title = state === "on" ? "Could not stop" : `${name.charAt(0).toUpperCase()}${name.slice(1)} failed`;
  if (reason.startsWith(UNCONFIRMED)) return { title: UNCONFIRMED, text: reason };
  return { title, text: reason, ...KNOWN_FAILURES[reason] };
}
