// The texts of a switch in the user's language. The feed sends them in English.
import { requestJson } from "../shared/api.js";

// Equal for two switches that differ only in the language of their texts.
const stateKey = ({ state, since, reason, stopped_because }) => [state, since, Boolean(reason), Boolean(stopped_because)].join();

export class TranslatedSwitch {
  #name;
  #translation;

  // `translation` is the switch as the server rendered it.
  constructor(name, translation) {
    this.#name = name;
    this.#translation = translation;
  }

  // The switch with translated texts, where they are known.
  translate(current) {
    if (!this.#isTranslated(current)) return current;
    const { reason, stopped_because } = this.#translation;
    return { ...current, reason, stopped_because };
  }

  needsLoading(current) {
    const hasText = Boolean(current.reason || current.stopped_because);
    return document.documentElement.lang !== "en" && hasText && !this.#isTranslated(current);
  }

  // Loads the texts of the switch. Without an answer they stay English.
  async load(callId) {
    const response = await requestJson("GET", `/api/calls/${encodeURIComponent(callId)}/switches`).catch(() => null);
    if (response) this.#translation = response.switches[this.#name];
  }

  #isTranslated(current) {
    return stateKey(this.#translation) === stateKey(current);
  }
}
