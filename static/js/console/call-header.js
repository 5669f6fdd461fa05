// The head of the open call: its state, its running time, and the transcript as text to copy.
import { copy } from "../shared/copy.js";
import { label, partsOf, say, setIcon, show, vary } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { t, tn } from "../shared/i18n.js";
import { causeOf, directionOf, partiesOf, runsSince, stateOf } from "./call_text.js";
import { setClock } from "./clocks.js";

class CallHeader extends HTMLElement {
  follow({ live, calls, open }) {
    const parts = (this.parts = partsOf(this));
    this.#draw(calls.get(open.id));
    live.addEventListener("call", ({ detail: { call } }) => call.id === open.id && this.#draw(call));
    for (const [part, withTimes] of [["copy-times", true], ["copy-words", false]]) {
      parts[part].addEventListener("click", () => copy(linesOfPage(withTimes), parts["copy-word"]));
    }
    // Asked for by the one who opens the menu: the count is not kept up to date while nobody looks.
    parts.export.addEventListener("beforetoggle", () => {
      say(parts["export-count"], tn("%(num)s line", "%(num)s lines", open.transcript.segments.length));
    });
  }

  #draw(call) {
    const { badge, dot, state, cause, elapsed } = this.parts;
    vary(badge, "badge", { ringing: "wait", answered: "on" }[call.state]);
    vary(dot, "badge__dot", call.state !== "ended" && "pulse");
    say(state, stateOf(call));
    this.#drawParties(call);
    say(cause, causeOf(call));
    show(cause, Boolean(call.hangup_cause));
    setClock(elapsed, runsSince(call), call.ended_at);
  }

  // Who it is may be told late: webhooks come in any order.
  #drawParties(call) {
    const { parts } = this;
    const { from, to, direction } = call;
    label(parts.parties, partiesOf(call));
    say(parts.from, number(from));
    say(parts.to, number(to));
    parts.from.classList.toggle("transcript__party--ours", direction === "outbound");
    parts.to.classList.toggle("transcript__party--ours", direction !== "outbound");
    show(parts.direction, Boolean(direction));
    say(parts["direction-word"], directionOf(call));
    setIcon(parts.direction.querySelector(".icon"), direction === "outbound" ? "out" : "in");
  }
}

// The finished lines as the reader sees them, one a row.
function linesOfPage(withTimes) {
  const rows = document.querySelectorAll(".transcript__log .segment");
  const words = (row, part) => row.querySelector(`.segment__${part}`).textContent.trim();
  // What was said, without what is said about it.
  const line = (row) => `${words(row, "speaker")}: ${words(row, "text > span:first-child")}`;
  return Array.from(rows, (row) => (withTimes ? `${words(row, "time")} ${line(row)}` : line(row))).join("\n");
}

customElements.define("call-header", CallHeader);
