// The dot: whether this page is live, at once and without alarm.
import { say, vary } from "../helpers/dom.js";

const WORDS = {
  connecting: ["Connecting", "waiting"],
  live: ["Live", null],
  waiting: ["Reconnecting", "waiting"],
  offline: ["Offline", "lost"],
  refused: ["Not live", "lost"],
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
