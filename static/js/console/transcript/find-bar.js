// Find in the transcript. Enter goes to the next match, Shift+Enter to the previous one, Escape ends the search.
// Matches are CSS highlights, which do not change the lines. Browsers without highlights mark only the line of the
// selected match.
import { getParts, setText } from "../../shared/dom.js";
import { t } from "../../shared/i18n.js";
import { oncePerFrame } from "../../shared/once_per_frame.js";
import { Finder } from "./finder.js";
import { createTextRange } from "./text_range.js";

// More highlights than a reader needs, and each one costs.
const MAX_HIGHLIGHTS = 2000;
const canHighlight = () => "highlights" in CSS;

class FindBar extends HTMLElement {
  #transcript;
  #finder = new Finder();
  #highlight = null;
  #query = "";
  // Matches in lines that are drawn with the next frame.
  #pendingMatches = [];
  #draw = oncePerFrame(() => this.#drawCount());

  connectFeed({ live, openCall }) {
    const { field } = (this.parts = getParts(this));
    this.#transcript = openCall.transcript;
    field.addEventListener("input", oncePerFrame(() => this.#readQuery()));
    field.addEventListener("keydown", (event) => this.#onKey(event));
    live.addEventListener("line", ({ detail: { segment } }) => this.#finder.isActive && this.#onLine(segment));
    document.querySelector("live-transcript").addEventListener("rows-drawn", () => this.#highlightMatches(this.#pendingMatches.splice(0)));
  }

  focus() {
    this.parts.field.focus();
    this.parts.field.select();
  }

  #onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") this.#stepMatch(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") this.#endSearch();
    else return;
    event.preventDefault();
  }

  #endSearch() {
    this.parts.field.value = "";
    this.#search("");
    document.querySelector("live-transcript").focus({ preventScroll: true });
  }

  // Enter right after the last letter means the current input, not that of the last frame.
  #stepMatch(offset) {
    this.#readQuery();
    this.#goToMatch(this.#finder.selectNext(offset));
  }

  #readQuery() {
    const { value } = this.parts.field;
    if (value !== this.#query) this.#search(value);
  }

  #search(query) {
    this.#query = query;
    this.#finder.search(query, this.#transcript.segments);
    this.#highlightAll();
    this.#goToMatch(this.#firstMatchInView());
  }

  #onLine(segment) {
    const matches = this.#finder.addSegment(segment);
    this.#highlightMatches(matches);
    this.#draw();
  }

  // The search starts at the reader's position, not at the start of the call.
  #firstMatchInView() {
    const { top } = document.querySelector("live-transcript").getBoundingClientRect();
    const matches = this.#finder.matches;
    let [low, high] = [0, matches.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (findRow(matches[middle])?.getBoundingClientRect().bottom <= top) low = middle + 1;
      else high = middle;
    }
    return matches[low] ?? matches.at(-1) ?? null;
  }

  #goToMatch(match) {
    if (match) this.#finder.selectMatch(match);
    for (const row of document.querySelectorAll(".segment--found")) row.classList.remove("segment--found");
    if (canHighlight()) CSS.highlights.delete("found-here");
    this.#draw();
    const row = match && findRow(match);
    if (!row) return;
    row.classList.add("segment--found");
    row.scrollIntoView({ block: "center" });
    if (canHighlight()) CSS.highlights.set("found-here", withPriority(new Highlight(createRange(match, row))));
    this.dispatchEvent(new CustomEvent("match-selected", { bubbles: true, detail: { row } }));
  }

  #highlightAll() {
    this.#pendingMatches = [];
    if (!canHighlight()) return;
    this.#highlight = new Highlight();
    CSS.highlights.set("found", this.#highlight);
    this.#highlightMatches(this.#finder.matches);
  }

  #highlightMatches(matches) {
    if (!canHighlight()) return;
    for (const match of matches) {
      if (this.#highlight.size >= MAX_HIGHLIGHTS) return;
      const row = findRow(match);
      if (row) this.#highlight.add(createRange(match, row));
      else this.#pendingMatches.push(match);
    }
  }

  #drawCount() {
    const { matches, position, isActive } = this.#finder;
    const count = matches.length ? t("%(position)s of %(count)s", { position, count: matches.length }) : t("No match");
    setText(this.parts.count, isActive ? count : "");
    this.classList.toggle("find--on", isActive);
  }
}

const findRow = ({ segment }) => document.getElementById(`line-${segment.event_id}`);
const createRange = ({ start, end }, row) => createTextRange(row.querySelector(".segment__text > span"), start, end);

function withPriority(highlight) {
  highlight.priority = 1;
  return highlight;
}

customElements.define("find-bar", FindBar);
