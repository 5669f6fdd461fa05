// Appearance, texts and rules of switches.
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

// The result of the last command of a switch, and who requested it. No webhook confirms transcription: it is on when
// Telnyx accepts the command, and proven by the first text. `elapsedMs` is known where this page sent the command. An
// automatic stop has its reason as result.
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

// Why the switches of this call are disabled, or null.
export function lockReason(call, role) {
  if (call.state === "ended") return getLabel("switch_lock", "ended");
  if (call.state !== "answered") return getLabel("switch_lock", "unanswered");
  return role === "viewer" ? getLabel("switch_lock", "viewer") : null;
}

export function isRunning(state) {
  return state === "on" || state === "starting" || state === "stopping";
}

const EXCLUSIVE = { streaming: "fork", fork: "streaming" };

// Not allowed while streaming (Telnyx docs, "API error codes").
const NOT_WHILE_STREAMING = "90045";

// The switch that has to stop before this one can start, or null. A call carries a stream or a fork, not both (Telnyx,
// media streaming guide).
export function conflictingSwitch(name, switches) {
  const other = EXCLUSIVE[name];
  return other && isRunning(switches[other].state) ? other : null;
}

// The same where Telnyx has refused the start for this reason.
export function conflictFromError(name, { providerCode }) {
  return providerCode === NOT_WHILE_STREAMING ? EXCLUSIVE[name] ?? null : null;
}

// What is offered while another switch is in the way, by the name of that switch.
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

// Explanations of Telnyx's failure codes (Telnyx API reference, streaming.failed). Others are shown as they are.
const FAILURE_HINTS = {
  connection_failed: {
    text: t("Telnyx could not open the stream address. Check that it can be reached from the internet, speaks WebSocket and has a valid certificate."),
    code: "connection_failed",
  },
};

// The problem of a switch, {title, text, code}, or null.
export function switchProblem(name, { state, reason }) {
  if (!reason) return null;
  const title = getLabel("switch_failure", state === "on" ? "stop" : name);
  return { title, text: reason, ...FAILURE_HINTS[reason] };
}
