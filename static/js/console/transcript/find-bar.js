// Find in the transcript: every match is marked, Enter goes to the next and Shift+Enter to the one before, Escape ends it.
// Marks are CSS highlights, which leave the lines as they are; where there are none, only the line of the match is marked.
import { getParts, setText } from "../../shared/dom.js";
import { t } from "../../shared/i18n.js";
import { oncePerFrame } from "../../shared/once_per_frame.js";
import { Finder } from "./finder.js";
import { createTextRange } from "./text_range.js";

const MAX_HIGHLIGHTS = 2000; // more marks than anybody looks at, and each costs
const canHighlight = () => "highlights" in CSS;

class FindBar extends HTMLElement {
  #transcript;
  #finder = new Finder();
  #highlight = null;
  #query = "";
  #pendingMatches = []; // matches in lines that came and are drawn with the next frame
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

  // Who presses Enter right after the last letter means what is written, not what was looked for a frame ago.
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

  // From where the reader is, not from the beginning of an hour.
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
