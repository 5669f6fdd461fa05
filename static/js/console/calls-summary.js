// What runs on all calls together, and what a minute of it costs.
import { partsOf, say } from "../shared/dom.js";
import { oncePerFrame } from "../shared/once_per_frame.js";
import { estimatePerMinute, runningWords, totalOf } from "./cost.js";

class CallsSummary extends HTMLElement {
  follow({ live, calls }) {
    const parts = partsOf(this);
    const draw = oncePerFrame(() => {
      const total = totalOf(calls.all, Number(this.dataset.rate));
      say(parts.running, runningWords(total));
      say(parts.cost, estimatePerMinute(total.perMinute));
    });
    live.addEventListener("call", draw);
    draw();
  }
}

customElements.define("calls-summary", CallsSummary);
