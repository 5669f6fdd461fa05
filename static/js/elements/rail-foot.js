// What runs on all calls together, and what a minute of it costs.
import { partsOf, say } from "../helpers/dom.js";
import { oncePerFrame } from "../helpers/frame.js";
import { estimatePerMinute, runningWords, totalOf } from "../models/cost.js";

class RailFoot extends HTMLElement {
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

customElements.define("rail-foot", RailFoot);
