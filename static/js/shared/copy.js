// Copies a text and shows "Copied" for two seconds.
import { t } from "./i18n.js";

const COPIED_LABEL_MS = 2000;

export async function copyText(text, label) {
  label.dataset.before ??= label.textContent;
  label.textContent = (await writeClipboard(text)) ? t("Copied") : t("Not allowed");
  setTimeout(() => (label.textContent = label.dataset.before), COPIED_LABEL_MS);
}

// navigator.clipboard exists on secure origins only. A console on a private network may be plain HTTP.
async function writeClipboard(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const textarea = document.createElement("textarea");
  textarea.value = text;
  textarea.className = "visually-hidden";
  document.body.append(textarea);
  textarea.select();
  const isCopied = document.execCommand("copy");
  textarea.remove();
  return isCopied;
}
