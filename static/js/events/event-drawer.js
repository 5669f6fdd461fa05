// One webhook, open: what came of it, its headers and its body, both as text; and the way to play it once more.
import { ask, csrfToken } from "../shared/api.js";
import { copy } from "../shared/copy.js";
import { isBusy, partsOf, say, setBusy, show } from "../shared/dom.js";
import { inOneLine } from "../shared/error_box.js";
import { t } from "../shared/i18n.js";
import { drawVerdict } from "./event_row.js";
import { pretty } from "./json_format.js";
import { addressOf, bodilessOf, clockMs, firstOf, handled, outcomeOf, size } from "./webhooks.js";

const REPLAYABLE = ["accepted", "replayed"];

class EventDrawer extends HTMLElement {
  #id = null;
  #body = null;

  follow() {
    this.parts = partsOf(this);
    this.promise = this.parts.result.textContent;
    this.parts.copy.addEventListener("click", () => copy(this.#body, this.parts["copy-word"]));
    this.parts.replay.addEventListener("click", () => this.#replay());
    if (this.dataset.detail) this.#fill(JSON.parse(this.dataset.detail));
  }

  get openId() {
    return this.hidden ? null : this.#id;
  }

  // Asks for a webhook and shows it; false if it is gone.
  async open(id) {
    this.#id = id;
    const detail = await ask("GET", `/api${addressOf(id)}`).catch((refused) => ({ refused }));
    if (this.#id !== id) return true;
    if (detail.refused) this.#fillGone(detail.refused);
    else this.#fill(detail);
    show(this, true);
    this.parts.title.focus({ preventScroll: true });
    return !detail.refused;
  }

  close() {
    show(this, false);
    this.#id = null;
  }

  #fill({ event, body }) {
    const { parts } = this;
    this.#id = event.id;
    this.#body = body;
    say(parts.title, event.type ?? t("Unknown event"));
    drawVerdict(parts, event);
    show(parts.verdict, true);
    this.#say("detail", event.detail);
    this.#link("made", outcomeOf(event));
    const first = firstOf(event);
    this.#link("first", first && { text: t("The webhook that came first"), href: addressOf(first) });
    this.#fact("happened", clockMs(event.occurred_at));
    this.#fact("received", clockMs(event.at));
    this.#fact("handled", handled(event));
    this.#fact("attempt", event.attempt);
    this.#fact("size", size(event.size));
    this.#fact("sha256", event.sha256);
    this.#fact("event-id", event.event_id);
    this.#fact("call-id", event.call_id);
    this.#drawHeaders(event.headers);
    this.#drawBody(body, bodilessOf(event));
    show(parts.foot, Boolean(this.dataset.mayPress) && body !== null && REPLAYABLE.includes(event.verdict));
    say(parts.result, this.promise);
    setBusy(parts.replay, false);
  }

  #fillGone({ title, text }) {
    const { parts } = this;
    this.#body = null;
    say(parts.title, title);
    show(parts.verdict, false);
    this.#say("detail", text);
    this.#link("made", null);
    this.#link("first", null);
    for (const part of ["happened", "received", "handled", "attempt", "size", "sha256", "event-id", "call-id"]) this.#fact(part, null);
    this.#drawHeaders({});
    this.#drawBody(null, "");
    show(parts.foot, false);
  }

  #say(part, text) {
    say(this.parts[part], text ?? "");
    show(this.parts[part], Boolean(text));
  }

  #link(part, target) {
    const link = this.parts[`${part}-link`];
    say(link, target?.text ?? link.textContent);
    link.href = target?.href ?? "";
    show(this.parts[part], Boolean(target));
  }

  #fact(part, value) {
    say(this.parts[part], String(value ?? ""));
    show(this.parts[`${part}-row`], Boolean(value));
  }

  #drawHeaders(headers) {
    const lines = Object.entries(headers);
    const nodes = lines.flatMap(([name, value], index) => [inked(`${name}:`, "key"), ` ${value}${index < lines.length - 1 ? "\n" : ""}`]);
    this.parts.headers.replaceChildren(...nodes);
    show(this.parts["headers-box"], lines.length > 0);
  }

  #drawBody(body, bodiless) {
    const { parts } = this;
    parts.body.replaceChildren(...pretty(body ?? "").map(([text, kind]) => (kind ? inked(text, kind) : text)));
    show(parts.body, body !== null);
    show(parts.copy, body !== null);
    say(parts.none, bodiless);
    show(parts.none, body === null);
  }

  async #replay() {
    const { replay, result } = this.parts;
    if (isBusy(replay)) return;
    setBusy(replay, true);
    const id = this.#id;
    try {
      const { event } = await ask("POST", `/api${addressOf(id)}/replay`, undefined, { csrfToken: csrfToken() });
      const link = document.createElement("a");
      link.href = addressOf(event.id);
      link.textContent = t("Look at the replay");
      if (this.#id === id) result.replaceChildren(t("Replayed."), " ", link);
    } catch (refused) {
      if (this.#id === id) say(result, inOneLine(refused));
    } finally {
      setBusy(replay, false);
    }
  }
}

function inked(text, kind) {
  const span = document.createElement("span");
  span.className = `code__${kind}`;
  span.textContent = text;
  return span;
}

customElements.define("event-drawer", EventDrawer);
