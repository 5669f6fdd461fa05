// A value to paste somewhere else.
import { copy } from "./copy.js";

class CopyField extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    button.addEventListener("click", () => copy(this.querySelector(".copybox__value").textContent, button.querySelector("span")));
  }
}

customElements.define("copy-field", CopyField);
