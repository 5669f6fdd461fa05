// What a switch looks like and what it says. The same words are in templates/calls/_control.html, for the first paint.
import { t } from "../shared/i18n.js";
import { getLabel } from "../shared/labels.js";

// `isWaiting` means that Telnyx has not confirmed the state yet.
export const APPEARANCES = {
  off: { icon: "minus" },
  starting: { icon: "turn", isWaiting: true },
  on: { icon: "check" },
  stopping: { icon: "turn", isWaiting: true },
  failed: { icon: "bang" },
};

// What came of the last press, and who pressed. Transcription has no webhook that confirms it: it is on when Telnyx
// accepted it, and proven by the first words. `elapsedMs` is how long Telnyx took, where this page pressed. What is off
// says why, where no person stopped it.
export function resultText(name, { state, by, stopped_because = null }, { isSilent = false, elapsedMs = null } = {}) {
  if (state === "off") return stopped_because;
  if (state === "failed") return null;
  if (state !== "on") return getLabel("switch_result", state);
  const accepted = getLabel("switch_result", name === "transcription" ? "accepted" : "on");
  const outcome = elapsedMs === null ? accepted : t("Accepted in %(ms)s ms", { ms: Math.round(elapsedMs) });
  const detail = isSilent ? t("no words yet") : getLabel("switch_requester", by);
  return detail ? t("%(outcome)s, %(detail)s", { outcome, detail }) : outcome;
}

export const SWITCH_NAMES = ["transcription", "streaming", "fork"];

// Why no switch of this call can be pressed now, or null.
export function lockReason(call, role) {
  if (call.state === "ended") return getLabel("switch_lock", "ended");
  if (call.state !== "answered") return getLabel("switch_lock", "unanswered");
  return role === "viewer" ? getLabel("switch_lock", "viewer") : null;
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

// What went wrong with a switch, {title, text, code}, or null.
export function switchProblem(name, { state, reason }) {
  if (!reason) return null;
  const title = getLabel("switch_failure", state === "on" ? "stop" : name);
  return { title, text: reason, ...FAILURE_HINTS[reason] };
}
