// Puts text on the clipboard and says "Copied" in its place for two seconds; no toast.
import { t } from "./i18n.js";

const SAID_MS = 2000;

export async function copy(text, word) {
  word.dataset.before ??= word.textContent;
  word.textContent = (await write(text)) ? t("Copied") : t("Not allowed");
  setTimeout(() => (word.textContent = word.dataset.before), SAID_MS);
}

// navigator.clipboard exists on secure origins only, and this console may be served on a private network without one.
async function write(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
