// Find in the transcript: every match is marked, Enter goes to the next and Shift+Enter to the one before, Escape ends it.
// Marks are CSS highlights, which leave the lines as they are; where there are none, only the line of the match is marked.
import { partsOf, say } from "../../shared/dom.js";
import { t } from "../../shared/i18n.js";
import { oncePerFrame } from "../../shared/once_per_frame.js";
import { Finder } from "./finder.js";
import { textRange } from "./text_range.js";

const PAINTED = 2000; // more marks than anybody looks at, and each costs
const canPaint = () => "highlights" in CSS;

class FindBar extends HTMLElement {
  #transcript;
  #finder = new Finder();
  #found = null;
  #sought = "";
  #unpainted = []; // matches in lines that came and are drawn with the next frame
  #draw = oncePerFrame(() => this.#drawCount());

  follow({ live, open }) {
    const { field } = (this.parts = partsOf(this));
    this.#transcript = open.transcript;
    field.addEventListener("input", oncePerFrame(() => this.#catchUp()));
    field.addEventListener("keydown", (event) => this.#press(event));
    live.addEventListener("line", ({ detail: { segment } }) => this.#finder.isSeeking && this.#take(segment));
    document.querySelector("live-transcript").addEventListener("drawn", () => this.#paint(this.#unpainted.splice(0)));
  }

  focus() {
    this.parts.field.focus();
    this.parts.field.select();
  }

  #press(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") this.#step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") this.#end();
    else return;
    event.preventDefault();
  }

  #end() {
    this.parts.field.value = "";
    this.#seek("");
    document.querySelector("live-transcript").focus({ preventScroll: true });
  }

  // Who presses Enter right after the last letter means what is written, not what was looked for a frame ago.
  #step(by) {
    this.#catchUp();
    this.#goTo(this.#finder.step(by));
  }

  #catchUp() {
    const { value } = this.parts.field;
    if (value !== this.#sought) this.#seek(value);
  }

  #seek(query) {
    this.#sought = query;
    this.#finder.seek(query, this.#transcript.segments);
    this.#paintAll();
    this.#goTo(this.#firstInView());
  }

  #take(segment) {
    const found = this.#finder.add(segment);
    this.#paint(found);
    this.#draw();
  }

  // From where the reader is, not from the beginning of an hour.
  #firstInView() {
    const { top } = document.querySelector("live-transcript").getBoundingClientRect();
    const all = this.#finder.matches;
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rowOf(all[middle])?.getBoundingClientRect().bottom <= top) low = middle + 1;
      else high = middle;
    }
    return all[low] ?? all.at(-1) ?? null;
  }

  #goTo(match) {
    if (match) this.#finder.goTo(match);
    for (const row of document.querySelectorAll(".segment--found")) row.classList.remove("segment--found");
    if (canPaint()) CSS.highlights.delete("found-here");
    this.#draw();
    const row = match && rowOf(match);
    if (!row) return;
    row.classList.add("segment--found");
    row.scrollIntoView({ block: "center" });
    if (canPaint()) CSS.highlights.set("found-here", above(new Highlight(rangeOf(match, row))));
    this.dispatchEvent(new CustomEvent("found", { bubbles: true, detail: { row } }));
  }

  #paintAll() {
    this.#unpainted = [];
    if (!canPaint()) return;
    this.#found = new Highlight();
    CSS.highlights.set("found", this.#found);
    this.#paint(this.#finder.matches);
  }

  #paint(matches) {
    if (!canPaint()) return;
    for (const match of matches) {
      if (this.#found.size >= PAINTED) return;
      const row = rowOf(match);
      if (row) this.#found.add(rangeOf(match, row));
      else this.#unpainted.push(match);
    }
  }

  #drawCount() {
    const { matches, position, isSeeking } = this.#finder;
    const count = matches.length ? t("%(position)s of %(count)s", { position, count: matches.length }) : t("No match");
    say(this.parts.count, isSeeking ? count : "");
    this.classList.toggle("find--on", isSeeking);
  }
}

const rowOf = ({ segment }) => document.getElementById(`line-${segment.event_id}`);
const rangeOf = ({ start, end }, row) => textRange(row.querySelector(".segment__text > span"), start, end);

function above(highlight) {
  highlight.priority = 1;
  return highlight;
}

customElements.define("find-bar", FindBar);
