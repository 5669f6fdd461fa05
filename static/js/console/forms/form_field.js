// Draws one field of a form, and says beside it why it was refused.
import { clone, show } from "../../shared/dom.js";
import { t } from "../../shared/i18n.js";
import { wordsOf } from "../../shared/labels.js";
import { MANNERS } from "./field_types.js";

const TEMPLATES = { choice: "field-choice", check: "field-check", text: "field-text", secret: "field-text" };

// `looks` may give a title, a hint, a placeholder and options to leave out, and tell that the field is wide or holds an address.
export function drawField(field, formId, looks) {
  const row = clone(TEMPLATES[field.kind] ?? "field-area");
  const [input, label] = [row.querySelector("[name]"), row.querySelector("[data-part='label']")];
  input.id = `${formId}-${field.path}`;
  input.name = field.path;
  input.required = field.isRequired && field.kind !== "check";
  label.textContent = looks.title ?? field.title;
  if (label.matches("label")) label.htmlFor = input.id;
  drawHint(row, input, [looks.hint ?? field.hint, MANNERS[field.kind]].filter(Boolean).join(" "));
  row.classList.toggle("field--wide", Boolean(looks.isWide) || !["choice", "text"].includes(field.kind));
  fill(input, field, looks);
  return row;
}

function drawHint(row, input, words) {
  const hint = row.querySelector(".field__hint");
  show(hint, Boolean(words));
  hint.textContent = words;
  hint.id = `${input.id}-hint`;
  if (words) input.setAttribute("aria-describedby", hint.id);
}

function fill(input, field, { placeholder, isWide, outdated = [] }) {
  if (field.kind === "check") input.checked = field.value;
  else if (field.kind === "choice") fillChoice(input, field, outdated);
  else {
    if (field.kind === "secret") Object.assign(input, { type: "password", autocomplete: "new-password" });
    if (field.isNumeric) input.inputMode = "decimal";
    input.classList.toggle("field__input--mono", Boolean(isWide) || field.kind === "json");
    input.placeholder = placeholder ?? placeholderOf(field);
    input.value = field.value;
    if (field.suggestions.length) suggest(input, field.suggestions);
  }
}

const placeholderOf = ({ kind, fallback }) => (kind === "text" && fallback !== undefined ? String(fallback) : "");

function fillChoice(select, field, outdated) {
  const nothing = field.fallback === undefined ? t("Not given") : t("Default (%(value)s)", { value: wordsOf(field.fallback) });
  const shown = field.options.filter((value) => !outdated.includes(value) || String(value) === field.value);
  const options = shown.map((value) => new Option(wordsOf(value), value));
  if (!field.isRequired) options.unshift(new Option(nothing, ""));
  else if (!field.value) options.unshift(new Option(t("Choose…"), ""));
  select.replaceChildren(...options);
  select.value = field.value;
}

function suggest(input, values) {
  const list = document.createElement("datalist");
  list.id = `${input.id}-list`;
  list.append(...values.map((value) => new Option(value, value)));
  input.setAttribute("list", list.id);
  input.after(list);
}

export function showFieldError(input, { reason, allowed }) {
  const error = document.createElement("p");
  error.className = "field__error";
  error.id = `${input.id}-error`;
  error.textContent = allowed?.length ? t("%(reason)s: %(values)s", { reason, values: allowed.join(", ") }) : reason;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-errormessage", error.id);
  input.closest(".field").append(error);
  for (let box = input.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
}

export function clearFieldErrors(root) {
  for (const error of root.querySelectorAll(".field__error[id$='-error']")) error.remove();
  for (const input of root.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-errormessage");
  }
}
