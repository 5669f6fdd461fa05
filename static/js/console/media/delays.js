// How long the newest lines took: on the server, from the webhook to the socket, and here, from the socket to the page.
// Two clocks, and nothing is subtracted across them: what a line spends on the way between is in neither.
const KEPT = 60;

export const serverMs = ({ received_at, sent_at }) => Date.parse(sent_at) - Date.parse(received_at);

// The value that `percent` of them do not exceed (nearest rank); null of none.
export function percentile(values, percent) {
  const ranked = [...values].sort((a, b) => a - b);
  return ranked.length ? ranked[Math.max(0, Math.ceil((ranked.length * percent) / 100) - 1)] : null;
}

export class Delays {
  #newest = [];

  add(delayMs) {
    this.#newest = [...this.#newest, delayMs].slice(-KEPT);
  }

  get figures() {
    return { count: this.#newest.length, p50: percentile(this.#newest, 50), p95: percentile(this.#newest, 95) };
  }

  // The points of an SVG polyline, oldest first, and the height of a delay in it.
  plot(width, height) {
    const most = Math.max(...this.#newest, 1);
    const heightOf = (delayMs) => round(height - (delayMs / most) * (height - 2) - 1);
    const step = width / Math.max(1, this.#newest.length - 1);
    const points = this.#newest.map((delayMs, index) => `${round(index * step)},${heightOf(delayMs)}`).join(" ");
    return { points, heightOf };
  }
}

const round = (value) => Math.round(value * 10) / 10;
