// Talk time of both speakers as one bar. The dialog changes their names.
import { getCsrfToken, requestJson } from "../../shared/api.js";
import { getParts, isBusy, setBusy, setText, setVisible } from "../../shared/dom.js";
import { problemText } from "../../shared/error_box.js";
import { t } from "../../shared/i18n.js";
import { oncePerFrame } from "../../shared/once_per_frame.js";
import { changedNames, hasSameNames, SIDES, speakerName } from "../../shared/speaker_names.js";
import { TalkShares as Talk } from "./talk_shares.js";

// Percent of the bar between both shares, so that they can be told apart without colour.
const GAP_PERCENT = 1;

class TalkTime extends HTMLElement {
  #shares = new Talk();
  #call;
  // The call when the dialog opened.
  #callAtOpening;

  connectFeed({ live, calls, openCall }) {
    this.parts = getParts(this);
    this.#call = calls.get(openCall.id);
    for (const line of openCall.transcript.segments) this.#shares.addLine(line);
    const draw = oncePerFrame(() => this.#draw());
    live.addEventListener("line", ({ detail: { segment } }) => {
      this.#shares.addLine(segment);
      draw();
    });
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id !== openCall.id) return;
      const previous = this.#call;
      this.#call = call;
      if (call.direction !== previous.direction || !hasSameNames(call, previous)) draw();
    });
    // Viewers have no dialog.
    if (this.parts.dialog) this.#initNaming();
    this.#draw();
  }

  #draw() {
    const shares = this.#shares.percentages(this.#call.direction);
    for (const side of SIDES) {
      setText(this.parts[`${side}-name`], speakerName(this.#call, side));
      setText(this.parts[`${side}-percent`], shares ? t("%(share)s %%", { share: shares[side] }) : "");
    }
    const { caller, callee } = shares ?? { caller: 0, callee: 0 };
    const gap = caller && callee ? GAP_PERCENT : 0;
    setAttributes(this.parts["caller-share"], { width: `${Math.max(0, caller - gap / 2)}%` });
    setAttributes(this.parts["callee-share"], { x: `${100 - callee + gap / 2}%`, width: `${Math.max(0, callee - gap / 2)}%` });
  }

  #initNaming() {
    const { dialog, form, cancel } = this.parts;
    for (const side of SIDES) this.parts[`${side}-name`].addEventListener("click", () => this.#openDialog(side));
    cancel.addEventListener("click", () => dialog.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#saveNames();
    });
  }

  #openDialog(side) {
    this.#callAtOpening = this.#call;
    for (const fieldSide of SIDES) this.parts[`${fieldSide}-field`].value = this.#call.speakers?.[fieldSide] ?? "";
    this.#drawProblem(null);
    this.parts.dialog.showModal();
    this.parts[`${side}-field`].focus();
  }

  // Sends the changed names. They come back with the next change of the call.
  async #saveNames() {
    const { dialog, save } = this.parts;
    if (isBusy(save)) return;
    const fieldValues = Object.fromEntries(SIDES.map((side) => [side, this.parts[`${side}-field`].value]));
    setBusy(save, true);
    try {
      const names = changedNames(this.#callAtOpening, fieldValues);
      const url = `/api/calls/${encodeURIComponent(this.#call.id)}/speakers`;
      if (Object.keys(names).length) await requestJson("PUT", url, names, { csrfToken: getCsrfToken() });
      dialog.close();
    } catch (error) {
      this.#drawProblem(error);
    } finally {
      setBusy(save, false);
    }
  }

  #drawProblem(problem) {
    setText(this.parts["error-text"], problem ? problemText(problem) : "");
    setVisible(this.parts.error, problem !== null);
  }
}

function setAttributes(shape, attributes) {
  for (const [name, value] of Object.entries(attributes)) if (shape.getAttribute(name) !== value) shape.setAttribute(name, value);
}

customElements.define("talk-time", TalkTime);
