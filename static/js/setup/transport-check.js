// Checks how this browser is connected, and the round-trip time.
import { getParts, setIcon, setText, setVariants, setVisible } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

const REPLY_TIMEOUT_MS = 5000;

const TRANSPORTS = {
  websocket: { state: "ok", name: "WebSocket" },
  polling: {
    state: "warn",
    name: t("Long polling"),
    fix: t("Lines come, but later: something between this browser and the server does not let WebSockets through. Look at the proxy."),
  },
};
const DISCONNECTED = {
  state: "bad",
  found: t("Not connected"),
  fix: t("Lines do not appear by themselves. Reload; if that does not help, see what stands between this browser and the server."),
};
const ICONS = { ok: "ok", warn: "warn", bad: "bad" };
const STATE_TEXTS = { ok: t("Passes."), warn: t("Needs a look."), bad: t("Fails.") };

class TransportCheck extends HTMLElement {
  connectFeed({ live, socket }) {
    this.parts = getParts(this);
    live.addEventListener("state", ({ detail }) => {
      if (detail.state === "live") this.#measureRoundTrip(socket);
      else this.#draw(DISCONNECTED);
    });
    socket.on("connect", () => socket.io.engine.on("upgrade", () => this.#measureRoundTrip(socket)));
  }

  // An empty unwatch costs the server nothing.
  async #measureRoundTrip(socket) {
    const startedAt = performance.now();
    try {
      await socket.timeout(REPLY_TIMEOUT_MS).emitWithAck("unwatch", { events: true });
    } catch {
      return this.#draw(DISCONNECTED);
    }
    const { state, name, fix } = TRANSPORTS[socket.io.engine.transport.name] ?? TRANSPORTS.polling;
    const finding = t("%(way)s, %(ms)s ms there and back", { way: name, ms: Math.round(performance.now() - startedAt) });
    this.#draw({ state, fix, found: finding });
  }

  #draw({ state, found: finding, fix = "" }) {
    setVariants(this, "check", state);
    setIcon(this.querySelector(".icon"), ICONS[state]);
    setText(this.parts.word, STATE_TEXTS[state]);
    this.parts.word.classList.toggle("visually-hidden", !fix);
    setText(this.parts.found, finding);
    setText(this.parts.fix, fix);
    setVisible(this.parts["fix-box"], Boolean(fix));
    this.dispatchEvent(new CustomEvent("check-drawn", { bubbles: true }));
  }
}

customElements.define("transport-check", TransportCheck);
