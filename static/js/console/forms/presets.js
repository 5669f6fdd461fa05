// Presets of parameters, and which one each command uses. A preset is the server's default, the last used parameters or
// a saved set. The selection is kept in this browser.
import { t } from "../../shared/i18n.js";

export const DEFAULT = "default";
export const LAST_USED = "last";
const PRESET = "preset:";

export const presetKey = (name) => PRESET + name;
export const presetName = (key) => (key.startsWith(PRESET) ? key.slice(PRESET.length) : null);

// Stored: do not rename.
const storageKey = (command) => `settings of ${command}`;

export class CommandPresets {
  #defaults;
  #lastUsed;
  #presets;
  #storage;

  // `storage` is localStorage or has the same methods.
  constructor({ defaults = {}, last_used = {}, presets = [] }, storage) {
    this.#defaults = defaults;
    this.#lastUsed = { ...last_used };
    this.#storage = storage;
    this.replacePresets(presets);
  }

  replacePresets(presets) {
    this.#presets = presets;
  }

  // The presets of a command: [{key, label}].
  optionsFor(command) {
    const presets = this.#presets.filter((preset) => preset.command === command);
    return [
      { key: DEFAULT, label: t("Default") },
      ...(this.#lastUsed[command] ? [{ key: LAST_USED, label: t("Last used") }] : []),
      ...presets.map(({ name }) => ({ key: presetKey(name), label: name })),
    ];
  }

  // The selected key, or the default if the selected preset is gone.
  selectedKey(command) {
    const key = this.#storage.getItem(storageKey(command));
    return this.optionsFor(command).some((option) => option.key === key) ? key : DEFAULT;
  }

  selectKey(command, key) {
    this.#storage.setItem(storageKey(command), key);
  }

  // The parameters of a preset.
  paramsFor(command, key = this.selectedKey(command)) {
    if (key === LAST_USED) return this.#lastUsed[command] ?? {};
    const preset = this.#presets.find(({ command: of, name }) => of === command && presetKey(name) === key);
    return preset?.parameters ?? this.#defaults[command] ?? {};
  }

  lastUsedParams(command) {
    return this.#lastUsed[command] ?? {};
  }

  // Keeps the parameters of an accepted command, without secrets and without what belongs to one call.
  recordUse(command, params) {
    const { client_state: _state, stream_auth_token: _token, sip_auth_password: _password, ...reusable } = params;
    this.#lastUsed[command] = reusable;
  }
}
