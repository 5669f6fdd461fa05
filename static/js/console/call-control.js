// One switch and its settings. A press shows "starting" at once; what is true afterwards comes through the feed.
import { ask, csrfToken, runCommand } from "../shared/api.js";
import { partsOf, say, setBusy, setIcon, show, vary } from "../shared/dom.js";
import { drawProblem } from "../shared/error_box.js";
import { clock } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { compareInstants } from "../shared/instants.js";
import { setClock, setCost } from "./clocks.js";
import { becomes, told } from "./command_events.js";
import { failureOf, isRunning, lockOf, LOOKS, resultOf, rivalOf, SWAPS } from "./switches.js";

// After an accepted press the feed normally speaks within milliseconds. If it stays silent, show what it last said.
const SILENCE_MS = 10_000;

// Telnyx: the command is not allowed while streaming (Telnyx docs, "API error codes").
const NOT_WHILE_STREAMING = "90045";

const IS_TRANSLATED = document.documentElement.lang !== "en";

// Whether two switches are the same but for the language of what they say.
const gistOf = ({ state, since, reason, stopped_because }) => [state, since, Boolean(reason), Boolean(stopped_because)].join();

class CallControl extends HTMLElement {
  #call;
  #page;
  #choices;
  #pressed = null; // the state somebody asked for and the feed has not told yet
  #seqAtPress = 0;
  #refusal = null;
  #rival = null; // what would have to stop first, once somebody pressed
  #elapsedMs = null;
  #said = null; // the switch as the server tells of it in the reader's language
  #saysSilent = false; // that no words have come yet
  #silence;

