// Who has been talking, as one bar between two names; and where the names are changed.
import { ask, csrfToken } from "../../shared/api.js";
import { isBusy, partsOf, say, setBusy, show } from "../../shared/dom.js";
import { inOneLine } from "../../shared/error_box.js";
import { t } from "../../shared/i18n.js";
import { oncePerFrame } from "../../shared/once_per_frame.js";
import { changedNames, nameOf, sameNames, SIDES } from "../../shared/speaker_names.js";
import { TalkTime as Talk } from "./talk_shares.js";

const GAP = 1; // of the bar, in percent, so that the two shares can be told apart without their colours

class TalkTime extends HTMLElement {
  #talk = new Talk();
  #call;
  #named; // the call as it was when the dialog was opened

  follow({ live, calls, open }) {
    this.parts = partsOf(this);
    this.#call = calls.get(open.id);
    for (const line of open.transcript.segments) this.#talk.add(line);
    const draw = oncePerFrame(() => this.#draw());
    live.addEventListener("line", ({ detail: { segment } }) => {
      this.#talk.add(segment);
      draw();
    });
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id !== open.id) return;
      const before = this.#call;
      this.#call = call;
      if (call.direction !== before.direction || !sameNames(call, before)) draw();
    });
    if (this.parts.dialog) this.#startNaming(); // not for viewers
    this.#draw();
  }

  #draw() {
    const shares = this.#talk.shares(this.#call.direction);
    for (const side of SIDES) {
      say(this.parts[`${side}-name`], nameOf(this.#call, side));
      say(this.parts[`${side}-percent`], shares ? t("%(share)s %%", { share: shares[side] }) : "");
    }
    const { caller, callee } = shares ?? { caller: 0, callee: 0 };
    const gap = caller && callee ? GAP : 0;
    set(this.parts["caller-share"], { width: `${Math.max(0, caller - gap / 2)}%` });
    set(this.parts["callee-share"], { x: `${100 - callee + gap / 2}%`, width: `${Math.max(0, callee - gap / 2)}%` });
  }

  #startNaming() {
    const { dialog, form, cancel } = this.parts;
    for (const side of SIDES) this.parts[`${side}-name`].addEventListener("click", () => this.#openNaming(side));
    cancel.addEventListener("click", () => dialog.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#rename();
    });
  }

  #openNaming(side) {
    this.#named = this.#call;
    for (const each of SIDES) this.parts[`${each}-field`].value = this.#call.speakers?.[each] ?? "";
    this.#sayProblem(null);
    this.parts.dialog.showModal();
    this.parts[`${side}-field`].focus();
  }

  // The new names come back as they come to everybody: with the next change of the call.
  async #rename() {
    const { dialog, save } = this.parts;
    if (isBusy(save)) return;
    const typed = Object.fromEntries(SIDES.map((side) => [side, this.parts[`${side}-field`].value]));
    setBusy(save, true);
    try {
      const names = changedNames(this.#named, typed);
      const address = `/api/calls/${encodeURIComponent(this.#call.id)}/speakers`;
      if (Object.keys(names).length) await ask("PUT", address, names, { csrfToken: csrfToken() });
      dialog.close();
    } catch (refused) {
      this.#sayProblem(refused);
    } finally {
      setBusy(save, false);
    }
  }

  #sayProblem(problem) {
    say(this.parts["error-text"], problem ? inOneLine(problem) : "");
    show(this.parts.error, problem !== null);
  }
}

function set(shape, attributes) {
  for (const [name, value] of Object.entries(attributes)) if (shape.getAttribute(name) !== value) shape.setAttribute(name, value);
}

customElements.define("talk-time", TalkTime);
