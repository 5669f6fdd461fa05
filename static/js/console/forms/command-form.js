// The settings a command starts with. Closed, it is the chosen set of parameters; opened, a form made from the schema.
import { partsOf, say, show } from "../../shared/dom.js";
import { inOneLine } from "../../shared/error_box.js";
import { t } from "../../shared/i18n.js";
import { clearFieldErrors, drawField, showFieldError } from "./form_field.js";
import { LAYOUTS, LOOKS_OF_FIELDS } from "./form_layouts.js";
import { schemaOf } from "./parameters.js";
import { fieldAt, fieldsOf, paramsOf } from "./schema_form.js";

class CommandForm extends HTMLElement {
  #choices;
  #schema = null;
  #fields = [];
  #loading = null;

  begin(choices) {
    this.#choices = choices;
    this.parts = partsOf(this);
    const box = this.querySelector("details");
    box.addEventListener("toggle", () => box.open && this.#load());
    if (box.open) this.#load();
    this.addEventListener("change", ({ target }) => this.#followDecision(target));
    this.querySelector("preset-picker")?.begin({ choices, form: this });
  }

  get command() {
    return this.dataset.command;
  }

  // What would be sent now.
  get params() {
    return this.#schema ? paramsOf(this.#fields, this.#filled()) : this.#choices.paramsOf(this.command);
  }

  // Problems of fields that are empty and must not be. A form nobody has opened is not judged.
  get missing() {
    const filled = this.#filled();
    const empty = this.#fields.filter(({ path, isRequired }) => isRequired && filled[path] === "");
    return empty.map(({ path }) => ({ field: path, reason: t("is required") }));
  }

  // Starts anew with these parameters.
  fill(params) {
    if (this.#schema) this.#draw(params);
  }

  // Puts each problem beside its field. Returns those that have none here.
  async showProblems(problems) {
    if (!problems.length) return [];
    await this.#load();
    this.clearProblems();
    const homeless = problems.filter((problem) => {
      const field = fieldAt(this.#fields, problem.field);
      if (field) showFieldError(this.#input(field.path), problem);
      return !field;
    });
    this.querySelector('[aria-invalid="true"]')?.focus();
    return homeless;
  }

  clearProblems() {
    clearFieldErrors(this);
  }

  #load() {
    if (this.#schema) return Promise.resolve();
    this.#loading ??= schemaOf(this.command)
      .then((schema) => {
        this.#schema = schema;
        this.#draw(this.#choices.paramsOf(this.command));
      })
      .catch((error) => this.#sayUnreadable(error))
      .finally(() => (this.#loading = null));
    return this.#loading;
  }

  #sayUnreadable(error) {
    show(this.parts.unreadable, true);
    say(this.parts.unreadable, inOneLine({ title: t("The form could not be drawn"), ...error }));
  }

  #draw(values) {
    const layout = LAYOUTS[this.command];
    this.#fields = fieldsOf(this.#schema, values, layout);
    show(this.parts.unreadable, false);
    for (const [part, isRare] of [["common", false], ["rare", true]]) {
      const rows = this.#fields.filter((field) => field.isRare === isRare);
      this.parts[part].replaceChildren(...rows.map((field) => drawField(field, this.id, this.#looksOf(field, layout))));
      show(this.parts[`${part}-box`] ?? this.parts[part], rows.length > 0);
    }
  }

  #looksOf({ path }, { titles = {} }) {
    const told = JSON.parse(this.dataset.looks)[path]; // what only this call and this server know
    return { title: titles[path], ...LOOKS_OF_FIELDS[path], ...told };
  }

  // Another engine has other settings; what both know is kept.
  #followDecision({ name }) {
    const field = this.#fields.find(({ path }) => path === name);
    if (!field?.decides) return;
    this.#draw(this.params);
    this.#input(name)?.focus();
  }

  #filled() {
    const inputs = this.#fields.map(({ path }) => this.#input(path));
    return Object.fromEntries(inputs.map((input) => [input.name, input.type === "checkbox" ? input.checked : input.value.trim()]));
  }

  #input(path) {
    return this.querySelector(`[name="${CSS.escape(path)}"]`);
  }
}

customElements.define("command-form", CommandForm);
