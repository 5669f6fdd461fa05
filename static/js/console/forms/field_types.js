// Types of form fields. `format` turns a value into what the user edits, `parse` turns it back; `undefined` means not
// given. Input that cannot be parsed is sent as typed, because the server has the better error message.
import { t } from "../../shared/i18n.js";

const splitLines = (text) => (text ?? "").split("\n").map((line) => line.trim()).filter(Boolean);

const parseNumber = (text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text);

// Name and value of `name = value`, split at the first or the last sign.
function splitPair(line, isLast) {
  const index = isLast ? line.lastIndexOf("=") : line.indexOf("=");
  return index < 0 ? [line, ""] : [line.slice(0, index).trim(), line.slice(index + 1).trim()];
}

const text = {
  format: (value) => (value === undefined ? "" : String(value)),
  parse: (text, field) => (!text ? undefined : field.isNumeric ? parseNumber(text) : text),
};

const list = (format, parse) => ({
  format: (value) => (value === undefined ? "" : format(value)),
  parse: (text) => (splitLines(text).length ? parse(splitLines(text)) : undefined),
});

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const FIELD_TYPES = {
  text,
  secret: text,
  choice: text,
  check: {
    format: (value, schema) => value ?? schema.default ?? false,
    parse: (isChecked, field) => (isChecked === undefined || isChecked === (field.fallback ?? false) ? undefined : isChecked),
  },
  lines: list((value) => value.join("\n"), (lines) => lines),
  pairs: list(
    (value) => value.map(({ name, value: text }) => `${name} = ${text}`).join("\n"),
    (lines) => lines.map((line) => splitPair(line, false)).map(([name, value]) => ({ name, value })),
  ),
  weights: list(
    (value) => Object.entries(value).map(([term, weight]) => `${term} = ${weight}`).join("\n"),
    (lines) => Object.fromEntries(lines.map((line) => splitPair(line, true)).map(([term, weight]) => [term, parseNumber(weight)])),
  ),
  json: {
    format: (value) => (value === undefined ? "" : JSON.stringify(value)),
    parse: (text) => (text ? parseJson(text) : undefined),
  },
};

// How the lines of a field are written, where its name does not tell.
export const FORMAT_HINTS = {
  lines: t("One a line."),
  pairs: t("One a line: name = value."),
  weights: t("One a line: term = weight."),
  json: "JSON.",
};
