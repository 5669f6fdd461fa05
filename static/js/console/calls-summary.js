// Summary of all calls: what runs and its cost a minute.
import { getParts, setText } from "../shared/dom.js";
import { oncePerFrame } from "../shared/once_per_frame.js";
import { formatEstimatePerMinute, runningText, sumRunning } from "./cost.js";

class CallsSummary extends HTMLElement {
  connectFeed({ live, calls }) {
    const parts = getParts(this);
    const draw = oncePerFrame(() => {
      const total = sumRunning(calls.all, Number(this.dataset.rate));
      setText(parts.running, runningText(total));
      setText(parts.cost, formatEstimatePerMinute(total.perMinute));
    });
    live.addEventListener("call", draw);
    draw();
  }
}

customElements.define("calls-summary", CallsSummary);
