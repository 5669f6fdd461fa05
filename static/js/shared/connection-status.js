// The dot: whether this page is live, at once and without alarm.
import { say, vary } from "./dom.js";
import { t } from "./i18n.js";

const WORDS = {
  connecting: [t("Connecting"), "waiting"],
  live: [t("Live"), null],
  waiting: [t("Reconnecting"), "waiting"],
  offline: [t("Offline"), "lost"],
  refused: [t("Not live"), "lost"],
};

class ConnectionStatus extends HTMLElement {
  follow({ live }) {
    this.#draw(live.state);
    live.addEventListener("state", ({ detail }) => this.#draw(detail.state));
  }

  #draw(state) {
    const [word, variant] = WORDS[state];
    say(this.querySelector("output"), word);
    vary(this, "live", variant);
  }
}

customElements.define("connection-status", ConnectionStatus);