  follow({ live, calls, open, choices }) {
    this.parts = partsOf(this);
    this.button = this.querySelector(".switch");
    this.form = this.querySelector("command-form");
    this.#page = { live, calls, open };
    this.#choices = choices;
    this.form.begin(choices);
    this.#draw(calls.get(open.id));
    this.#said = this.#known;
    live.addEventListener("call", ({ detail: { call } }) => call.id === open.id && this.#take(call));
    if (this.dataset.name === "transcription") this.#followWords(live);
    // The second click of a double click would press what the first one has just turned.
    this.button.addEventListener("click", ({ detail: clicks }) => clicks < 2 && this.press());
    this.parts.offer.addEventListener("click", () => this.#swap());
    this.parts.form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault();
      // The settings hide while it runs, and the focus would be lost with them.
      this.button.focus();
      this.press();
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#silence);
  }

  // What a click does; also what its key does.
  press() {
    if (!this.#isFree()) return;
    if (this.#known.state === "on") return this.#send("stop");
    this.#rival = rivalOf(this.dataset.name, this.#call.switches);
    if (!this.#rival) return this.#send("start");
    this.#refusal = null;
    this.#draw(this.#call);
    this.parts.offer.focus();
  }

  get #known() {
    const known = this.#call.switches[this.dataset.name];
    if (!this.#isSaid(known)) return known;
    const { reason, stopped_because } = this.#said;
    return { ...known, reason, stopped_because };
  }

  #isSaid(known) {
    return this.#said !== null && gistOf(this.#said) === gistOf(known);
  }

  // The feed tells everybody in English why a switch is as it is.
  async #askForWords() {
    const answer = await ask("GET", `/api/calls/${encodeURIComponent(this.#call.id)}/switches`).catch(() => null);
    if (!answer) return;
    this.#said = answer.switches[this.dataset.name];
    this.#draw(this.#call);
  }

  #isFree() {
    return !lockOf(this.#call, document.body.dataset.role) && !this.#pressed && !LOOKS[this.#known.state].isWaiting;
  }

  async #send(verb) {
    const { name } = this.dataset;
    const command = `${name}_${verb}`;
    const params = verb === "start" ? this.form.params : {};
    this.form.clearProblems();
    this.#begin(verb === "start" ? "starting" : "stopping");
    try {
      const accepted = await runCommand(this.#call.id, command, params, { csrfToken: csrfToken() });
      this.#elapsedMs = verb === "start" ? accepted.elapsed_ms : null;
      this.#note(accepted.notes ?? []);
      if (verb === "start") this.#choices.use(command, params);
      this.#silence = setTimeout(() => this.#release(), SILENCE_MS);
      this.#draw(this.#call);
    } catch (refused) {
      await this.#refuse(refused);
    } finally {
      told(this.#call.id);
    }
  }

  #begin(state) {
    this.#refusal = this.#rival = this.#elapsedMs = null;
    this.#note([]);
    this.#pressed = state;
    this.#seqAtPress = this.#call.seq;
    this.#draw(this.#call);
  }

  async #refuse(refused) {
    this.#refusal = refused;
    if (refused.providerCode === NOT_WHILE_STREAMING) this.#rival = { streaming: "fork", fork: "streaming" }[this.dataset.name];
    this.#release();
    const homeless = await this.form.showProblems(refused.fields ?? []);
    // What stands beside its field need not be said twice.
    if (!refused.fields?.length) return;
    const text = homeless.map((each) => t("%(field)s: %(reason)s.", each)).join(" ");
    this.#refusal = { title: t("Not sent"), text: [text, refused.text].filter(Boolean).join(" ") };
    this.#draw(this.#call);
  }

  // Stops the one, waits until it is off, and starts this one.
  async #swap() {
    const rival = this.#rival;
    if (!rival || !this.#isFree()) return;
    const { live, calls, open } = this.#page;
    const missing = this.form.missing;
    // Nothing is stopped for a start that would be refused.
    if (missing.length) return this.form.showProblems(missing);
    this.button.focus();
    this.#begin("starting");
    say(this.parts["result-words"], SWAPS[rival].stopping);
    try {
      const isOff = (call) => !isRunning(call.switches[rival].state);
      if (!isOff(this.#call)) await runCommand(open.id, `${rival}_stop`, {}, { csrfToken: csrfToken() });
      await becomes({ live, calls, id: open.id }, isOff);
    } catch (refused) {
      return this.#refuse(refused);
    }
    await this.#send("start");
  }

  #release() {
    clearTimeout(this.#silence);
    this.#pressed = null;
    this.#draw(this.#call);
  }

  #note(notes) {
    show(this.parts.notes, notes.length > 0);
    say(this.parts.notes, notes.map((note) => `${note}.`).join(" "));
  }

  #take(call) {
    const before = this.#call.switches[this.dataset.name];
    const after = call.switches[this.dataset.name];
    const isNews = before.state !== after.state || before.since !== after.since || before.reason !== after.reason;
    if (isNews && call.seq > this.#seqAtPress) {
      clearTimeout(this.#silence);
      this.#pressed = null;
    }
    // It came to be after all, whoever did it: what stood in the way is over.
    if (isNews && ["on", "off"].includes(after.state) && !after.reason) this.#refusal = this.#rival = null;
    // Somebody else starts it, and how long that takes is not known here.
    if (isNews && after.state === "starting" && !this.#pressed) this.#elapsedMs = null;
    this.#draw(call);
    if (IS_TRANSLATED && (after.reason || after.stopped_because) && !this.#isSaid(after)) this.#askForWords();
  }

  #draw(call) {
    this.#call = call;
    const state = this.#pressed ?? this.#known.state;
    const look = LOOKS[state];
    const lock = lockOf(call, document.body.dataset.role);
    const isIdle = !isRunning(state);
    vary(this, "control", ["starting", "on", "failed"].includes(state) && state);
    say(this.parts.state, lock && isIdle ? lock : look.state);
    this.#drawAside(lock && isIdle ? null : state);
    this.#drawSwitch(state, look, lock);
    this.#drawNews(state, look);
    show(this.parts.form, isIdle && !lock);
  }

  #drawSwitch(state, look, lock) {
    vary(this.button, "switch", state !== "off" && state);
    setIcon(this.button.querySelector(".icon"), look.icon);
    say(this.parts.press, look.press);
    setBusy(this.button, look.isWaiting);
    this.button.disabled = Boolean(lock);
  }

  // Beside the state: since when, and what else is worth knowing. Ticking times stay outside the announced word.
  #drawAside(state) {
    const { aside } = this.parts;
    const known = this.#known;
    if (state === "on") return this.#drawRunning(aside, known);
    const rival = rivalOf(this.dataset.name, this.#call.switches);
    const words = {
      failed: () => (known.since && known.reason ? ` ${t("at %(time)s", { time: clock(known.since) })}` : ""),
      off: () => (rival ? `, ${SWAPS[rival].aside}` : known.since ? ` ${t("since %(time)s", { time: clock(known.since) })}` : ""),
    };
    say(aside, words[state]?.() ?? "");
  }

  #drawRunning(aside, known) {
    const time = aside.querySelector("time") ?? document.createElement("time");
    setClock(time, known.since);
    aside.replaceChildren(" ", time);
  }

  // Transcription that is on and has brought no text.
  #isSilent() {
    const { lastAt } = this.#page.open.transcript;
    return this.dataset.name === "transcription" && (!lastAt || compareInstants(lastAt, this.#known.since) < 0);
  }

  #drawNews(state, look) {
    const { name } = this.dataset;
    const swap = this.#rival && !isRunning(state) ? SWAPS[this.#rival] : null;
    const problem = look.isWaiting ? null : (this.#refusal ?? swap ?? failureOf(name, this.#known));
    drawProblem(this.parts, problem);
    vary(this.parts.problem, "problem", swap && !this.#refusal && "wait");
    show(this.parts.actions, Boolean(swap));
    say(this.parts.offer, swap?.offer ?? "");
    const told = this.#pressed ? { state } : this.#known;
    this.#saysSilent = state === "on" && this.#isSilent();
    const result = problem ? null : resultOf(name, told, { isSilent: this.#saysSilent, elapsedMs: this.#elapsedMs });
    show(this.parts.result, Boolean(result));
    if (result) say(this.parts["result-words"], result);
    vary(this.parts.result, "control__result", look.isWaiting && "waiting");
    setIcon(this.parts.result.querySelector(".icon"), look.icon);
    this.#drawCost();
    show(this.parts.news, Boolean(problem || result || !this.parts.notes.hidden));
  }

  #drawCost() {
    const { cost } = this.parts;
    if (!this.dataset.rate) return;
    show(cost, Boolean(this.#known.ran_s || this.#known.on_since));
    setCost(cost, this.#known, Number(this.dataset.rate));
  }

  // "no words yet" ends with the first words.
  #followWords(live) {
    const check = () => this.#saysSilent && this.#draw(this.#call);
    live.addEventListener("interims", check);
    live.addEventListener("line", check);
  }
}

customElements.define("call-control", CallControl);
