// The commands of the open call, with requester and result. Loaded only while the list is open.
import { requestJson } from "../shared/api.js";
import { cloneTemplate, getParts, setText, setVariants, setVisible } from "../shared/dom.js";
import { formatTime } from "../shared/format.js";
import { formatNumber, t, tn } from "../shared/i18n.js";
import { getLabel } from "../shared/labels.js";
import { onCommandDone } from "./command_events.js";

class CommandLog extends HTMLElement {
  #callId;
  #isLoading = false;
  #isStale = false;

  connectFeed({ live, openCall }) {
    this.parts = getParts(this);
    this.details = this.querySelector("details");
    this.#callId = openCall.id;
    const reloadIfOpen = () => this.details.open && this.#reload();
    this.details.addEventListener("toggle", reloadIfOpen);
    live.addEventListener("call", ({ detail: { call } }) => call.id === openCall.id && reloadIfOpen());
    onCommandDone(openCall.id, reloadIfOpen);
  }

  // Runs one request at a time, and one more if something changed meanwhile.
  async #reload() {
    this.#isStale = true;
    if (this.#isLoading) return;
    this.#isLoading = true;
    while (this.#isStale) {
      this.#isStale = false;
      const response = await requestJson("GET", `/api/calls/${encodeURIComponent(this.#callId)}/commands`).catch((error) => ({ error }));
      this.#draw(response);
    }
    this.#isLoading = false;
  }

  #draw({ commands = null, error }) {
    setVisible(this.parts.none, Boolean(error) || commands.length === 0);
    setText(this.parts.none, error ? error.title : t("None yet."));
    if (error) return;
    this.parts.list.replaceChildren(...commands.toReversed().map(createRow));
  }
}

function createRow(command) {
  const row = cloneTemplate("command-row");
  const parts = getParts(row);
  const isFailed = command.status === "failed";
  setText(parts.name, getLabel("command", command.name));
  setText(parts.time, formatTime(command.requested_at));
  parts.time.dateTime = command.requested_at;
  setText(parts.status, getLabel("command_status", command.status));
  setVariants(parts.status, "badge", "small", isFailed ? "fail" : command.status === "accepted" ? "on" : "wait");
  setText(parts.facts, factsText(command).join(" · "));
  setText(parts.reason, command.reason ?? "");
  setVisible(parts.reason, Boolean(command.reason));
  const { command_id: _id, ...parameters } = command.parameters;
  setText(parts.parameters, JSON.stringify(parameters));
  setVisible(parts.parameters, Object.keys(parameters).length > 0);
  return row;
}

function factsText({ requested_by, http_status, provider_code, elapsed_ms, attempts }) {
  return [
    getLabel("requester", requested_by),
    http_status && `HTTP ${http_status}`,
    provider_code && `Telnyx ${provider_code}`,
    elapsed_ms !== null && `${formatNumber(Math.round(elapsed_ms))} ms`,
    attempts > 1 && tn("%(num)s attempt", "%(num)s attempts", attempts),
  ].filter(Boolean);
}

customElements.define("command-log", CommandLog);
