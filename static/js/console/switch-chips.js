// The face of the Controls tab: what runs on the open call.
import { drawChips } from "./chips.js";

class CallChips extends HTMLElement {
  follow({ live, open }) {
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id === open.id) drawChips(this, call.switches);
    });
  }
}

customElements.define("call-chips", CallChips);
