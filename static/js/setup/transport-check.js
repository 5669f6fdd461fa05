// The one finding that only this browser can make: how it is connected, and how long a question and its answer take.
import { partsOf, say, setIcon, show, vary } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

const SLOW_MS = 5000;

const WAYS = {
  websocket: { state: "ok", name: "WebSocket" },
  polling: {
    state: "warn",
    name: t("Long polling"),
    fix: t("Lines come, but later: something between this browser and the server does not let WebSockets through. Look at the proxy."),
  },
};
const LOST = {
  state: "bad",
  found: t("Not connected"),
  fix: t("Lines do not appear by themselves. Reload; if that does not help, see what stands between this browser and the server."),
};
const ICONS = { ok: "ok", warn: "warn", bad: "bad" };
const WORDS = { ok: t("Passes."), warn: t("Needs a look."), bad: t("Fails.") };

class TransportCheck extends HTMLElement {
  follow({ live, socket }) {
    this.parts = partsOf(this);
    live.addEventListener("state", ({ detail }) => {
      if (detail.state === "live") this.#measure(socket);
      else this.#draw(LOST);
    });
    socket.on("connect", () => socket.io.engine.on("upgrade", () => this.#measure(socket)));
  }

  // Watching nothing is a question that costs the server nothing.
  async #measure(socket) {
    const begun = performance.now();
    try {
      await socket.timeout(SLOW_MS).emitWithAck("unwatch", { events: true });
    } catch {
      return this.#draw(LOST);
    }
    const { state, name, fix } = WAYS[socket.io.engine.transport.name] ?? WAYS.polling;
    const found = t("%(way)s, %(ms)s ms there and back", { way: name, ms: Math.round(performance.now() - begun) });
    this.#draw({ state, fix, found });
  }

  #draw({ state, found, fix = "" }) {
    vary(this, "check", state);
    setIcon(this.querySelector(".icon"), ICONS[state]);
    say(this.parts.word, WORDS[state]);
    this.parts.word.classList.toggle("visually-hidden", !fix);
    say(this.parts.found, found);
    say(this.parts.fix, fix);
    show(this.parts["fix-box"], Boolean(fix));
    this.dispatchEvent(new CustomEvent("judged", { bubbles: true }));
  }
}

customElements.define("transport-check", TransportCheck);
