// Latency of the newest lines, from webhook to page. The server's part is measured by its clock, the page's part by the
// browser's.
import { getParts, setText, setVisible } from "../../shared/dom.js";
import { formatNumber } from "../../shared/i18n.js";
import { DelayWindow, serverDelayMs } from "./delays.js";

const WIDTH = 120;
const HEIGHT = 32;
// Drawing must not cost what it measures.
const REDRAW_MS = 1000;

class CallLatency extends HTMLElement {
  #window = new DelayWindow();
  #timer = null;

  connectFeed({ live }) {
    this.parts = getParts(this);
    live.addEventListener("line", ({ detail: { timing } }) => timing && !document.hidden && this.#measure(timing));
  }

  // The line is drawn in the next frame. A task queued there runs after the paint.
  #measure(timing) {
    const receivedAt = performance.now();
    requestAnimationFrame(() => setTimeout(() => {
      this.#window.add(serverDelayMs(timing) + performance.now() - receivedAt);
      this.#timer ??= setTimeout(() => this.#draw(), REDRAW_MS);
    }));
  }

  #draw() {
    this.#timer = null;
    const { parts } = this;
    const { count, p50, p95 } = this.#window.stats;
    const { points, heightOf } = this.#window.plot(WIDTH, HEIGHT);
    setText(parts.p50, formatNumber(p50, 0));
    setText(parts.p95, formatNumber(p95, 0));
    setText(parts.lines, formatNumber(count));
    parts.plot.setAttribute("points", points);
    for (const end of ["y1", "y2"]) parts.limit.setAttribute(end, heightOf(p95));
    setVisible(parts.none, false);
    setVisible(parts.figures, true);
  }
}

customElements.define("call-latency", CallLatency);
