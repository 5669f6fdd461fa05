// Search results that follow the input. The URL follows too, so that a search can be linked. Marks are elements around
// text nodes, because speech is never markup.
import { requestJson } from "../shared/api.js";
import { cloneTemplate, getParts, setText, setVariants, setVisible } from "../shared/dom.js";
import { problemText } from "../shared/error_box.js";
import { formatPhoneNumber, formatTime } from "../shared/format.js";
import { t, tn } from "../shared/i18n.js";
import { speakerName } from "../shared/speaker_names.js";

const TYPING_PAUSE_MS = 250;

class SearchResults extends HTMLElement {
  #typingTimer;
  #requestNumber = 0;
  #nextCursor = null;

  connectedCallback() {
    this.parts = getParts(this);
    this.input = this.querySelector("input");
    this.#nextCursor = new URL(this.parts.more.href).searchParams.get("after") || null;
    this.input.addEventListener("input", () => {
      clearTimeout(this.#typingTimer);
      this.#typingTimer = setTimeout(() => this.#search(), TYPING_PAUSE_MS);
    });
    this.parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.#typingTimer);
      this.#search();
    });
    this.parts.more.addEventListener("click", (event) => {
      event.preventDefault();
      this.#loadMore();
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#typingTimer);
  }

  async #search() {
    const query = this.input.value.trim();
    const requestNumber = (this.#requestNumber += 1);
    const page = query ? await this.#loadPage({ q: query }) : { results: [], next: null };
    if (requestNumber !== this.#requestNumber || !page) return;
    history.replaceState(null, "", query ? `/search?${new URLSearchParams({ q: query })}` : "/search");
    this.parts.hits.replaceChildren(...page.results.map(createResult));
    this.#drawEnd(page.next, query);
  }

  async #loadMore() {
    const page = await this.#loadPage({ q: this.input.value.trim(), after: this.#nextCursor });
    if (!page) return;
    const rows = page.results.map(createResult);
    this.parts.hits.append(...rows);
    this.#drawEnd(page.next, this.input.value.trim());
    rows[0]?.querySelector("a").focus();
  }

  async #loadPage(query) {
    try {
      return await requestJson("GET", `/api/search?${new URLSearchParams(query)}`);
    } catch (error) {
      setText(this.parts.count, problemText(error));
      return null;
    }
  }

  #drawEnd(next, query) {
    const { parts } = this;
    const count = parts.hits.childElementCount;
    this.#nextCursor = next;
    setText(parts.count, query ? countText(count, Boolean(next)) : "");
    setVisible(parts.none, Boolean(query) && count === 0);
    setVisible(parts["more-box"], Boolean(next));
  }
}

function countText(count, isMore) {
  if (isMore) return t("%(count)s or more lines, heard last first", { count });
  return tn("%(num)s line, heard last first", "%(num)s lines, heard last first", count);
}

function createResult({ call, segment, parts: pieces, before, after }) {
  const row = cloneTemplate("hit");
  const parts = getParts(row);
  parts.link.href = `/calls/${encodeURIComponent(call.id)}#line-${encodeURIComponent(segment.event_id)}`;
  setText(parts.party, formatPhoneNumber(call.direction === "outbound" ? call.to : call.from));
  setText(parts.speaker, speakerName(call, segment.speaker));
  setText(parts.time, `${segment.occurred_at.slice(0, 10)} ${formatTime(segment.occurred_at)}`);
  parts.time.dateTime = segment.occurred_at;
  setVariants(parts.line, "hit__line", segment.speaker);
  parts.line.replaceChildren(...pieces.map(([text, isMatch]) => (isMatch ? createMark(text) : text)));
  drawNeighbour(parts.before, before);
  drawNeighbour(parts.after, after);
  return row;
}

function drawNeighbour(line, segment) {
  if (segment) setVariants(line, "hit__line", segment.speaker);
  setText(line, segment?.text ?? "");
  setVisible(line, Boolean(segment));
}

function createMark(text) {
  const mark = document.createElement("mark");
  mark.textContent = text;
  return mark;
}

customElements.define("search-results", SearchResults);
