// A notice of something that failed away from a control's own card. It stays until somebody dismisses it.
import { clone } from "./dom.js";

export function toast(title, text) {
  const notice = clone("toast");
  notice.querySelector("b").textContent = title;
  notice.querySelector("span").textContent = text;
  notice.querySelector("button").addEventListener("click", () => notice.remove());
  document.querySelector(".toasts").replaceChildren(notice);
}
