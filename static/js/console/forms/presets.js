// With which settings a command starts: the server's defaults, the ones used last, or a preset. The choice is this
// browser's and stays until another one is made.
import { t } from "../../shared/i18n.js";

export const DEFAULT = "default";
export const LAST_USED = "last";
const PRESET = "preset:";

export const presetKey = (name) => PRESET + name;
export const presetName = (key) => (key.startsWith(PRESET) ? key.slice(PRESET.length) : null);

const stored = (command) => `settings of ${command}`;

export class Choices {
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
  of(command) {
    const presets = this.#presets.filter((preset) => preset.command === command);
    return [
      { key: DEFAULT, label: t("Default") },
      ...(this.#lastUsed[command] ? [{ key: LAST_USED, label: t("Last used") }] : []),
      ...presets.map(({ name }) => ({ key: presetKey(name), label: name })),
    ];
  }

  // The key chosen now; what is gone counts as never chosen.
  chosen(command) {
    const key = this.#storage.getItem(stored(command));
    return this.of(command).some((each) => each.key === key) ? key : DEFAULT;
  }

  choose(command, key) {
    this.#storage.setItem(stored(command), key);
  }

  // The parameters of the choice.
  paramsOf(command, key = this.chosen(command)) {
    if (key === LAST_USED) return this.#lastUsed[command] ?? {};
    const preset = this.#presets.find(({ command: of, name }) => of === command && presetKey(name) === key);
    return preset?.parameters ?? this.#defaults[command] ?? {};
  }

  lastUsedOf(command) {
    return this.#lastUsed[command] ?? {};
  }

  // A command was accepted with these. What belongs to one call, or must not be shown again, is not kept.
  use(command, params) {
    const { client_state: _state, stream_auth_token: _token, sip_auth_password: _password, ...kept } = params;
    this.#lastUsed[command] = kept;
  }
}
