// What transcription costs, as far as it can be known here: its time at the rate of the settings.
import { numeral, t, tn } from "../shared/i18n.js";

const RUNS = ["on", "stopping"];

// Seconds a switch has run on this call, also before it was last started.
export function ranSeconds({ ran_s = 0, on_since }, now) {
  return (ran_s ?? 0) + (on_since ? Math.max(0, (now - Date.parse(on_since)) / 1000) : 0);
}

// "est. $0.11". Two decimals, for it is an estimate.
export function estimate(dollars) {
  return t("est. $%(cost)s", { cost: numeral(dollars, 2) });
}

// "est. $0.025 a minute": as exact as the price.
export function estimatePerMinute(dollars) {
  const decimals = dollars.toFixed(3).endsWith("0") ? 2 : 3;
  return t("est. $%(cost)s a minute", { cost: numeral(dollars, decimals) });
}

// What runs on all these calls: {transcription, streaming, fork}, and what a minute of it costs, in dollars.
export function totalOf(calls, ratePerMinute) {
  const running = { transcription: 0, streaming: 0, fork: 0 };
  for (const { state, switches } of calls) {
    if (state === "ended") continue;
    for (const name of Object.keys(running)) running[name] += RUNS.includes(switches[name].state);
  }
  return { ...running, perMinute: running.transcription * ratePerMinute };
}

// "2 transcribing · 1 streaming"; the same words are in templates/calls/index.html.
export function runningWords({ transcription, streaming, fork }) {
  const told = [
    transcription && tn("%(num)s transcribing", "%(num)s transcribing", transcription),
    streaming && tn("%(num)s streaming", "%(num)s streaming", streaming),
    fork && tn("%(num)s forked", "%(num)s forked", fork),
  ];
  return told.filter(Boolean).join(" · ") || t("Nothing is running");
}
