// A signed test event, sent without leaving the page; its last step is the one only this page can see.
import { ask, csrfToken } from "../shared/api.js";
import { clone, isBusy, partsOf, say, setBusy, setIcon, show } from "../shared/dom.js";
import { inOneLine } from "../shared/error_box.js";
import { numeral, t } from "../shared/i18n.js";

const FRAME_MS = 3000;

class TestEvent extends HTMLElement {
  follow({ live, socket }) {
    this.parts = partsOf(this);
    this.parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!isBusy(this.parts.send)) this.#run(live, socket);
    });
  }

  async #run(live, socket) {
    const { send, trail, problem } = this.parts;
    setBusy(send, true);
    const begun = performance.now();
    const frame = live.state === "live" ? emptyFrame(socket) : Promise.resolve(null);
    try {
      const { steps } = await ask("POST", "/api/setup/test", undefined, { csrfToken: csrfToken() });
      trail.replaceChildren(...steps.map(stepRow));
      if (steps.every((step) => step.state === "ok")) trail.append(stepRow(seen(await frame, begun)));
      show(problem, false);
    } catch (refused) {
      trail.replaceChildren();
      say(problem, inOneLine(refused));
      show(problem, true);
    }
    show(trail, trail.childElementCount > 0);
    setBusy(send, false);
    this.dispatchEvent(new CustomEvent("tested", { bubbles: true }));
  }
}

// When the frame of the test is here, or null if it does not come: real frames are never empty.
function emptyFrame(socket) {
  return new Promise((resolve) => {
    const take = (changes) => changes.length === 0 && end(performance.now());
    const timer = setTimeout(() => end(null), FRAME_MS);
    const end = (at) => {
      clearTimeout(timer);
      socket.off("changes", take);
      resolve(at);
    };
    socket.on("changes", take);
  });
}

function seen(at, begun) {
  if (at === null) return { state: "bad", text: t("Not seen by this page"), elapsed_ms: null };
  return { state: "ok", text: t("Seen by this page, since the press"), elapsed_ms: Math.round(at - begun) };
}

function stepRow({ state, text, elapsed_ms }) {
  const row = clone("trail-step");
  const parts = partsOf(row);
  row.classList.toggle("trail__step--bad", state === "bad");
  setIcon(row.querySelector(".icon"), state);
  say(parts.text, text);
  say(parts.ms, elapsed_ms === null ? "" : `${numeral(elapsed_ms)} ms`);
  return row;
}

customElements.define("test-event", TestEvent);
