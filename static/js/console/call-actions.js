// Answers, rejects and hangs up the open call. Hanging up needs a confirmation only while something runs on the call.
import { getCsrfToken, runCommand } from "../shared/api.js";
import { getParts, isBusy, setBusy, setText, setVisible } from "../shared/dom.js";
import { drawProblem } from "../shared/error_box.js";
import { getLabel } from "../shared/labels.js";
import { isInbound } from "./call_text.js";
import { FEED_TIMEOUT_MS, notifyCommandDone } from "./command_events.js";
import { currentParams } from "./forms/parameters.js";
import { isRunning, SWITCH_NAMES } from "./switches.js";

// The slowest second click of a double click.
const DOUBLE_CLICK_MS = 700;

class CallActions extends HTMLElement {
  #call;
  #presets;
  // The button of a command that was accepted but not yet reported by the feed.
  #pendingButton = null;
  #feedTimer;
  // When the buttons last changed under the pointer.
  #buttonsChangedAt = -Infinity;

  connectFeed({ live, calls, openCall, presets }) {
    const parts = (this.parts = getParts(this));
    this.#presets = presets;
    this.answerForm = this.querySelector("command-form");
    this.answerForm.usePresets(presets);
    this.#draw(calls.get(openCall.id));
    live.addEventListener("call", ({ detail: { call } }) => call.id === openCall.id && this.#draw(call));
    parts.answer.addEventListener("click", () => this.#sendCommand("answer", {}, parts.answer));
    parts["answer-transcribe"].addEventListener("click", () => this.#answerCall({ transcribe: true }));
    parts["answer-options"].addEventListener("click", () => parts["answer-ask"].showModal());
    parts["answer-cancel"].addEventListener("click", () => parts["answer-ask"].close("cancel"));
    parts["answer-ask"].addEventListener("close", () => parts["answer-ask"].returnValue === "answer" && this.#answerWithOptions());
    for (const item of this.querySelectorAll("[data-cause]")) item.addEventListener("click", () => this.#rejectCall(item.dataset.cause));
    // Otherwise the second click of a double click on Answer would hang up.
    parts.hangup.addEventListener("click", () => performance.now() - this.#buttonsChangedAt > DOUBLE_CLICK_MS && this.#confirmHangUp());
    parts.ask.addEventListener("close", () => parts.ask.returnValue === "hangup" && this.#sendCommand("hangup", {}, parts.hangup));
  }

  #draw(call) {
    const { parts } = this;
    const isOffered = call.state === "ringing" && isInbound(call);
    if (this.#call && call.state !== this.#call.state) this.#releaseButton();
    if (parts.hangup.hidden !== isOffered && this.#call) this.#buttonsChangedAt = performance.now();
    this.#call = call;
    setVisible(this, call.state !== "ended");
    for (const part of ["answer", "answer-more", "reject"]) setVisible(parts[part], isOffered);
    setVisible(parts.hangup, !isOffered);
    if (call.state === "ended" && parts.ask.open) parts.ask.close("keep");
    if (!isOffered && parts["answer-ask"].open) parts["answer-ask"].close("cancel");
  }

  #answerCall({ transcribe, params = {} }) {
    this.parts["answer-menu"].hidePopover();
    const transcription = transcribe && { transcription: true, transcription_config: currentParams(this.#presets, "transcription_start") };
    return this.#sendCommand("answer", { ...params, ...transcription }, this.parts.answer);
  }

  async #answerWithOptions() {
    const { parts, answerForm } = this;
    parts["answer-ask"].returnValue = "cancel";
    answerForm.clearProblems();
    const error = await this.#answerCall({ transcribe: parts["answer-with-words"].checked, params: answerForm.params });
    if (!error?.fields?.length) return;
    parts["answer-ask"].showModal();
    await answerForm.showProblems(error.fields);
  }

  #rejectCall(cause) {
    this.parts["reject-menu"].hidePopover();
    return this.#sendCommand("reject", { cause }, this.parts.reject);
  }

  #confirmHangUp() {
    const running = SWITCH_NAMES.filter((name) => isRunning(this.#call.switches[name].state));
    if (!running.length) return this.#sendCommand("hangup", {}, this.parts.hangup);
    setText(this.parts.running, running.map((name) => getLabel("switch_name", name)).join(", "));
    this.parts.ask.returnValue = "keep";
    this.parts.ask.showModal();
  }

  // Returns the error if the command failed, else null.
  async #sendCommand(name, params, button) {
    if (isBusy(button)) return null;
    setBusy(button, true);
    drawProblem(this.parts, null);
    try {
      const stateBefore = this.#call.state;
      await runCommand(this.#call.id, name, params, { csrfToken: getCsrfToken() });
      this.#pendingButton = button;
      this.#feedTimer = setTimeout(() => this.#releaseButton(), FEED_TIMEOUT_MS);
      if (this.#call.state !== stateBefore) this.#releaseButton();
      return null;
    } catch (error) {
      setBusy(button, false);
      drawProblem(this.parts, error);
      return error;
    } finally {
      notifyCommandDone(this.#call.id);
    }
  }

  // Called when the feed has reported the command, or has not done so in time.
  #releaseButton() {
    clearTimeout(this.#feedTimer);
    if (this.#pendingButton) setBusy(this.#pendingButton, false);
    this.#pendingButton = null;
  }

  disconnectedCallback() {
    clearTimeout(this.#feedTimer);
  }
}

customElements.define("call-actions", CallActions);
