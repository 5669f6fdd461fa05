// One switch and its settings. A press shows "starting" at once; what is true afterwards comes through the feed.
import { getCsrfToken, requestJson, runCommand } from "../shared/api.js";
import { getParts, setBusy, setIcon, setText, setVariants, setVisible } from "../shared/dom.js";
import { drawProblem } from "../shared/error_box.js";
import { formatTime } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { compareInstants } from "../shared/instants.js";
import { getLabel } from "../shared/labels.js";
import { setClock, setCost } from "./clocks.js";
import { notifyCommandDone, waitForCall } from "./command_events.js";
import { APPEARANCES, conflictingSwitch, isRunning, lockReason, resultText, SWAP_OFFERS, switchProblem } from "./switches.js";

// After an accepted press the feed normally speaks within milliseconds. If it stays silent, show what it last said.
const FEED_TIMEOUT_MS = 10_000;

// Telnyx: the command is not allowed while streaming (Telnyx docs, "API error codes").
const NOT_WHILE_STREAMING = "90045";

const IS_TRANSLATED = document.documentElement.lang !== "en";

// Whether two switches are the same but for the language of what they say.
const stateKey = ({ state, since, reason, stopped_because }) => [state, since, Boolean(reason), Boolean(stopped_because)].join();

class CallControl extends HTMLElement {
  #call;
  #context;
  #presets;
  #requestedState = null; // the state somebody asked for and the feed has not told yet
  #seqAtRequest = 0;
  #error = null;
  #conflict = null; // what would have to stop first, once somebody pressed
  #elapsedMs = null;
  #translatedSwitch = null; // the switch as the server tells of it in the reader's language
  #isSilenceShown = false; // that no words have come yet
  #feedTimer;

  connectFeed({ live, calls, openCall, presets }) {
    this.parts = getParts(this);
    this.button = this.querySelector(".switch");
    this.form = this.querySelector("command-form");
    this.#context = { live, calls, openCall };
    this.#presets = presets;
    this.form.usePresets(presets);
    this.#draw(calls.get(openCall.id));
    this.#translatedSwitch = this.#switch;
    live.addEventListener("call", ({ detail: { call } }) => call.id === openCall.id && this.#onCall(call));
    if (this.dataset.name === "transcription") this.#watchTranscript(live);
    // The second click of a double click would press what the first one has just turned.
    this.button.addEventListener("click", ({ detail: clicks }) => clicks < 2 && this.toggle());
    this.parts.offer.addEventListener("click", () => this.#swapSwitches());
    this.parts.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault();
      // The settings hide while it runs, and the focus would be lost with them.
      this.button.focus();
      this.toggle();
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#feedTimer);
  }

  // What a click does; also what its key does.
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
    const current = this.#call.switches[this.dataset.name];
    if (!this.#isTranslated(current)) return current;
    const { reason, stopped_because } = this.#translatedSwitch;
    return { ...current, reason, stopped_because };
  }

  #isTranslated(current) {
    return this.#translatedSwitch !== null && stateKey(this.#translatedSwitch) === stateKey(current);
  }

  // The feed tells everybody in English why a switch is as it is.
  async #loadTranslation() {
    const response = await requestJson("GET", `/api/calls/${encodeURIComponent(this.#call.id)}/switches`).catch(() => null);
    if (!response) return;
    this.#translatedSwitch = response.switches[this.dataset.name];
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
    if (error.providerCode === NOT_WHILE_STREAMING) this.#conflict = { streaming: "fork", fork: "streaming" }[this.dataset.name];
    this.#endRequest();
    const unplacedProblems = await this.form.showProblems(error.fields ?? []);
    // What stands beside its field need not be said twice.
    if (!error.fields?.length) return;
    const text = unplacedProblems.map((problem) => t("%(field)s: %(reason)s.", problem)).join(" ");
    this.#error = { title: t("Not sent"), text: [text, error.text].filter(Boolean).join(" ") };
    this.#draw(this.#call);
  }

  // Stops the one, waits until it is off, and starts this one.
  async #swapSwitches() {
    const conflict = this.#conflict;
    if (!conflict || !this.#canToggle()) return;
    const { live, calls, openCall } = this.#context;
    const missingFields = this.form.missingFields;
    // Nothing is stopped for a start that would be refused.
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
    // It came to be after all, whoever did it: what stood in the way is over.
    if (hasChanged && ["on", "off"].includes(current.state) && !current.reason) this.#error = this.#conflict = null;
    // Somebody else starts it, and how long that takes is not known here.
    if (hasChanged && current.state === "starting" && !this.#requestedState) this.#elapsedMs = null;
    this.#draw(call);
    if (IS_TRANSLATED && (current.reason || current.stopped_because) && !this.#isTranslated(current)) this.#loadTranslation();
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

  // Beside the state: since when, and what else is worth knowing. Ticking times stay outside the announced word.
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

  // Transcription that is on and has brought no text.
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
    const { cost } = this.parts;
    if (!this.dataset.rate) return;
    setVisible(cost, Boolean(this.#switch.ran_s || this.#switch.on_since));
    setCost(cost, this.#switch, Number(this.dataset.rate));
  }

  // "no words yet" ends with the first words.
  #watchTranscript(live) {
    const redraw = () => this.#isSilenceShown && this.#draw(this.#call);
    live.addEventListener("interims", redraw);
    live.addEventListener("line", redraw);
  }
}

customElements.define("call-control", CallControl);
