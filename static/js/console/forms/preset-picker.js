// With what a command starts, by name: the default, the last used, or a set that somebody kept for everybody.
import { ask, csrfToken } from "../../shared/api.js";
import { partsOf, say, show } from "../../shared/dom.js";
import { inOneLine } from "../../shared/error_box.js";
import { DEFAULT, presetKey, presetName } from "./presets.js";

class PresetPicker extends HTMLElement {
  #choices;
  #form;

  begin({ choices, form }) {
    this.#choices = choices;
    this.#form = form;
    const parts = (this.parts = partsOf(this));
    this.#draw();
    form.querySelector("details").addEventListener("toggle", ({ target }) => target.open && this.#refresh());
    parts.choice.addEventListener("change", () => this.#choose(parts.choice.value));
    parts.save.addEventListener("click", () => this.#name(true));
    parts.cancel.addEventListener("click", () => this.#name(false));
    parts.keep.addEventListener("click", () => this.#keep());
    parts.delete.addEventListener("click", () => this.#delete());
    parts.name.addEventListener("keydown", (event) => {
      if (!["Enter", "Escape"].includes(event.key)) return;
      // Neither the switch nor a dialog around it is meant.
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Enter") this.#keep();
      else this.#name(false);
    });
  }

  #draw() {
    const { command } = this.#form;
    const key = this.#choices.chosen(command);
    const options = this.#choices.of(command);
    this.parts.choice.replaceChildren(...options.map((each) => new Option(each.label, each.key)));
    this.parts.choice.value = key;
    show(this.parts.delete, presetName(key) !== null);
    const chosen = this.#form.querySelector("[data-part='chosen']");
    if (chosen) say(chosen, key === DEFAULT ? "" : options.find((each) => each.key === key).label);
  }

  #choose(key) {
    const { command } = this.#form;
    this.#choices.choose(command, key);
    this.#draw();
    this.#form.fill(this.#choices.paramsOf(command));
  }

  #name(isNaming) {
    show(this.parts.naming, isNaming);
    show(this.parts.choosing, !isNaming);
    show(this.parts.error, false);
    (isNaming ? this.parts.name : this.parts.save).focus();
  }

  async #keep() {
    const name = this.parts.name.value.trim();
    if (!name) return this.parts.name.focus();
    const { command } = this.#form;
    this.#form.clearProblems();
    await this.#change("PUT", name, this.#form.params, () => {
      this.#choices.choose(command, presetKey(name));
      this.parts.name.value = "";
      this.#name(false);
    });
  }

  async #delete() {
    const name = presetName(this.#choices.chosen(this.#form.command));
    await this.#change("DELETE", name, undefined, () => this.#choose(DEFAULT));
  }

  async #change(method, name, body, done) {
    const url = `/api/presets/${this.#form.command}/${encodeURIComponent(name)}`;
    try {
      const { presets } = await ask(method, url, body, { csrfToken: csrfToken() });
      this.#choices.replacePresets(presets);
      done();
      this.#draw();
    } catch (refused) {
      show(this.parts.error, true);
      say(this.parts.error, inOneLine(refused));
      await this.#form.showProblems(refused.fields ?? []);
    }
  }

  // Others may have kept some since this page was drawn. Without an answer the known ones stay.
  async #refresh() {
    const answer = await ask("GET", "/api/presets").catch(() => null);
    if (!answer) return;
    this.#choices.replacePresets(answer.presets);
    this.#draw();
  }
}

customElements.define("preset-picker", PresetPicker);
