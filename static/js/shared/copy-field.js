// A value with a button that copies it.
import { copyText } from "./copy.js";

class CopyField extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    button.addEventListener("click", () => copyText(this.querySelector(".copybox__value").textContent, button.querySelector("span")));
  }
}

customElements.define("copy-field", CopyField);
