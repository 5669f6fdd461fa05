// Form fields and their errors.
import { cloneTemplate, setVisible } from "../../shared/dom.js";
import { t } from "../../shared/i18n.js";
import { valueLabel } from "../../shared/labels.js";
import { FORMAT_HINTS } from "./field_types.js";

const TEMPLATES = { choice: "field-choice", check: "field-check", text: "field-text", secret: "field-text" };

// Creates one field. `appearance` may have a title, a hint, a placeholder and outdated options to leave out; `isWide`
// is for addresses.
export function createField(field, formId, appearance) {
  const row = cloneTemplate(TEMPLATES[field.type] ?? "field-area");
  const [input, label] = [row.querySelector("[name]"), row.querySelector("[data-part='label']")];
  input.id = `${formId}-${field.path}`;
  input.name = field.path;
  input.required = field.isRequired && field.type !== "check";
  label.textContent = appearance.title ?? field.title;
  if (label.matches("label")) label.htmlFor = input.id;
  drawHint(row, input, [appearance.hint ?? field.hint, FORMAT_HINTS[field.type]].filter(Boolean).join(" "));
  row.classList.toggle("field--wide", Boolean(appearance.isWide) || !["choice", "text"].includes(field.type));
  fillInput(input, field, appearance);
  return row;
}

function drawHint(row, input, text) {
  const hint = row.querySelector(".field__hint");
  setVisible(hint, Boolean(text));
  hint.textContent = text;
  hint.id = `${input.id}-hint`;
  if (text) input.setAttribute("aria-describedby", hint.id);
}

function fillInput(input, field, { placeholder, isWide, outdated = [] }) {
  if (field.type === "check") input.checked = field.value;
  else if (field.type === "choice") fillSelect(input, field, outdated);
  else {
    if (field.type === "secret") Object.assign(input, { type: "password", autocomplete: "new-password" });
    if (field.isNumeric) input.inputMode = "decimal";
    input.classList.toggle("field__input--mono", Boolean(isWide) || field.type === "json");
    input.placeholder = placeholder ?? placeholderOf(field);
    input.value = field.value;
    if (field.suggestions.length) addSuggestions(input, field.suggestions);
  }
}

const placeholderOf = ({ type, fallback }) => (type === "text" && fallback !== undefined ? String(fallback) : "");

function fillSelect(select, field, outdated) {
  const emptyLabel = field.fallback === undefined ? t("Not given") : t("Default (%(value)s)", { value: valueLabel(field.fallback) });
  const values = field.options.filter((value) => !outdated.includes(value) || String(value) === field.value);
  const options = values.map((value) => new Option(valueLabel(value), value));
  if (!field.isRequired) options.unshift(new Option(emptyLabel, ""));
  else if (!field.value) options.unshift(new Option(t("Choose…"), ""));
  select.replaceChildren(...options);
  select.value = field.value;
}

function addSuggestions(input, values) {
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
  for (let details = input.closest("details"); details; details = details.parentElement.closest("details")) details.open = true;
}

export function clearFieldErrors(root) {
  for (const error of root.querySelectorAll(".field__error[id$='-error']")) error.remove();
  for (const input of root.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-errormessage");
  }
}
