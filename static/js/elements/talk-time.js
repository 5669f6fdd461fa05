// Who has been talking, as one bar between two names; and where the names are changed.
import { partsOf, say } from "../helpers/dom.js";
import { oncePerFrame } from "../helpers/frame.js";
import { SIDES } from "../models/speaker_names.js";
import { TalkTime as Talk } from "../models/talk.js";

const GAP = 1; // of the bar, in percent, so that the two shares can be told apart without their colours

class TalkTime extends HTMLElement {
  #talk = new Talk();
  #names;
  #direction;

  follow({ live, calls, open, names }) {
    this.parts = partsOf(this);
    this.#names = names;
    this.#direction = calls.get(open.id).direction;
    for (const line of open.transcript.segments) this.#talk.add(line);
    const draw = oncePerFrame(() => this.#draw());
    live.addEventListener("line", ({ detail: { segment } }) => {
      this.#talk.add(segment);
      draw();
    });
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id !== open.id || call.direction === this.#direction) return;
      this.#direction = call.direction;
      draw();
    });
    names.addEventListener("change", draw);
    this.#startNaming();
    this.#draw();
  }

  #draw() {
    const shares = this.#talk.shares(this.#direction);
    for (const side of SIDES) {
      say(this.parts[`${side}-name`], this.#names.of(side));
      say(this.parts[`${side}-percent`], shares ? `${shares[side]} %` : "");
    }
    const { caller, callee } = shares ?? { caller: 0, callee: 0 };
    const gap = caller && callee ? GAP : 0;
    set(this.parts["caller-share"], { width: `${Math.max(0, caller - gap / 2)}%` });
    set(this.parts["callee-share"], { x: `${100 - callee + gap / 2}%`, width: `${Math.max(0, callee - gap / 2)}%` });
  }

  #startNaming() {
    const { dialog } = this.parts;
    const fields = SIDES.map((side) => [side, this.parts[`${side}-field`]]);
    for (const side of SIDES) {
      this.parts[`${side}-name`].addEventListener("click", () => {
        for (const [each, field] of fields) field.value = this.#names.of(each) === field.placeholder ? "" : this.#names.of(each);
        dialog.returnValue = "";
        dialog.showModal();
        this.parts[`${side}-field`].focus();
      });
    }
    this.parts.cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "keep") this.#names.rename(Object.fromEntries(fields.map(([side, field]) => [side, field.value.trim()])));
    });
  }
}

function set(shape, attributes) {
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
}

customElements.define("talk-time", TalkTime);
