// The header of the open call: parties, state and running time. It also copies the transcript as text.
import { copyText } from "../shared/copy.js";
import { getParts, setIcon, setLabel, setText, setVariants, setVisible } from "../shared/dom.js";
import { formatPhoneNumber } from "../shared/format.js";
import { tn } from "../shared/i18n.js";
import { getLabel } from "../shared/labels.js";
import { clockStart, partiesText } from "./call_text.js";
import { setClock } from "./clocks.js";

class CallHeader extends HTMLElement {
  connectFeed({ live, calls, openCall }) {
    const parts = (this.parts = getParts(this));
    this.#draw(calls.get(openCall.id));
    live.addEventListener("call", ({ detail: { call } }) => call.id === openCall.id && this.#draw(call));
    for (const [part, withTimes] of [["copy-times", true], ["copy-words", false]]) {
      parts[part].addEventListener("click", () => copyText(transcriptText(withTimes), parts["copy-word"]));
    }
    // Counted when the menu opens, so that no line has to update the count.
    parts.export.addEventListener("beforetoggle", () => {
      setText(parts["export-count"], tn("%(num)s line", "%(num)s lines", openCall.transcript.segments.length));
    });
  }

  #draw(call) {
    const { badge, dot, state, cause, elapsed } = this.parts;
    setVariants(badge, "badge", { ringing: "wait", answered: "on" }[call.state]);
    setVariants(dot, "badge__dot", call.state !== "ended" && "pulse");
    setText(state, getLabel("call_state", call.state));
    this.#drawParties(call);
    setText(cause, getLabel("hangup_cause", call.hangup_cause));
    setVisible(cause, Boolean(call.hangup_cause));
    setClock(elapsed, clockStart(call), call.ended_at);
  }

  // Parties may become known late, because webhooks come in any order.
  #drawParties(call) {
    const { parts } = this;
    const { from, to, direction } = call;
    setLabel(parts.parties, partiesText(call));
    setText(parts.from, formatPhoneNumber(from));
    setText(parts.to, formatPhoneNumber(to));
    parts.from.classList.toggle("transcript__party--ours", direction === "outbound");
    parts.to.classList.toggle("transcript__party--ours", direction !== "outbound");
    setVisible(parts.direction, Boolean(direction));
    setText(parts["direction-word"], getLabel("direction", direction));
    setIcon(parts.direction.querySelector(".icon"), direction === "outbound" ? "out" : "in");
  }
}

// The finished lines as text, one line each.
function transcriptText(withTimes) {
  const rows = document.querySelectorAll(".transcript__log .segment");
  const partText = (row, part) => row.querySelector(`.segment__${part}`).textContent.trim();
  // Only the spoken text, without remarks such as "(low confidence)".
  const lineText = (row) => `${partText(row, "speaker")}: ${partText(row, "text > span:first-child")}`;
  return Array.from(rows, (row) => (withTimes ? `${partText(row, "time")} ${lineText(row)}` : lineText(row))).join("\n");
}

customElements.define("call-header", CallHeader);
