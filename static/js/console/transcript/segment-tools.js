// What can be done with one line: a link to it, and the webhook it came from. One set of tools for all lines, beside the
// log and not inside: what moves in there would be read out. It goes to the line that is pointed at, found or linked.
import { copy } from "../../shared/copy.js";
import { partsOf, show } from "../../shared/dom.js";

class SegmentTools extends HTMLElement {
  #row = null;

  follow({ live, open }) {
    const parts = (this.parts = partsOf(this));
    const log = document.querySelector(".transcript__log");
    log.addEventListener("pointerover", ({ target }) => this.#goTo(target.closest(".segment")));
    log.addEventListener("focusin", ({ target }) => this.#goTo(target.closest(".segment")));
    this.parentElement.addEventListener("pointerleave", () => this.matches(":focus-within") || this.#goTo(null));
    document.addEventListener("found", ({ detail: { row } }) => this.#goTo(row));
    // A line that slides in above would leave the tools beside another one.
    live.addEventListener("line", ({ detail: { next } }) => next && this.#goTo(null));
    parts.link.addEventListener("click", () => copy(this.#address(open.id), parts["link-word"]));
  }

  #goTo(row) {
    if (row && row === this.#row) return;
    this.#row = row;
    show(this, Boolean(row));
    if (!row) return;
    this.parts.webhook.href = row.querySelector(".segment__source").href;
    // Moved, not laid out anew: a layout that shifts is what readers notice.
    this.style.setProperty("translate", `0 ${row.getBoundingClientRect().top - this.parentElement.getBoundingClientRect().top}px`);
  }

  #address(callId) {
    return `${location.origin}/calls/${encodeURIComponent(callId)}#${encodeURIComponent(this.#row.id)}`;
  }
}

customElements.define("segment-tools", SegmentTools);
