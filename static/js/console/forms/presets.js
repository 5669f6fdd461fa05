// With which settings a command starts: the server's defaults, the ones used last, or a preset. The choice is this
// browser's and stays until another one is made.
import { t } from "../../shared/i18n.js";

export const DEFAULT = "default";
export const LAST_USED = "last";
const PRESET = "preset:";

export const presetKey = (name) => PRESET + name;
export const presetName = (key) => (key.startsWith(PRESET) ? key.slice(PRESET.length) : null);

const storageKey = (command) => `settings of ${command}`;

export class CommandPresets {
  #defaults;
  #lastUsed;
  #presets;
  #storage;

  // `storage` remembers texts by name, as localStorage does.
  constructor({ defaults = {}, last_used = {}, presets = [] }, storage) {
    this.#defaults = defaults;
    this.#lastUsed = { ...last_used };
    this.#storage = storage;
    this.replacePresets(presets);
  }

  replacePresets(presets) {
    this.#presets = presets;
  }

  // What can be chosen for a command: [{key, label}].
  optionsFor(command) {
    const presets = this.#presets.filter((preset) => preset.command === command);
    return [
      { key: DEFAULT, label: t("Default") },
      ...(this.#lastUsed[command] ? [{ key: LAST_USED, label: t("Last used") }] : []),
      ...presets.map(({ name }) => ({ key: presetKey(name), label: name })),
    ];
  }

  // The key chosen now; what is gone counts as never chosen.
  selectedKey(command) {
    const key = this.#storage.getItem(storageKey(command));
    return this.optionsFor(command).some((option) => option.key === key) ? key : DEFAULT;
  }

  selectKey(command, key) {
    this.#storage.setItem(storageKey(command), key);
  }

  // The parameters of the choice.
  paramsFor(command, key = this.selectedKey(command)) {
    if (key === LAST_USED) return this.#lastUsed[command] ?? {};
    const preset = this.#presets.find(({ command: of, name }) => of === command && presetKey(name) === key);
    return preset?.parameters ?? this.#defaults[command] ?? {};
  }

  lastUsedParams(command) {
    return this.#lastUsed[command] ?? {};
  }

  // A command was accepted with these. What belongs to one call, or must not be shown again, is not kept.
  recordUse(command, params) {
    const { client_state: _state, stream_auth_token: _token, sip_auth_password: _password, ...reusable } = params;
    this.#lastUsed[command] = reusable;
  }
}
