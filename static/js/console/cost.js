// Estimated cost of transcription: its running time at the configured rate.
import { formatNumber, t, tn } from "../shared/i18n.js";

const BILLED_STATES = ["on", "stopping"];

// Seconds that a switch has run on this call, all its runs together.
export function runningSeconds({ ran_s = 0, on_since }, now) {
  return (ran_s ?? 0) + (on_since ? Math.max(0, (now - Date.parse(on_since)) / 1000) : 0);
}

// "est. $0.11". Two decimals, because it is an estimate.
export function formatEstimate(dollars) {
  return t("est. $%(cost)s", { cost: formatNumber(dollars, 2) });
}

// "est. $0.025 a minute". As many decimals as the price has.
export function formatEstimatePerMinute(dollars) {
  const decimals = dollars.toFixed(3).endsWith("0") ? 2 : 3;
  return t("est. $%(cost)s a minute", { cost: formatNumber(dollars, decimals) });
}

// Counts what runs on all calls: {transcription, streaming, fork, perMinute}. `perMinute` is in dollars.
export function sumRunning(calls, ratePerMinute) {
  const running = { transcription: 0, streaming: 0, fork: 0 };
  for (const { state, switches } of calls) {
    if (state === "ended") continue;
    for (const name of Object.keys(running)) running[name] += BILLED_STATES.includes(switches[name].state);
  }
  return { ...running, perMinute: running.transcription * ratePerMinute };
}

// "2 transcribing · 1 streaming". templates/console/index.html has the same texts.
export function runningText({ transcription, streaming, fork }) {
  const parts = [
    transcription && tn("%(num)s transcribing", "%(num)s transcribing", transcription),
    streaming && tn("%(num)s streaming", "%(num)s streaming", streaming),
    fork && tn("%(num)s forked", "%(num)s forked", fork),
  ];
  return parts.filter(Boolean).join(" · ") || t("Nothing is running");
}
