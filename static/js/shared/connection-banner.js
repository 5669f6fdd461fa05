// One line across the page when the connection needs words: not at once, for most gaps close by themselves.
// Only one banner at a time, so the standing one steps aside.
import { clone } from "./dom.js";
import { clock } from "./format.js";
import { t, tn } from "./i18n.js";

const RECONNECTING_MS = 3000;
const CONNECTING_MS = 10_000; // the first time: what the page shows is seconds old, and on a slow line the rest takes its time
const CAUGHT_UP_MS = 4000;

class ConnectionBanner extends HTMLElement {
  #timers = [];
  #wasTold = false; // that it was away

  follow({ live }) {
    live.addEventListener("state", ({ detail }) => this.#draw(live, detail));
    live.addEventListener("caughtup", ({ detail }) => this.#sayCaughtUp(detail.lines));
    if (live.state === "connecting") this.#draw(live, live);
  }

  disconnectedCallback() {
    this.#clearTimers();
  }

  #draw(live, { state, since }) {
    this.#clearTimers();
    if (state === "live") return this.#put(null);
    if (state === "refused") return this.#put("banner-refused", () => location.reload());
    if (state === "offline") return this.#put("banner-offline", () => live.tryNow(), clock(since.toISOString()));
    this.#after(state === "connecting" ? CONNECTING_MS : RECONNECTING_MS, () => this.#put("banner-reconnecting"));
  }

  #sayCaughtUp(lines) {
    if (!this.#wasTold && !lines) return;
    this.#put("banner-caught-up");
    this.#wasTold = false;
    this.querySelector("span").textContent = caughtUp(lines);
    this.#after(CAUGHT_UP_MS, () => this.#put(null));
  }

  #put(templateId, press, time) {
    this.replaceChildren(...(templateId ? [clone(templateId)] : []));
    if (templateId) this.#wasTold = true;
    if (press) this.querySelector("button").addEventListener("click", press);
    if (time) this.querySelector("time").textContent = time;
    const standing = document.querySelector("[data-standing]");
    if (standing) standing.hidden = Boolean(templateId);
  }

  #after(delay, task) {
    this.#timers.push(setTimeout(task, delay));
  }

  #clearTimers() {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }
}

function caughtUp(lines) {
  if (!lines) return t("Caught up, nothing was missed");
  return tn("Caught up, %(num)s line added", "Caught up, %(num)s lines added", lines);
}

customElements.define("connection-banner", ConnectionBanner);
