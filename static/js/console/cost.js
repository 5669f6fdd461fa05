// What transcription costs, as far as it can be known here: its time at the rate of the settings.
import { formatNumber, t, tn } from "../shared/i18n.js";

const BILLED_STATES = ["on", "stopping"];

// Seconds a switch has run on this call, also before it was last started.
export function runningSeconds({ ran_s = 0, on_since }, now) {
  return (ran_s ?? 0) + (on_since ? Math.max(0, (now - Date.parse(on_since)) / 1000) : 0);
}

// "est. $0.11". Two decimals, for it is an estimate.
export function formatEstimate(dollars) {
  return t("est. $%(cost)s", { cost: formatNumber(dollars, 2) });
}

// "est. $0.025 a minute": as exact as the price.
export function formatEstimatePerMinute(dollars) {
  const decimals = dollars.toFixed(3).endsWith("0") ? 2 : 3;
  return t("est. $%(cost)s a minute", { cost: formatNumber(dollars, decimals) });
}

// What runs on all these calls: {transcription, streaming, fork}, and what a minute of it costs, in dollars.
export function sumRunning(calls, ratePerMinute) {
  const running = { transcription: 0, streaming: 0, fork: 0 };
  for (const { state, switches } of calls) {
    if (state === "ended") continue;
    for (const name of Object.keys(running)) running[name] += BILLED_STATES.includes(switches[name].state);
  }
  return { ...running, perMinute: running.transcription * ratePerMinute };
}

// "2 transcribing · 1 streaming"; the same words are in templates/calls/index.html.
export function runningText({ transcription, streaming, fork }) {
  const parts = [
    transcription && tn("%(num)s transcribing", "%(num)s transcribing", transcription),
    streaming && tn("%(num)s streaming", "%(num)s streaming", streaming),
    fork && tn("%(num)s forked", "%(num)s forked", fork),
  ];
  return parts.filter(Boolean).join(" · ") || t("Nothing is running");
}
