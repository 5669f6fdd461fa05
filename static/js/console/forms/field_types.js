// The kinds of fields a parameter can be shown as: from a value to what a person edits (`write`), and back (`read`).
// `undefined` means not given. What cannot be read is sent as it was typed: the server says best what is wrong with it.
import { t } from "../../shared/i18n.js";

const lines = (text) => (text ?? "").split("\n").map((line) => line.trim()).filter(Boolean);

const numberOr = (text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text);

// Name and value of `name = value`, split at the last or the first sign.
function halves(line, isLast) {
  const at = isLast ? line.lastIndexOf("=") : line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

const text = {
  write: (value) => (value === undefined ? "" : String(value)),
  read: (typed, field) => (!typed ? undefined : field.isNumeric ? numberOr(typed) : typed),
};

const list = (write, read) => ({
  write: (value) => (value === undefined ? "" : write(value)),
  read: (typed) => (lines(typed).length ? read(lines(typed)) : undefined),
});

function parsed(typed) {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}

export const KINDS = {
  text,
  secret: text,
  choice: text,
  check: {
    write: (value, schema) => value ?? schema.default ?? false,
    read: (isChecked, field) => (isChecked === undefined || isChecked === (field.fallback ?? false) ? undefined : isChecked),
  },
  lines: list((value) => value.join("\n"), (typed) => typed),
  pairs: list(
    (value) => value.map(({ name, value: said }) => `${name} = ${said}`).join("\n"),
    (typed) => typed.map((line) => halves(line, false)).map(([name, value]) => ({ name, value })),
  ),
  weights: list(
    (value) => Object.entries(value).map(([term, weight]) => `${term} = ${weight}`).join("\n"),
    (typed) => Object.fromEntries(typed.map((line) => halves(line, true)).map(([term, weight]) => [term, numberOr(weight)])),
  ),
  json: {
    write: (value) => (value === undefined ? "" : JSON.stringify(value)),
    read: (typed) => (typed ? parsed(typed) : undefined),
  },
};

// How the lines of a field are written, where its name does not say it.
export const MANNERS = {
  lines: t("One a line."),
  pairs: t("One a line: name = value."),
  weights: t("One a line: term = weight."),
  json: "JSON.",
};
