// How long lines take, kept up to date while somebody looks.
import { ask } from "../api.js";
import { partsOf, say, show } from "../helpers/dom.js";

const EVERY_MS = 5000;
const STAGES = ["occurred_to_received", "received_to_stored", "received_to_sent"];

class LineDelays extends HTMLElement {
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
    const ahead = told.clock_ahead_s;
    say(this.parts.apart, ahead === null ? "" : `, which are about ${Math.abs(ahead).toFixed(0)} s apart`);
    show(this.parts.apart, ahead !== null);
  }
}

const figures = ({ count, p50_ms, p95_ms }) =>
  count ? `${p50_ms.toFixed(1)} ms, 95 % within ${p95_ms.toFixed(1)} ms` : "no line yet";

customElements.define("line-delays", LineDelays);
