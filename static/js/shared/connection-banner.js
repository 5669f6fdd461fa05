// The banner about a lost connection. It appears late, because most gaps close by themselves. It replaces the standing
// banner for that time.
import { cloneTemplate } from "./dom.js";
import { formatTime } from "./format.js";
import { t, tn } from "./i18n.js";

const RECONNECTING_AFTER_MS = 3000;
// The page is seconds old then, and a slow line still loads the rest.
const CONNECTING_AFTER_MS = 10_000;
const CAUGHT_UP_SHOWN_MS = 4000;

class ConnectionBanner extends HTMLElement {
  #timers = [];
  // Whether a banner about the connection was shown.
  #wasShown = false;

  connectFeed({ live }) {
    live.addEventListener("state", ({ detail }) => this.#draw(live, detail));
    live.addEventListener("caught-up", ({ detail }) => this.#drawCaughtUp(detail.lines));
    if (live.state === "connecting") this.#draw(live, live);
  }

  disconnectedCallback() {
    this.#clearTimers();
  }

  #draw(live, { state, since }) {
    this.#clearTimers();
    if (state === "live") return this.#showBanner(null);
    if (state === "refused") return this.#showBanner("banner-refused", () => location.reload());
    if (state === "offline") return this.#showBanner("banner-offline", () => live.reconnect(), formatTime(since.toISOString()));
    this.#schedule(state === "connecting" ? CONNECTING_AFTER_MS : RECONNECTING_AFTER_MS, () => this.#showBanner("banner-reconnecting"));
  }

  #drawCaughtUp(lines) {
    if (!this.#wasShown && !lines) return;
    this.#showBanner("banner-caught-up");
    this.#wasShown = false;
    this.querySelector("span").textContent = caughtUpText(lines);
    this.#schedule(CAUGHT_UP_SHOWN_MS, () => this.#showBanner(null));
  }

  #showBanner(templateId, onClick, time) {
    this.replaceChildren(...(templateId ? [cloneTemplate(templateId)] : []));
    if (templateId) this.#wasShown = true;
    if (onClick) this.querySelector("button").addEventListener("click", onClick);
    if (time) this.querySelector("time").textContent = time;
    const standingBanner = document.querySelector("[data-standing]");
    standingBanner?.toggleAttribute("hidden", Boolean(templateId));
  }

  #schedule(delay, task) {
    this.#timers.push(setTimeout(task, delay));
  }

  #clearTimers() {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }
}

function caughtUpText(lines) {
  if (!lines) return t("Caught up, nothing was missed");
  return tn("Caught up, %(num)s line added", "Caught up, %(num)s lines added", lines);
}

customElements.define("connection-banner", ConnectionBanner);
