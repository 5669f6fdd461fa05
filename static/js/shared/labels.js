// Labels of codes, in the reader's language. The one table is dashboard/web/labels.py, and base.html prints it.
const element = globalThis.document?.getElementById("labels");
const LABELS = element ? JSON.parse(element.textContent) : {};

const SNAKE_CASE = /^[a-z]+(_[a-z]+)*$/;

// The label of a code. A code without one is shown in readable form, because the provider may add codes.
export function getLabel(table, code) {
  if (!code) return "";
  return LABELS[table]?.[code] ?? readableCode(code, table);
}

// The label of a parameter's value: `both_tracks` is "Both tracks", `deepgram/nova-3` is "nova-3".
export function valueLabel(value) {
  const text = String(value);
  return LABELS.parameter_value?.[text] ?? readableCode(text.split("/").at(-1), "parameter_value");
}

function readableCode(code, table) {
  if (!SNAKE_CASE.test(code)) return code;
  const readable = code.replaceAll("_", " ");
  return isCapitalized(table) ? readable.charAt(0).toUpperCase() + readable.slice(1) : readable;
}

// A table is written either with capitals or within a sentence.
const isCapitalized = (table) => /^\p{Lu}/u.test(Object.values(LABELS[table] ?? {})[0] ?? "");
