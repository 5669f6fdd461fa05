// A notice of something that failed away from a control's own card. It stays until somebody dismisses it.
import { cloneTemplate } from "./dom.js";

export function showToast(title, text) {
  const element = cloneTemplate("toast");
  element.querySelector("b").textContent = title;
  element.querySelector("span").textContent = text;
  element.querySelector("button").addEventListener("click", () => element.remove());
  document.querySelector(".toasts").replaceChildren(element);
}
