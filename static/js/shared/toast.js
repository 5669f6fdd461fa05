// Shows an error away from any control. It stays until it is dismissed.
import { cloneTemplate } from "./dom.js";

export function showToast(title, text) {
  const element = cloneTemplate("toast");
  element.querySelector("b").textContent = title;
  element.querySelector("span").textContent = text;
  element.querySelector("button").addEventListener("click", () => element.remove());
  document.querySelector(".toasts").replaceChildren(element);
}
