// Delays of the newest lines, on the server and in the page. Each part is measured by one clock. The time between the
// socket's two ends is in neither, because their clocks differ.
const WINDOW_SIZE = 60;

export const serverDelayMs = ({ received_at, sent_at }) => Date.parse(sent_at) - Date.parse(received_at);

// The nearest-rank percentile of the values, or null without values.
export function percentile(values, percent) {
  const ranked = [...values].sort((a, b) => a - b);
  return ranked.length ? ranked[Math.max(0, Math.ceil((ranked.length * percent) / 100) - 1)] : null;
}

export class DelayWindow {
  #values = [];

  add(delayMs) {
    this.#values = [...this.#values, delayMs].slice(-WINDOW_SIZE);
  }

  get stats() {
    return { count: this.#values.length, p50: percentile(this.#values, 50), p95: percentile(this.#values, 95) };
  }

  // The points of an SVG polyline, oldest first, and the y position of a delay.
  plot(width, height) {
    const max = Math.max(...this.#values, 1);
    const heightOf = (delayMs) => roundTenth(height - (delayMs / max) * (height - 2) - 1);
    const step = width / Math.max(1, this.#values.length - 1);
    const points = this.#values.map((delayMs, index) => `${roundTenth(index * step)},${heightOf(delayMs)}`).join(" ");
    return { points, heightOf };
  }
}

const roundTenth = (value) => Math.round(value * 10) / 10;
