// One switch with its settings. A click shows "starting" at once; the feed then reports the real state.
import { getCsrfToken, runCommand } from "../shared/api.js";
import { getParts, setBusy, setIcon, setText, setVariants, setVisible } from "../shared/dom.js";
import { drawProblem } from "../shared/error_box.js";
import { formatTime } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { compareInstants } from "../shared/instants.js";
import { getLabel } from "../shared/labels.js";
import { setClock, setCost } from "./clocks.js";
import { FEED_TIMEOUT_MS, notifyCommandDone, waitForCall } from "./command_events.js";
import { APPEARANCES, conflictFromError, conflictingSwitch, isRunning, lockReason, resultText, SWAP_OFFERS, switchProblem } from "./switches.js";
import { TranslatedSwitch } from "./translated_switch.js";

class CallControl extends HTMLElement {
  #call;
  #context;
  #presets;
  // The state that was requested here and not yet reported by the feed.
  #requestedState = null;
  #seqAtRequest = 0;
  #error = null;
  // The switch that has to stop first, once a start was tried.
  #conflict = null;
  #elapsedMs = null;
  #translatedSwitch;
  // Whether "no words yet" is shown.
  #isSilenceShown = false;
  #feedTimer;

  connectFeed({ live, calls, openCall, presets }) {
    this.parts = getParts(this);
    this.button = this.querySelector(".switch");
    this.form = this.querySelector("command-form");
    this.#context = { live, calls, openCall };
    this.#presets = presets;
    this.form.usePresets(presets);
    const call = calls.get(openCall.id);
    this.#translatedSwitch = new TranslatedSwitch(this.dataset.name, call.switches[this.dataset.name]);
    this.#draw(call);
    live.addEventListener("call", ({ detail: { call } }) => call.id === openCall.id && this.#onCall(call));
    if (this.dataset.name === "transcription") this.#watchTranscript(live);
    // Otherwise the second click of a double click would revert the first.
    this.button.addEventListener("click", ({ detail: clicks }) => clicks < 2 && this.toggle());
    this.parts.offer.addEventListener("click", () => this.#swapSwitches());
    this.parts.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault();
      // The settings are hidden while the switch is on, and would take the focus with them.
      this.button.focus();
      this.toggle();
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#feedTimer);
  }

  // Does what a click on the switch does. Its key calls it too.
  toggle() {
    if (!this.#canToggle()) return;
    if (this.#switch.state === "on") return this.#sendCommand("stop");
    this.#conflict = conflictingSwitch(this.dataset.name, this.#call.switches);
    if (!this.#conflict) return this.#sendCommand("start");
    this.#error = null;
    this.#draw(this.#call);
    this.parts.offer.focus();
  }

  get #switch() {
    return this.#translatedSwitch.translate(this.#call.switches[this.dataset.name]);
  }

  async #loadTranslation() {
    await this.#translatedSwitch.load(this.#call.id);
    this.#draw(this.#call);
  }

  #canToggle() {
    return !lockReason(this.#call, document.body.dataset.role) && !this.#requestedState && !APPEARANCES[this.#switch.state].isWaiting;
  }

  async #sendCommand(verb) {
    const { name } = this.dataset;
    const command = `${name}_${verb}`;
    const params = verb === "start" ? this.form.params : {};
    this.form.clearProblems();
    this.#startRequest(verb === "start" ? "starting" : "stopping");
    try {
      const result = await runCommand(this.#call.id, command, params, { csrfToken: getCsrfToken() });
      this.#elapsedMs = verb === "start" ? result.elapsed_ms : null;
      this.#drawNotes(result.notes ?? []);
      if (verb === "start") this.#presets.recordUse(command, params);
      this.#feedTimer = setTimeout(() => this.#endRequest(), FEED_TIMEOUT_MS);
      this.#draw(this.#call);
    } catch (error) {
      await this.#showError(error);
    } finally {
      notifyCommandDone(this.#call.id);
    }
  }

  #startRequest(state) {
    this.#error = this.#conflict = this.#elapsedMs = null;
    this.#drawNotes([]);
    this.#requestedState = state;
    this.#seqAtRequest = this.#call.seq;
    this.#draw(this.#call);
  }

  async #showError(error) {
    this.#error = error;
    this.#conflict = conflictFromError(this.dataset.name, error);
    this.#endRequest();
    const unplacedProblems = await this.form.showProblems(error.fields ?? []);
    // A problem shown beside its field is not repeated here.
    if (!error.fields?.length) return;
    const text = unplacedProblems.map((problem) => t("%(field)s: %(reason)s.", problem)).join(" ");
    this.#error = { title: t("Not sent"), text: [text, error.text].filter(Boolean).join(" ") };
    this.#draw(this.#call);
  }

  // Stops the conflicting switch, waits until it is off, and starts this one.
  async #swapSwitches() {
    const conflict = this.#conflict;
    if (!conflict || !this.#canToggle()) return;
    const { live, calls, openCall } = this.#context;
    const missingFields = this.form.missingFields;
    // Check first: nothing may be stopped for a start that would fail.
    if (missingFields.length) return this.form.showProblems(missingFields);
    this.button.focus();
    this.#startRequest("starting");
    setText(this.parts["result-words"], SWAP_OFFERS[conflict].stopping);
    try {
      const isOff = (call) => !isRunning(call.switches[conflict].state);
      if (!isOff(this.#call)) await runCommand(openCall.id, `${conflict}_stop`, {}, { csrfToken: getCsrfToken() });
      await waitForCall({ live, calls, id: openCall.id }, isOff);
    } catch (error) {
      return this.#showError(error);
    }
    await this.#sendCommand("start");
  }

  #endRequest() {
    clearTimeout(this.#feedTimer);
    this.#requestedState = null;
    this.#draw(this.#call);
  }

  #drawNotes(notes) {
    setVisible(this.parts.notes, notes.length > 0);
    setText(this.parts.notes, notes.map((note) => `${note}.`).join(" "));
  }

  #onCall(call) {
    const previous = this.#call.switches[this.dataset.name];
    const current = call.switches[this.dataset.name];
    const hasChanged = previous.state !== current.state || previous.since !== current.since || previous.reason !== current.reason;
    if (hasChanged && call.seq > this.#seqAtRequest) {
      clearTimeout(this.#feedTimer);
      this.#requestedState = null;
    }
    // The switch reached a final state, so earlier errors no longer apply.
    if (hasChanged && ["on", "off"].includes(current.state) && !current.reason) this.#error = this.#conflict = null;
    // Another user started it, so the duration of the request is not known here.
    if (hasChanged && current.state === "starting" && !this.#requestedState) this.#elapsedMs = null;
    this.#draw(call);
    if (this.#translatedSwitch.needsLoading(current)) this.#loadTranslation();
  }

  #draw(call) {
    this.#call = call;
    const state = this.#requestedState ?? this.#switch.state;
    const appearance = APPEARANCES[state];
    const lock = lockReason(call, document.body.dataset.role);
    const isIdle = !isRunning(state);
    setVariants(this, "control", ["starting", "on", "failed"].includes(state) && state);
    setText(this.parts.state, lock && isIdle ? lock : getLabel("switch_state_title", state));
    this.#drawDetail(lock && isIdle ? null : state);
    this.#drawSwitch(state, appearance, lock);
    this.#drawOutcome(state, appearance);
    setVisible(this.parts.form, isIdle && !lock);
  }

  #drawSwitch(state, appearance, lock) {
    setVariants(this.button, "switch", state !== "off" && state);
    setIcon(this.button.querySelector(".icon"), appearance.icon);
    setText(this.parts.press, getLabel("switch_action", state));
    setBusy(this.button, appearance.isWaiting);
    this.button.disabled = Boolean(lock);
  }

  // Draws the text beside the state. Running times stay outside the announced output.
  #drawDetail(state) {
    const { aside } = this.parts;
    const current = this.#switch;
    if (state === "on") return this.#drawRunningTime(aside, current);
    const conflict = conflictingSwitch(this.dataset.name, this.#call.switches);
    const texts = {
      failed: () => (current.since && current.reason ? ` ${t("at %(time)s", { time: formatTime(current.since) })}` : ""),
      off: () => (conflict ? `, ${SWAP_OFFERS[conflict].consequence}` : current.since ? ` ${t("since %(time)s", { time: formatTime(current.since) })}` : ""),
    };
    setText(aside, texts[state]?.() ?? "");
  }

  #drawRunningTime(aside, current) {
    const time = aside.querySelector("time") ?? document.createElement("time");
    setClock(time, current.since);
    aside.replaceChildren(" ", time);
  }

  // Whether transcription is on but has produced no text since.
  #hasNoText() {
    const { lastTextAt } = this.#context.openCall.transcript;
    return this.dataset.name === "transcription" && (!lastTextAt || compareInstants(lastTextAt, this.#switch.since) < 0);
  }

  #drawOutcome(state, appearance) {
    const { name } = this.dataset;
    const offer = this.#conflict && !isRunning(state) ? SWAP_OFFERS[this.#conflict] : null;
    const problem = appearance.isWaiting ? null : (this.#error ?? offer ?? switchProblem(name, this.#switch));
    drawProblem(this.parts, problem);
    setVariants(this.parts.problem, "problem", offer && !this.#error && "wait");
    setVisible(this.parts.actions, Boolean(offer));
    setText(this.parts.offer, offer?.offer ?? "");
    const current = this.#requestedState ? { state } : this.#switch;
    this.#isSilenceShown = state === "on" && this.#hasNoText();
    const result = problem ? null : resultText(name, current, { isSilent: this.#isSilenceShown, elapsedMs: this.#elapsedMs });
    setVisible(this.parts.result, Boolean(result));
    if (result) setText(this.parts["result-words"], result);
    setVariants(this.parts.result, "control__result", appearance.isWaiting && "waiting");
    setIcon(this.parts.result.querySelector(".icon"), appearance.icon);
    this.#drawCost();
    setVisible(this.parts.news, Boolean(problem || result || !this.parts.notes.hidden));
  }

  #drawCost() {
    if (!this.dataset.rate) return;
    setVisible(this.parts.cost, Boolean(this.#switch.ran_s || this.#switch.on_since));
    setCost(this.parts.cost, this.#switch, Number(this.dataset.rate));
  }

  // Removes "no words yet" at the first text.
  #watchTranscript(live) {
    const redraw = () => this.#isSilenceShown && this.#draw(this.#call);
    live.addEventListener("interims", redraw);
    live.addEventListener("line", redraw);
  }
}

customElements.define("call-control", CallControl);
