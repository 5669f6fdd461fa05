// How long lines take, kept up to date while somebody looks.
import { ask } from "../shared/api.js";
import { partsOf, say } from "../shared/dom.js";
import { numeral, t } from "../shared/i18n.js";

const EVERY_MS = 5000;
const STAGES = ["occurred_to_received", "received_to_stored", "received_to_sent"];

class LatencyStats extends HTMLElement {
  #timer;

  connectedCallback() {
    this.parts = partsOf(this);
    this.#timer = setInterval(() => document.hidden || this.look(), EVERY_MS);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  // A server that is away for a moment leaves the figures as they are.
  async look() {
    const told = await ask("GET", "/api/latency").catch(() => null);
    if (!told) return;
    for (const stage of STAGES) say(this.parts[stage], figures(told[stage]));
    say(this.parts.clocks, clockWords(told.clock_ahead_s));
  }
}

const figures = ({ count, p50_ms, p95_ms }) =>
  count ? t("%(p50)s ms, 95 %% within %(p95)s ms", { p50: numeral(p50_ms, 1), p95: numeral(p95_ms, 1) }) : t("no line yet");

function clockWords(ahead) {
  if (ahead === null) return t("The first compares Telnyx’s clock with ours: it is off by as much as they differ.");
  const seconds = Math.round(Math.abs(ahead));
  return t("The first compares Telnyx’s clock with ours, which are about %(seconds)s s apart: it is off by as much as they differ.", { seconds });
}

customElements.define("latency-stats", LatencyStats);
