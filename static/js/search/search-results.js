// Search that answers while one types. The address follows, so a search can be linked and reloaded; marks are elements
// around text nodes, for what was said is only text.
import { ask } from "../shared/api.js";
import { clone, partsOf, say, show, vary } from "../shared/dom.js";
import { inOneLine } from "../shared/error_box.js";
import { clock, number } from "../shared/format.js";
import { t, tn } from "../shared/i18n.js";
import { nameOf } from "../shared/speaker_names.js";

const TYPING_MS = 250;

class SearchResults extends HTMLElement {
  #typing;
  #asked = 0;
  #next = null;

  connectedCallback() {
    this.parts = partsOf(this);
    this.input = this.querySelector("input");
    this.#next = new URL(this.parts.more.href).searchParams.get("after") || null;
    this.input.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#search(), TYPING_MS);
    });
    this.parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.#typing);
      this.#search();
    });
    this.parts.more.addEventListener("click", (event) => {
      event.preventDefault();
      this.#more();
    });
  }

  disconnectedCallback() {
    clearTimeout(this.#typing);
  }

  async #search() {
    const query = this.input.value.trim();
    const asked = (this.#asked += 1);
    const told = query ? await this.#page({ q: query }) : { results: [], next: null };
    if (asked !== this.#asked || !told) return;
    history.replaceState(null, "", query ? `/search?${new URLSearchParams({ q: query })}` : "/search");
    this.parts.hits.replaceChildren(...told.results.map(drawHit));
    this.#drawEnd(told.next, query);
  }

  async #more() {
    const told = await this.#page({ q: this.input.value.trim(), after: this.#next });
    if (!told) return;
    const rows = told.results.map(drawHit);
    this.parts.hits.append(...rows);
    this.#drawEnd(told.next, this.input.value.trim());
    rows[0]?.querySelector("a").focus();
  }

  async #page(query) {
    try {
      return await ask("GET", `/api/search?${new URLSearchParams(query)}`);
    } catch (refused) {
      say(this.parts.count, inOneLine(refused));
      return null;
    }
  }

  #drawEnd(next, query) {
    const { parts } = this;
    const count = parts.hits.childElementCount;
    this.#next = next;
    say(parts.count, query ? countOf(count, Boolean(next)) : "");
    show(parts.none, Boolean(query) && count === 0);
    show(parts["more-box"], Boolean(next));
  }
}

function countOf(count, isMore) {
  if (isMore) return t("%(count)s or more lines, heard last first", { count });
  return tn("%(num)s line, heard last first", "%(num)s lines, heard last first", count);
}

function drawHit({ call, segment, parts: pieces, before, after }) {
  const row = clone("hit");
  const parts = partsOf(row);
  parts.link.href = `/calls/${encodeURIComponent(call.id)}#line-${encodeURIComponent(segment.event_id)}`;
  say(parts.party, number(call.direction === "outbound" ? call.to : call.from));
  say(parts.speaker, nameOf(call, segment.speaker));
  say(parts.time, `${segment.occurred_at.slice(0, 10)} ${clock(segment.occurred_at)}`);
  parts.time.dateTime = segment.occurred_at;
  vary(parts.line, "hit__line", segment.speaker);
  parts.line.replaceChildren(...pieces.map(([text, isSought]) => (isSought ? marked(text) : text)));
  drawNeighbour(parts.before, before);
  drawNeighbour(parts.after, after);
  return row;
}

function drawNeighbour(line, segment) {
  if (segment) vary(line, "hit__line", segment.speaker);
  say(line, segment?.text ?? "");
  show(line, Boolean(segment));
}

function marked(text) {
  const mark = document.createElement("mark");
  mark.textContent = text;
  return mark;
}

customElements.define("search-results", SearchResults);
