// The connection dot: whether this page is live.
import { setText, setVariants } from "./dom.js";
import { t } from "./i18n.js";

const APPEARANCES = {
  connecting: [t("Connecting"), "waiting"],
  live: [t("Live"), null],
  waiting: [t("Reconnecting"), "waiting"],
  offline: [t("Offline"), "lost"],
  refused: [t("Not live"), "lost"],
};

class ConnectionStatus extends HTMLElement {
  connectFeed({ live }) {
    this.#draw(live.state);
    live.addEventListener("state", ({ detail }) => this.#draw(detail.state));
  }

  #draw(state) {
    const [label, variant] = APPEARANCES[state];
    setText(this.querySelector("output"), label);
    setVariants(this, "live", variant);
  }
}

customElements.define("connection-status", ConnectionStatus);
