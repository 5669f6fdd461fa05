// Latency of lines, refreshed while the page is visible.
import { requestJson } from "../shared/api.js";
import { getParts, setText } from "../shared/dom.js";
import { formatNumber, t } from "../shared/i18n.js";

const RELOAD_MS = 5000;
const STAGES = ["occurred_to_received", "received_to_stored", "received_to_sent"];

class LatencyStats extends HTMLElement {
  #timer;

  connectedCallback() {
    this.parts = getParts(this);
    this.#timer = setInterval(() => document.hidden || this.reload(), RELOAD_MS);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  // If the server is away, the last figures stay.
  async reload() {
    const stats = await requestJson("GET", "/api/latency").catch(() => null);
    if (!stats) return;
    for (const stage of STAGES) setText(this.parts[stage], stageText(stats[stage]));
    setText(this.parts.clocks, clockText(stats.clock_ahead_s));
  }
}

const stageText = ({ count, p50_ms, p95_ms }) =>
  count ? t("%(p50)s ms, 95 %% within %(p95)s ms", { p50: formatNumber(p50_ms, 1), p95: formatNumber(p95_ms, 1) }) : t("no line yet");

function clockText(aheadSeconds) {
  if (aheadSeconds === null) return t("The first compares Telnyx’s clock with ours: it is off by as much as they differ.");
  const seconds = Math.round(Math.abs(aheadSeconds));
  return t("The first compares Telnyx’s clock with ours, which are about %(seconds)s s apart: it is off by as much as they differ.", { seconds });
}

customElements.define("latency-stats", LatencyStats);
