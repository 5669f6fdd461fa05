// Sends a signed test event and shows its steps. The last step is seen only by this page.
import { getCsrfToken, requestJson } from "../shared/api.js";
import { cloneTemplate, getParts, isBusy, setBusy, setIcon, setText, setVisible } from "../shared/dom.js";
import { problemText } from "../shared/error_box.js";
import { formatNumber, t } from "../shared/i18n.js";

const FRAME_TIMEOUT_MS = 3000;

class TestEvent extends HTMLElement {
  connectFeed({ live, socket }) {
    this.parts = getParts(this);
    this.parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!isBusy(this.parts.send)) this.#runTest(live, socket);
    });
  }

  async #runTest(live, socket) {
    const { send, trail, problem } = this.parts;
    setBusy(send, true);
    const startedAt = performance.now();
    const frame = live.state === "live" ? waitForEmptyFrame(socket) : Promise.resolve(null);
    try {
      const { steps } = await requestJson("POST", "/api/setup/test", undefined, { csrfToken: getCsrfToken() });
      trail.replaceChildren(...steps.map(createStepRow));
      if (steps.every((step) => step.state === "ok")) trail.append(createStepRow(pageStep(await frame, startedAt)));
      setVisible(problem, false);
    } catch (error) {
      trail.replaceChildren();
      setText(problem, problemText(error));
      setVisible(problem, true);
    }
    setVisible(trail, trail.childElementCount > 0);
    setBusy(send, false);
    this.dispatchEvent(new CustomEvent("test-finished", { bubbles: true }));
  }
}

// Resolves with the time of the test's empty frame, or null without one. Other frames are never empty.
function waitForEmptyFrame(socket) {
  return new Promise((resolve) => {
    const onChanges = (changes) => changes.length === 0 && finish(performance.now());
    const timer = setTimeout(() => finish(null), FRAME_TIMEOUT_MS);
    const finish = (at) => {
      clearTimeout(timer);
      socket.off("changes", onChanges);
      resolve(at);
    };
    socket.on("changes", onChanges);
  });
}

function pageStep(seenAt, startedAt) {
  if (seenAt === null) return { state: "bad", text: t("Not seen by this page"), elapsed_ms: null };
  return { state: "ok", text: t("Seen by this page, since the press"), elapsed_ms: Math.round(seenAt - startedAt) };
}

function createStepRow({ state, text, elapsed_ms }) {
  const row = cloneTemplate("trail-step");
  const parts = getParts(row);
  row.classList.toggle("trail__step--bad", state === "bad");
  setIcon(row.querySelector(".icon"), state);
  setText(parts.text, text);
  setText(parts.ms, elapsed_ms === null ? "" : `${formatNumber(elapsed_ms)} ms`);
  return row;
}

customElements.define("test-event", TestEvent);
