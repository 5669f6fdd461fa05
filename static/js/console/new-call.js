// The dialog for a new call, and for finding a running one.
import { dialCall, getCsrfToken, requestJson } from "../shared/api.js";
import { getParts, isBusy, setBusy, setText, setVisible } from "../shared/dom.js";
import { drawProblem } from "../shared/error_box.js";
import { t, tn } from "../shared/i18n.js";
import { clearFieldErrors, showFieldError } from "./forms/form_field.js";
import { currentParams } from "./forms/parameters.js";

const callUrl = (callId) => `/calls/${encodeURIComponent(callId)}`;
const stripSeparators = (text) => text.replace(/[\s().-]/g, "");

class NewCall extends HTMLElement {
  #presets;

  connectFeed({ presets }) {
    const parts = (this.parts = getParts(this));
    this.#presets = presets;
    this.dialog = this.querySelector("dialog");
    this.optionsForm = this.querySelector("command-form");
    this.optionsForm.usePresets(presets);
    parts.dial.elements.from.value = presets.lastUsedParams("dial").from ?? "";
    for (const button of document.querySelectorAll("[data-new-call]")) button.addEventListener("click", () => this.openDialog());
    for (const button of this.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.dialog.close());
    parts.dial.addEventListener("submit", (event) => this.#submitForm(event, () => this.#dialCall()));
    parts.find.addEventListener("submit", (event) => this.#submitForm(event, () => this.#findCall()));
    parts.look.addEventListener("click", () => this.#reconcileCalls());
    parts.streaming.addEventListener("change", () => this.#toggleStreamUrl());
  }

  openDialog() {
    if (!this.dialog.open) this.dialog.showModal();
  }

  #toggleStreamUrl() {
    const { streaming, address } = this.parts;
    setVisible(address, streaming.checked);
    if (!streaming.checked) return;
    const input = address.querySelector("input");
    input.value ||= currentParams(this.#presets, "streaming_start").stream_url ?? "";
    input.focus();
  }

  async #submitForm(event, send) {
    event.preventDefault();
    const button = event.target.querySelector("[data-submit]");
    if (isBusy(button)) return;
    setBusy(button, true);
    clearFieldErrors(this);
    drawProblem(this.parts, null);
    try {
      await send();
    } catch (error) {
      setBusy(button, false);
      await this.#showError(error);
    }
  }

  // The button stays busy while the page changes, so that a second click cannot place a second call.
  async #dialCall() {
    const params = this.#buildParams();
    const { call } = await dialCall(params, { csrfToken: getCsrfToken() });
    location.assign(call ? callUrl(call.id) : "/");
  }

  #buildParams() {
    const { to, from, transcription, streaming, stream_url } = this.parts.dial.elements;
    return {
      ...this.optionsForm.params,
      to: stripSeparators(to.value),
      ...(from.value.trim() && { from: stripSeparators(from.value) }),
      ...(transcription.checked && { transcription: true, transcription_config: currentParams(this.#presets, "transcription_start") }),
      ...(streaming.checked && { ...streamParams(currentParams(this.#presets, "streaming_start")), stream_url: stream_url.value.trim() }),
    };
  }

  async #findCall() {
    const { call } = await requestJson("POST", "/api/find", { call_id: this.parts.find.elements.call_id.value.trim() }, { csrfToken: getCsrfToken() });
    location.assign(callUrl(call.id));
  }

  async #reconcileCalls() {
    if (isBusy(this.parts.look)) return;
    setBusy(this.parts.look, true);
    try {
      const { found, ended } = await requestJson("POST", "/api/find", {}, { csrfToken: getCsrfToken() });
      const importedText = tn("%(num)s call found.", "%(num)s calls found.", found);
      setText(this.parts.found, `${importedText} ${tn("%(num)s ended unnoticed.", "%(num)s ended unnoticed.", ended)}`);
    } catch (error) {
      setText(this.parts.found, "");
      drawProblem(this.parts, error);
    } finally {
      setBusy(this.parts.look, false);
    }
  }

  async #showError(error) {
    const otherProblems = [];
    for (const problem of error.fields) {
      const input = this.querySelector(`form > .dialog__body [name="${CSS.escape(problem.field)}"]:not(command-form *)`);
      if (input) showFieldError(input, problem);
      else otherProblems.push(problem);
    }
    const unplacedProblems = await this.optionsForm.showProblems(otherProblems);
    const text = [...unplacedProblems.map((problem) => t("%(field)s: %(reason)s.", problem)), error.text].join(" ");
    drawProblem(this.parts, error.fields.length ? { title: t("Not sent"), text } : error);
    this.querySelector('[aria-invalid="true"]')?.focus();
  }
}

// The stream parameters that a new call accepts. Only streaming_start knows the others.
function streamParams({ custom_parameters: _unknown, client_state: _state, ...stream }) {
  return stream;
}

customElements.define("new-call", NewCall);
