// The drawer with one webhook: result, headers and body. It can replay the webhook.
import { getCsrfToken, requestJson } from "../shared/api.js";
import { copyText } from "../shared/copy.js";
import { getParts, isBusy, setBusy, setText, setVisible } from "../shared/dom.js";
import { problemText } from "../shared/error_box.js";
import { t } from "../shared/i18n.js";
import { getLabel } from "../shared/labels.js";
import { drawVerdict } from "./event_row.js";
import { formatJson } from "./json_format.js";
import { eventUrl, formatHandlingTime, formatSize, formatTimeMs, repeatedEventId, resultLink } from "./webhooks.js";

const REPLAYABLE = ["accepted", "replayed"];

class EventDrawer extends HTMLElement {
  #id = null;
  #body = null;

  connectFeed() {
    this.parts = getParts(this);
    this.replayHint = this.parts.result.textContent;
    this.parts.copy.addEventListener("click", () => copyText(this.#body, this.parts["copy-word"]));
    this.parts.replay.addEventListener("click", () => this.#replayEvent());
    if (this.dataset.detail) this.#drawEvent(JSON.parse(this.dataset.detail));
  }

  get openEventId() {
    return this.hidden ? null : this.#id;
  }

  // Loads a webhook and shows it. Returns false if it does not exist any more.
  async openEvent(id) {
    this.#id = id;
    const detail = await requestJson("GET", `/api${eventUrl(id)}`).catch((error) => ({ error }));
    if (this.#id !== id) return true;
    if (detail.error) this.#drawMissing(detail.error);
    else this.#drawEvent(detail);
    setVisible(this, true);
    this.parts.title.focus({ preventScroll: true });
    return !detail.error;
  }

  close() {
    setVisible(this, false);
    this.#id = null;
  }

  #drawEvent({ event, body }) {
    const { parts } = this;
    this.#id = event.id;
    this.#body = body;
    setText(parts.title, event.type ?? t("Unknown event"));
    drawVerdict(parts, event);
    setVisible(parts.verdict, true);
    this.#drawText("detail", event.detail);
    this.#drawLink("made", resultLink(event));
    const firstId = repeatedEventId(event);
    this.#drawLink("first", firstId && { text: t("The webhook that came first"), href: eventUrl(firstId) });
    this.#drawFact("happened", formatTimeMs(event.occurred_at));
    this.#drawFact("received", formatTimeMs(event.at));
    this.#drawFact("handled", formatHandlingTime(event));
    this.#drawFact("attempt", event.attempt);
    this.#drawFact("size", formatSize(event.size));
    this.#drawFact("sha256", event.sha256);
    this.#drawFact("event-id", event.event_id);
    this.#drawFact("call-id", event.call_id);
    this.#drawHeaders(event.headers);
    this.#drawBody(body, getLabel("missing_body", event.verdict));
    setVisible(parts.foot, Boolean(this.dataset.mayPress) && body !== null && REPLAYABLE.includes(event.verdict));
    setText(parts.result, this.replayHint);
    setBusy(parts.replay, false);
  }

  #drawMissing({ title, text }) {
    const { parts } = this;
    this.#body = null;
    setText(parts.title, title);
    setVisible(parts.verdict, false);
    this.#drawText("detail", text);
    this.#drawLink("made", null);
    this.#drawLink("first", null);
    for (const part of ["happened", "received", "handled", "attempt", "size", "sha256", "event-id", "call-id"]) this.#drawFact(part, null);
    this.#drawHeaders({});
    this.#drawBody(null, "");
    setVisible(parts.foot, false);
  }

  #drawText(part, text) {
    setText(this.parts[part], text ?? "");
    setVisible(this.parts[part], Boolean(text));
  }

  #drawLink(part, target) {
    const link = this.parts[`${part}-link`];
    setText(link, target?.text ?? link.textContent);
    link.href = target?.href ?? "";
    setVisible(this.parts[part], Boolean(target));
  }

  #drawFact(part, value) {
    setText(this.parts[part], String(value ?? ""));
    setVisible(this.parts[`${part}-row`], Boolean(value));
  }

  #drawHeaders(headers) {
    const lines = Object.entries(headers);
    const nodes = lines.flatMap(([name, value], index) => [createSpan(`${name}:`, "key"), ` ${value}${index < lines.length - 1 ? "\n" : ""}`]);
    this.parts.headers.replaceChildren(...nodes);
    setVisible(this.parts["headers-box"], lines.length > 0);
  }

  #drawBody(body, missingText) {
    const { parts } = this;
    parts.body.replaceChildren(...formatJson(body ?? "").map(([text, kind]) => (kind ? createSpan(text, kind) : text)));
    setVisible(parts.body, body !== null);
    setVisible(parts.copy, body !== null);
    setText(parts.none, missingText);
    setVisible(parts.none, body === null);
  }

  async #replayEvent() {
    const { replay, result } = this.parts;
    if (isBusy(replay)) return;
    setBusy(replay, true);
    const id = this.#id;
    try {
      const { event } = await requestJson("POST", `/api${eventUrl(id)}/replay`, undefined, { csrfToken: getCsrfToken() });
      const link = document.createElement("a");
      link.href = eventUrl(event.id);
      link.textContent = t("Look at the replay");
      if (this.#id === id) result.replaceChildren(t("Replayed."), " ", link);
    } catch (error) {
      if (this.#id === id) setText(result, problemText(error));
    } finally {
      setBusy(replay, false);
    }
  }
}

function createSpan(text, kind) {
  const span = document.createElement("span");
  span.className = `code__${kind}`;
  span.textContent = text;
  return span;
}

customElements.define("event-drawer", EventDrawer);
