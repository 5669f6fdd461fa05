// Answer, reject and hang up. Hanging up asks only if something is running on the call.
import { csrfToken, runCommand } from "../shared/api.js";
import { isBusy, partsOf, say, setBusy, show } from "../shared/dom.js";
import { drawProblem } from "../shared/error_box.js";
import { isInbound } from "./call_text.js";
import { told } from "./command_events.js";
import { currentParams } from "./forms/parameters.js";
import { isRunning, NAMES, SWITCHES } from "./switches.js";

// After an accepted press the feed normally speaks within milliseconds. If it stays silent, the button can be pressed again.
const SILENCE_MS = 10_000;
const DOUBLE_CLICK_MS = 700; // the slowest second click of a double click

class CallActions extends HTMLElement {
  #call;
  #choices;
  #pressed = null; // the button whose command was accepted and that the feed has not told of yet
  #silence;
  #turnedAt = -Infinity; // when the buttons last changed under the pointer

  follow({ live, calls, open, choices }) {
    const parts = (this.parts = partsOf(this));
    this.#choices = choices;
    this.answerForm = this.querySelector("command-form");
    this.answerForm.begin(choices);
    this.#draw(calls.get(open.id));
    live.addEventListener("call", ({ detail: { call } }) => call.id === open.id && this.#draw(call));
    parts.answer.addEventListener("click", () => this.#send("answer", {}, parts.answer));
    parts["answer-transcribe"].addEventListener("click", () => this.#answer({ transcribe: true }));
    parts["answer-options"].addEventListener("click", () => parts["answer-ask"].showModal());
    parts["answer-cancel"].addEventListener("click", () => parts["answer-ask"].close("cancel"));
    parts["answer-ask"].addEventListener("close", () => parts["answer-ask"].returnValue === "answer" && this.#answerAsAsked());
    for (const item of this.querySelectorAll("[data-cause]")) item.addEventListener("click", () => this.#reject(item.dataset.cause));
    // The second click of a double click on Answer would end the call that the first one has just begun.
    parts.hangup.addEventListener("click", () => performance.now() - this.#turnedAt > DOUBLE_CLICK_MS && this.#askOrHangUp());
    parts.ask.addEventListener("close", () => parts.ask.returnValue === "hangup" && this.#send("hangup", {}, parts.hangup));
  }

  #draw(call) {
    const { parts } = this;
    const isOffered = call.state === "ringing" && isInbound(call);
    if (this.#call && call.state !== this.#call.state) this.#free();
    if (parts.hangup.hidden !== isOffered && this.#call) this.#turnedAt = performance.now();
    this.#call = call;
    show(this, call.state !== "ended");
    for (const part of ["answer", "answer-more", "reject"]) show(parts[part], isOffered);
    show(parts.hangup, !isOffered);
    if (call.state === "ended" && parts.ask.open) parts.ask.close("keep");
    if (!isOffered && parts["answer-ask"].open) parts["answer-ask"].close("cancel");
  }

  #answer({ transcribe, params = {} }) {
    this.parts["answer-menu"].hidePopover();
    const config = transcribe && { transcription: true, transcription_config: currentParams(this.#choices, "transcription_start") };
    return this.#send("answer", { ...params, ...config }, this.parts.answer);
  }

  async #answerAsAsked() {
    const { parts, answerForm } = this;
    parts["answer-ask"].returnValue = "cancel";
    answerForm.clearProblems();
    const refused = await this.#answer({ transcribe: parts["answer-with-words"].checked, params: answerForm.params });
    if (!refused?.fields?.length) return;
    parts["answer-ask"].showModal();
    await answerForm.showProblems(refused.fields);
  }

  #reject(cause) {
    this.parts["reject-menu"].hidePopover();
    return this.#send("reject", { cause }, this.parts.reject);
  }

  #askOrHangUp() {
    const running = SWITCHES.filter((name) => isRunning(this.#call.switches[name].state));
    if (!running.length) return this.#send("hangup", {}, this.parts.hangup);
    say(this.parts.running, running.map((name) => NAMES[name]).join(", "));
    this.parts.ask.returnValue = "keep";
    this.parts.ask.showModal();
  }

  // Returns why it was refused, if it was.
  async #send(name, params, button) {
    if (isBusy(button)) return null;
    setBusy(button, true);
    drawProblem(this.parts, null);
    try {
      const before = this.#call.state;
      await runCommand(this.#call.id, name, params, { csrfToken: csrfToken() });
      this.#pressed = button;
      this.#silence = setTimeout(() => this.#free(), SILENCE_MS);
      if (this.#call.state !== before) this.#free();
      return null;
    } catch (refused) {
      setBusy(button, false);
      drawProblem(this.parts, refused);
      return refused;
    } finally {
      told(this.#call.id);
    }
  }

  // The feed has spoken, or stays silent.
  #free() {
    clearTimeout(this.#silence);
    if (this.#pressed) setBusy(this.#pressed, false);
    this.#pressed = null;
  }

  disconnectedCallback() {
    clearTimeout(this.#silence);
  }
}

customElements.define("call-actions", CallActions);
