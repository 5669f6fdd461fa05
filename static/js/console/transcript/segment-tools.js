// Tools of one line: its link and its webhook. One set serves all lines. It stands beside the log, because screen
// readers announce changes inside. It moves to the line that is pointed at, found or linked.
import { copyText } from "../../shared/copy.js";
import { getParts, setVisible } from "../../shared/dom.js";

class SegmentTools extends HTMLElement {
  #row = null;

  connectFeed({ live, openCall }) {
    const parts = (this.parts = getParts(this));
    const log = document.querySelector(".transcript__log");
    log.addEventListener("pointerover", ({ target }) => this.#moveTo(target.closest(".segment")));
    log.addEventListener("focusin", ({ target }) => this.#moveTo(target.closest(".segment")));
    this.parentElement.addEventListener("pointerleave", () => this.matches(":focus-within") || this.#moveTo(null));
    document.addEventListener("match-selected", ({ detail: { row } }) => this.#moveTo(row));
    // A line inserted above would leave the tools beside another line.
    live.addEventListener("line", ({ detail: { next } }) => next && this.#moveTo(null));
    parts.link.addEventListener("click", () => copyText(this.#lineUrl(openCall.id), parts["link-word"]));
  }

  #moveTo(row) {
    if (row && row === this.#row) return;
    this.#row = row;
    setVisible(this, Boolean(row));
    if (!row) return;
    this.parts.webhook.href = row.querySelector(".segment__source").href;
    // A translation does not shift the layout.
    this.style.setProperty("translate", `0 ${row.getBoundingClientRect().top - this.parentElement.getBoundingClientRect().top}px`);
  }

  #lineUrl(callId) {
    return `${location.origin}/calls/${encodeURIComponent(callId)}#${encodeURIComponent(this.#row.id)}`;
  }
}

customElements.define("segment-tools", SegmentTools);
