// The words that are watched for, asked for while somebody looks at them.
import { ask, csrfToken } from "../shared/api.js";
import { clone, isBusy, label, partsOf, say, setBusy, show } from "../shared/dom.js";
import { inOneLine } from "../shared/error_box.js";
import { t } from "../shared/i18n.js";
import { uuid } from "../shared/uuid.js";

const addressOf = (id) => `/api/keywords/${encodeURIComponent(id)}`;

class KeywordList extends HTMLElement {
  connectedCallback() {
    const parts = (this.parts = partsOf(this));
    this.dialog = this.querySelector("dialog");
    for (const button of document.querySelectorAll("[data-show-keywords]")) button.addEventListener("click", () => this.#open());
    for (const button of this.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.dialog.close());
    parts.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
  }

  #open() {
    document.getElementById("account").hidePopover?.();
    this.dialog.showModal();
    this.parts.text?.focus();
    this.#change(async () => {}); // nothing changes, so it only asks
  }

  #add() {
    const { text, regex, add } = this.parts;
    const word = text.value.trim();
    if (!word || isBusy(add)) return;
    const kind = regex.checked ? "regex" : "phrase";
    this.#change(async () => {
      setBusy(add, true);
      await send("PUT", uuid(), { text: word, kind }).finally(() => setBusy(add, false));
      text.value = "";
    });
  }

  // Does something and shows what is watched for by then, or why not.
  async #change(work) {
    const refused = await work().then(() => null, (error) => error);
    const answer = await ask("GET", "/api/keywords").catch((error) => ({ error }));
    if (answer.keywords) this.#draw(answer.keywords);
    const problem = refused ?? answer.error ?? null;
    say(this.parts["error-text"], problem ? problemOf(problem) : "");
    show(this.parts.error, problem !== null);
  }

  #draw(keywords) {
    show(this.parts.none, keywords.length === 0);
    say(this.parts.none, t("Nothing is watched for."));
    this.parts.list.replaceChildren(...keywords.map((keyword) => this.#row(keyword)));
  }

  #row({ id, kind, text }) {
    const row = clone("keyword-row");
    const parts = partsOf(row);
    say(parts.word, text);
    show(parts.kind, kind === "regex");
    parts.remove?.addEventListener("click", () => this.#change(() => send("DELETE", id)));
    if (parts.remove) label(parts.remove, t("Stop watching for %(word)s", { word: text }));
    return row;
  }
}

const send = (method, id, body) => ask(method, addressOf(id), body, { csrfToken: csrfToken() });

function problemOf(refused) {
  const { fields = [] } = refused;
  return fields.length ? fields.map(({ reason }) => t("It %(reason)s.", { reason })).join(" ") : inOneLine(refused);
}

customElements.define("keyword-list", KeywordList);
