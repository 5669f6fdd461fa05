// The preset picker: default, last used or a saved preset. Saved presets are shared by all users.
import { getCsrfToken, requestJson } from "../../shared/api.js";
import { getParts, setText, setVisible } from "../../shared/dom.js";
import { problemText } from "../../shared/error_box.js";
import { DEFAULT, presetKey, presetName } from "./presets.js";

class PresetPicker extends HTMLElement {
  #presets;
  #form;

  attachForm({ presets, form }) {
    this.#presets = presets;
    this.#form = form;
    const parts = (this.parts = getParts(this));
    this.#draw();
    form.querySelector("details").addEventListener("toggle", ({ target }) => target.open && this.#reloadPresets());
    parts.choice.addEventListener("change", () => this.#selectPreset(parts.choice.value));
    parts.save.addEventListener("click", () => this.#setNaming(true));
    parts.cancel.addEventListener("click", () => this.#setNaming(false));
    parts.keep.addEventListener("click", () => this.#savePreset());
    parts.delete.addEventListener("click", () => this.#deletePreset());
    parts.name.addEventListener("keydown", (event) => {
      if (!["Enter", "Escape"].includes(event.key)) return;
      // The key must reach neither the switch nor a dialog around it.
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Enter") this.#savePreset();
      else this.#setNaming(false);
    });
  }

  #draw() {
    const { command } = this.#form;
    const key = this.#presets.selectedKey(command);
    const options = this.#presets.optionsFor(command);
    this.parts.choice.replaceChildren(...options.map((option) => new Option(option.label, option.key)));
    this.parts.choice.value = key;
    setVisible(this.parts.delete, presetName(key) !== null);
    const selectedLabel = this.#form.querySelector("[data-part='chosen']");
    if (selectedLabel) setText(selectedLabel, key === DEFAULT ? "" : options.find((option) => option.key === key).label);
  }

  #selectPreset(key) {
    const { command } = this.#form;
    this.#presets.selectKey(command, key);
    this.#draw();
    this.#form.setParams(this.#presets.paramsFor(command));
  }

  #setNaming(isNaming) {
    setVisible(this.parts.naming, isNaming);
    setVisible(this.parts.choosing, !isNaming);
    setVisible(this.parts.error, false);
    (isNaming ? this.parts.name : this.parts.save).focus();
  }

  async #savePreset() {
    const name = this.parts.name.value.trim();
    if (!name) return this.parts.name.focus();
    const { command } = this.#form;
    this.#form.clearProblems();
    await this.#sendChange("PUT", name, this.#form.params, () => {
      this.#presets.selectKey(command, presetKey(name));
      this.parts.name.value = "";
      this.#setNaming(false);
    });
  }

  async #deletePreset() {
    const name = presetName(this.#presets.selectedKey(this.#form.command));
    await this.#sendChange("DELETE", name, undefined, () => this.#selectPreset(DEFAULT));
  }

  async #sendChange(method, name, body, onSuccess) {
    const url = `/api/presets/${this.#form.command}/${encodeURIComponent(name)}`;
    try {
      const { presets } = await requestJson(method, url, body, { csrfToken: getCsrfToken() });
      this.#presets.replacePresets(presets);
      onSuccess();
      this.#draw();
    } catch (error) {
      setVisible(this.parts.error, true);
      setText(this.parts.error, problemText(error));
      await this.#form.showProblems(error.fields ?? []);
    }
  }

  // Other users may have saved presets meanwhile. Without an answer the list stays.
  async #reloadPresets() {
    const response = await requestJson("GET", "/api/presets").catch(() => null);
    if (!response) return;
    this.#presets.replacePresets(response.presets);
    this.#draw();
  }
}

customElements.define("preset-picker", PresetPicker);
