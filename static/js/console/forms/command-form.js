// The parameters of a command, as a form. Closed, it stands for the selected preset. Opened, it shows fields made from
// the schema.
import { getParts, setText, setVisible } from "../../shared/dom.js";
import { problemText } from "../../shared/error_box.js";
import { t } from "../../shared/i18n.js";
import { clearFieldErrors, createField, showFieldError } from "./form_field.js";
import { FIELD_APPEARANCES, FORM_LAYOUTS } from "./form_layouts.js";
import { loadSchema } from "./parameters.js";
import { buildFields, findField, readParams } from "./schema_form.js";

class CommandForm extends HTMLElement {
  #presets;
  #schema = null;
  #fields = [];
  #loading = null;

  usePresets(presets) {
    this.#presets = presets;
    this.parts = getParts(this);
    const details = this.querySelector("details");
    details.addEventListener("toggle", () => details.open && this.#load());
    if (details.open) this.#load();
    this.addEventListener("change", ({ target }) => this.#redrawForDecision(target));
    this.querySelector("preset-picker")?.attachForm({ presets, form: this });
  }

  get command() {
    return this.dataset.command;
  }

  // The parameters that would be sent now.
  get params() {
    return this.#schema ? readParams(this.#fields, this.#fieldValues()) : this.#presets.paramsFor(this.command);
  }

  // Problems of required fields that are empty. None before the form was opened.
  get missingFields() {
    const values = this.#fieldValues();
    const emptyFields = this.#fields.filter(({ path, isRequired }) => isRequired && values[path] === "");
    return emptyFields.map(({ path }) => ({ field: path, reason: t("is required") }));
  }

  // Fills the form with these parameters.
  setParams(params) {
    if (this.#schema) this.#draw(params);
  }

  // Shows each problem beside its field. Returns the problems without a field here.
  async showProblems(problems) {
    if (!problems.length) return [];
    await this.#load();
    this.clearProblems();
    const unplacedProblems = problems.filter((problem) => {
      const field = findField(this.#fields, problem.field);
      if (field) showFieldError(this.#findInput(field.path), problem);
      return !field;
    });
    this.querySelector('[aria-invalid="true"]')?.focus();
    return unplacedProblems;
  }

  clearProblems() {
    clearFieldErrors(this);
  }

  #load() {
    if (this.#schema) return Promise.resolve();
    this.#loading ??= loadSchema(this.command)
      .then((schema) => {
        this.#schema = schema;
        this.#draw(this.#presets.paramsFor(this.command));
      })
      .catch((error) => this.#drawLoadError(error))
      .finally(() => (this.#loading = null));
    return this.#loading;
  }

  #drawLoadError(error) {
    setVisible(this.parts.unreadable, true);
    setText(this.parts.unreadable, problemText({ title: t("The form could not be drawn"), ...error }));
  }

  #draw(values) {
    const layout = FORM_LAYOUTS[this.command];
    this.#fields = buildFields(this.#schema, values, layout);
    setVisible(this.parts.unreadable, false);
    for (const [part, isRare] of [["common", false], ["rare", true]]) {
      const rows = this.#fields.filter((field) => field.isRare === isRare);
      this.parts[part].replaceChildren(...rows.map((field) => createField(field, this.id, this.#appearanceOf(field, layout))));
      setVisible(this.parts[`${part}-box`] ?? this.parts[part], rows.length > 0);
    }
  }

  #appearanceOf({ path }, { titles = {} }) {
    // Values that depend on this call and this server.
    const ownAppearance = JSON.parse(this.dataset.looks)[path];
    return { title: titles[path], ...FIELD_APPEARANCES[path], ...ownAppearance };
  }

  // Draws the fields that follow from a decision, such as the engine. Values that fit both are kept.
  #redrawForDecision({ name }) {
    const field = this.#fields.find(({ path }) => path === name);
    if (!field?.decides) return;
    this.#draw(this.params);
    this.#findInput(name)?.focus();
  }

  #fieldValues() {
    const inputs = this.#fields.map(({ path }) => this.#findInput(path));
    return Object.fromEntries(inputs.map((input) => [input.name, input.type === "checkbox" ? input.checked : input.value.trim()]));
  }

  #findInput(path) {
    return this.querySelector(`[name="${CSS.escape(path)}"]`);
  }
}

customElements.define("command-form", CommandForm);
