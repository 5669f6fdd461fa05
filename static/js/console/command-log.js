// Everything that was asked for on the open call: what, by whom, and what came of it. Asked for while it is open.
import { ask } from "../shared/api.js";
import { clone, partsOf, say, show, vary } from "../shared/dom.js";
import { clock } from "../shared/format.js";
import { numeral, t, tn } from "../shared/i18n.js";
import { commandWords, requesterWords, statusWords } from "../shared/labels.js";
import { onAnswer } from "./command_events.js";

class CommandLog extends HTMLElement {
  #callId;
  #asking = false;
  #isStale = false;

  follow({ live, open }) {
    this.parts = partsOf(this);
    this.box = this.querySelector("details");
    this.#callId = open.id;
    const look = () => this.box.open && this.#refresh();
    this.box.addEventListener("toggle", look);
    live.addEventListener("call", ({ detail: { call } }) => call.id === open.id && look());
    onAnswer(open.id, look);
  }

  // One question at a time, and one more if something happened meanwhile.
  async #refresh() {
    this.#isStale = true;
    if (this.#asking) return;
    this.#asking = true;
    while (this.#isStale) {
      this.#isStale = false;
      const answer = await ask("GET", `/api/calls/${encodeURIComponent(this.#callId)}/commands`).catch((error) => ({ error }));
      this.#draw(answer);
    }
    this.#asking = false;
  }

  #draw({ commands = null, error }) {
    show(this.parts.none, Boolean(error) || commands.length === 0);
    say(this.parts.none, error ? error.title : t("None yet."));
    if (error) return;
    this.parts.list.replaceChildren(...commands.toReversed().map(drawCommand));
  }
}

function drawCommand(command) {
  const row = clone("command-row");
  const parts = partsOf(row);
  const isFailed = command.status === "failed";
  say(parts.name, commandWords(command.name));
  say(parts.time, clock(command.requested_at));
  parts.time.dateTime = command.requested_at;
  say(parts.status, statusWords(command.status));
  vary(parts.status, "badge", "small", isFailed ? "fail" : command.status === "accepted" ? "on" : "wait");
  say(parts.facts, factsOf(command).join(" · "));
  say(parts.reason, command.reason ?? "");
  show(parts.reason, Boolean(command.reason));
  const { command_id: _id, ...parameters } = command.parameters;
  say(parts.parameters, JSON.stringify(parameters));
  show(parts.parameters, Object.keys(parameters).length > 0);
  return row;
}

function factsOf({ requested_by, http_status, provider_code, elapsed_ms, attempts }) {
  return [
    requesterWords(requested_by),
    http_status && `HTTP ${http_status}`,
    provider_code && `Telnyx ${provider_code}`,
    elapsed_ms !== null && `${numeral(Math.round(elapsed_ms))} ms`,
    attempts > 1 && tn("%(num)s attempt", "%(num)s attempts", attempts),
  ].filter(Boolean);
}

customElements.define("command-log", CommandLog);
