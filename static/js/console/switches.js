// What a switch looks like and what it says. The same words are in templates/calls/_control.html, for the first paint.
import { t } from "../shared/i18n.js";

// `press` is what pressing does, `state` what is true, `result` what came of the last press; `isWaiting`: nobody knows yet.
export const APPEARANCES = {
  off: { action: t("Start"), state: t("Off"), icon: "minus" },
  starting: { action: t("Asking…"), state: t("Starting"), icon: "turn", isWaiting: true, result: t("Sent, waiting for Telnyx") },
  on: { action: t("Stop"), state: t("On"), icon: "check", result: t("Confirmed by Telnyx") },
  stopping: { action: t("Ending…"), state: t("Stopping"), icon: "turn", isWaiting: true, result: t("Sent, waiting for Telnyx") },
  failed: { action: t("Retry"), state: t("Failed"), icon: "bang" },
};

// What a switch is called, and its state: at the beginning of a line and within one.
export const TITLES = { transcription: t("Transcription"), streaming: t("Streaming"), fork: t("Fork") };
export const NAMES = { transcription: t("transcription"), streaming: t("streaming"), fork: t("fork") };
export const STATES = { off: t("off"), starting: t("starting"), on: t("on"), stopping: t("stopping"), failed: t("failed") };

const PRESSED_BY = { operator: t("by an operator"), viewer: t("by a viewer"), script: t("by a script"), rule: t("by a rule") };

// What came of the last press, and who pressed. Transcription has no webhook that confirms it: it is on when Telnyx
// accepted it, and proven by the first words. `elapsedMs` is how long Telnyx took, where this page pressed. What is off
// says why, where no person stopped it.
export function resultText(name, { state, by, stopped_because = null }, { isSilent = false, elapsedMs = null } = {}) {
  if (state === "off") return stopped_because;
  const { result } = APPEARANCES[state];
  if (!result || state !== "on") return result ?? null;
  const accepted = name === "transcription" ? t("Accepted by Telnyx") : result;
  const outcome = elapsedMs === null ? accepted : t("Accepted in %(ms)s ms", { ms: Math.round(elapsedMs) });
  const detail = isSilent ? t("no words yet") : PRESSED_BY[by];
  return detail ? t("%(outcome)s, %(detail)s", { outcome: outcome, detail }) : outcome;
}

export const SWITCH_NAMES = ["transcription", "streaming", "fork"];

// Why no switch of this call can be pressed now, or null.
export function lockReason(call, role) {
  if (call.state === "ended") return t("Call has ended");
  if (call.state !== "answered") return t("Not answered yet");
  return role === "viewer" ? t("Viewers only read") : null;
}

export function isRunning(state) {
  return state === "on" || state === "starting" || state === "stopping";
}

// A call carries a stream or a fork, not both (Telnyx, media streaming guide): the name of what has to stop before this
// one can start, or null.
export function conflictingSwitch(name, switches) {
  const other = { streaming: "fork", fork: "streaming" }[name];
  return other && isRunning(switches[other].state) ? other : null;
}

// What to say and to offer where a rival is in the way, by the name of the rival.
export const SWAP_OFFERS = {
  streaming: {
    title: t("Not while streaming"),
    text: t("A call carries a stream or a fork, not both."),
    offer: t("Stop streaming, then fork"),
    consequence: t("ends the stream"),
    stopping: t("Stopping streaming first"),
  },
  fork: {
    title: t("Not while forked"),
    text: t("A call carries a stream or a fork, not both."),
    offer: t("Stop forking, then stream"),
    consequence: t("ends the fork"),
    stopping: t("Stopping forking first"),
  },
};

// Telnyx's own words for a failure, with what to do (Telnyx API reference, streaming.failed). The others are shown as they are.
const FAILURE_HINTS = {
  connection_failed: {
    text: t("Telnyx could not open the stream address. Check that it can be reached from the internet, speaks WebSocket and has a valid certificate."),
    code: "connection_failed",
  },
};

const FAILED = { transcription: t("Transcription failed"), streaming: t("Streaming failed"), fork: t("Fork failed") };

// What went wrong with a switch, {title, text, code}, or null.
export function switchProblem(name, { state, reason }) {
  if (!reason) return null;
  const title = state === "on" ? t("Could not stop") : FAILED[name];
  return { title, text: reason, ...FAILURE_HINTS[reason] };
}
