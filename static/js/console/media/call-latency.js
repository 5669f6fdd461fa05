// How long the newest lines of the open call took, from the webhook to the page: the part at the server by its clock, and
// the part here by ours.
import { partsOf, say, show } from "../../shared/dom.js";
import { numeral } from "../../shared/i18n.js";
import { Delays, serverMs } from "./delays.js";

const WIDTH = 120;
const HEIGHT = 32;
const EVERY_MS = 1000; // the figures must not cost what they measure

class CallLatency extends HTMLElement {
  #delays = new Delays();
  #timer = null;

  follow({ live }) {
    this.parts = partsOf(this);
    live.addEventListener("line", ({ detail: { timing } }) => timing && !document.hidden && this.#time(timing));
  }

  // The line is drawn in the coming frame, and a task of the moment after it begins when that has been painted.
  #time(timing) {
    const heard = performance.now();
    requestAnimationFrame(() => setTimeout(() => {
      this.#delays.add(serverMs(timing) + performance.now() - heard);
      this.#timer ??= setTimeout(() => this.#draw(), EVERY_MS);
    }));
  }

  #draw() {
    this.#timer = null;
    const { parts } = this;
    const { count, p50, p95 } = this.#delays.figures;
    const { points, heightOf } = this.#delays.plot(WIDTH, HEIGHT);
    say(parts.p50, numeral(p50, 0));
    say(parts.p95, numeral(p95, 0));
    say(parts.lines, numeral(count));
    parts.plot.setAttribute("points", points);
    for (const end of ["y1", "y2"]) parts.limit.setAttribute(end, heightOf(p95));
    show(parts.none, false);
    show(parts.figures, true);
  }
}

customElements.define("call-latency", CallLatency);
