// A new call, or one that runs already and that this dashboard has not heard of.
import { ask, csrfToken, dial } from "../shared/api.js";
import { isBusy, partsOf, say, setBusy, show } from "../shared/dom.js";
import { drawProblem } from "../shared/error_box.js";
import { t, tn } from "../shared/i18n.js";
import { clearFieldErrors, showFieldError } from "./forms/form_field.js";
import { currentParams } from "./forms/parameters.js";

const pageOf = (callId) => `/calls/${encodeURIComponent(callId)}`;
const squeezed = (text) => text.replace(/[\s().-]/g, "");

class NewCall extends HTMLElement {
  #choices;

  follow({ choices }) {
    const parts = (this.parts = partsOf(this));
    this.#choices = choices;
    this.dialog = this.querySelector("dialog");
    this.options = this.querySelector("command-form");
    this.options.begin(choices);
    parts.dial.elements.from.value = choices.lastUsedOf("dial").from ?? "";
    for (const button of document.querySelectorAll("[data-new-call]")) button.addEventListener("click", () => this.open());
    for (const button of this.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.dialog.close());
    parts.dial.addEventListener("submit", (event) => this.#submit(event, () => this.#dial()));
    parts.find.addEventListener("submit", (event) => this.#submit(event, () => this.#find()));
    parts.look.addEventListener("click", () => this.#look());
    parts.streaming.addEventListener("change", () => this.#showAddress());
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
  }

  #showAddress() {
    const { streaming, address } = this.parts;
    show(address, streaming.checked);
    if (!streaming.checked) return;
    const input = address.querySelector("input");
    input.value ||= currentParams(this.#choices, "streaming_start").stream_url ?? "";
    input.focus();
  }

  async #submit(event, send) {
    event.preventDefault();
    const button = event.target.querySelector("[data-submit]");
    if (isBusy(button)) return;
    setBusy(button, true);
    clearFieldErrors(this);
    drawProblem(this.parts, null);
    try {
      await send();
    } catch (refused) {
      setBusy(button, false);
      await this.#refuse(refused);
    }
  }

  // The button stays busy while the page changes: another press would place another call.
  async #dial() {
    const params = this.#paramsOfCall();
    const { call } = await dial(params, { csrfToken: csrfToken() });
    location.assign(call ? pageOf(call.id) : "/");
  }

  #paramsOfCall() {
    const { to, from, transcription, streaming, stream_url } = this.parts.dial.elements;
    return {
      ...this.options.params,
      to: squeezed(to.value),
      ...(from.value.trim() && { from: squeezed(from.value) }),
      ...(transcription.checked && { transcription: true, transcription_config: currentParams(this.#choices, "transcription_start") }),
      ...(streaming.checked && { ...streamOf(currentParams(this.#choices, "streaming_start")), stream_url: stream_url.value.trim() }),
    };
  }

  async #find() {
    const { call } = await ask("POST", "/api/find", { call_id: this.parts.find.elements.call_id.value.trim() }, { csrfToken: csrfToken() });
    location.assign(pageOf(call.id));
  }

  async #look() {
    if (isBusy(this.parts.look)) return;
    setBusy(this.parts.look, true);
    try {
      const { found, ended } = await ask("POST", "/api/find", {}, { csrfToken: csrfToken() });
      const running = tn("%(num)s call found.", "%(num)s calls found.", found);
      say(this.parts.found, `${running} ${tn("%(num)s ended unnoticed.", "%(num)s ended unnoticed.", ended)}`);
    } catch (refused) {
      say(this.parts.found, "");
      drawProblem(this.parts, refused);
    } finally {
      setBusy(this.parts.look, false);
    }
  }

  async #refuse(refused) {
    const homeless = [];
    for (const problem of refused.fields) {
      const input = this.querySelector(`form > .dialog__body [name="${CSS.escape(problem.field)}"]:not(command-form *)`);
      if (input) showFieldError(input, problem);
      else homeless.push(problem);
    }
    const rest = await this.options.showProblems(homeless);
    const text = [...rest.map((each) => t("%(field)s: %(reason)s.", each)), refused.text].join(" ");
    drawProblem(this.parts, refused.fields.length ? { title: t("Not sent"), text } : refused);
    this.querySelector('[aria-invalid="true"]')?.focus();
  }
}

// What a new call can be told about its stream; the rest is known to streaming_start alone.
function streamOf({ custom_parameters: _unknown, client_state: _state, ...stream }) {
  return stream;
}

customElements.define("new-call", NewCall);
