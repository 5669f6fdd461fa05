// The list of watched keywords, loaded when its dialog opens.
import { getCsrfToken, requestJson } from "../shared/api.js";
import { cloneTemplate, getParts, isBusy, setBusy, setLabel, setText, setVisible } from "../shared/dom.js";
import { problemText } from "../shared/error_box.js";
import { t } from "../shared/i18n.js";
import { createUuid } from "../shared/uuid.js";

const keywordUrl = (id) => `/api/keywords/${encodeURIComponent(id)}`;

class KeywordList extends HTMLElement {
  connectedCallback() {
    const parts = (this.parts = getParts(this));
    this.dialog = this.querySelector("dialog");
    for (const button of document.querySelectorAll("[data-show-keywords]")) button.addEventListener("click", () => this.#openDialog());
    for (const button of this.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.dialog.close());
    parts.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#addKeyword();
    });
  }

  #openDialog() {
    document.getElementById("account").hidePopover?.();
    this.dialog.showModal();
    this.parts.text?.focus();
    // Changes nothing, only loads.
    this.#runAndReload(async () => {});
  }

  #addKeyword() {
    const { text, regex, add } = this.parts;
    const word = text.value.trim();
    if (!word || isBusy(add)) return;
    const kind = regex.checked ? "regex" : "phrase";
    this.#runAndReload(async () => {
      setBusy(add, true);
      await sendKeyword("PUT", createUuid(), { text: word, kind }).finally(() => setBusy(add, false));
      text.value = "";
    });
  }

  // Runs an operation, then shows the current keywords and any error.
  async #runAndReload(operation) {
    const operationError = await operation().then(() => null, (error) => error);
    const response = await requestJson("GET", "/api/keywords").catch((error) => ({ error }));
    if (response.keywords) this.#draw(response.keywords);
    const problem = operationError ?? response.error ?? null;
    setText(this.parts["error-text"], problem ? errorText(problem) : "");
    setVisible(this.parts.error, problem !== null);
  }

  #draw(keywords) {
    setVisible(this.parts.none, keywords.length === 0);
    setText(this.parts.none, t("Nothing is watched for."));
    this.parts.list.replaceChildren(...keywords.map((keyword) => this.#createRow(keyword)));
  }

  #createRow({ id, kind, text }) {
    const row = cloneTemplate("keyword-row");
    const parts = getParts(row);
    setText(parts.word, text);
    setVisible(parts.kind, kind === "regex");
    parts.remove?.addEventListener("click", () => this.#runAndReload(() => sendKeyword("DELETE", id)));
    if (parts.remove) setLabel(parts.remove, t("Stop watching for %(word)s", { word: text }));
    return row;
  }
}

const sendKeyword = (method, id, body) => requestJson(method, keywordUrl(id), body, { csrfToken: getCsrfToken() });

function errorText(error) {
  const { fields = [] } = error;
  return fields.length ? fields.map(({ reason }) => t("It %(reason)s.", { reason })).join(" ") : problemText(error);
}

customElements.define("keyword-list", KeywordList);
