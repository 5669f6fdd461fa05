// What this browser calls the speakers of a call. Kept here and not at the server: two readers may use two names.
import { capitalize } from "../helpers/format.js";

const STORED = "speaker-names";
const CALLS_KEPT = 100;
export const SIDES = ["caller", "callee"];

export const plainName = (speaker) => (SIDES.includes(speaker) ? capitalize(speaker) : "Speaker");

// Tells `change` when somebody is called something else.
export class SpeakerNames extends EventTarget {
  #callId;
  #storage;

  constructor(callId, storage) {
    super();
    this.#callId = callId;
    this.#storage = storage;
  }

  of(speaker) {
    return this.#all()[this.#callId]?.[speaker] || plainName(speaker);
  }

  get areGiven() {
    return Boolean(this.#all()[this.#callId]);
  }

  // `names` is {caller, callee}; an empty one is the plain word again.
  rename(names) {
    const { [this.#callId]: _before, ...others } = this.#all();
    const kept = Object.fromEntries(Object.entries(others).slice(1 - CALLS_KEPT));
    this.#storage.setItem(STORED, JSON.stringify({ ...kept, [this.#callId]: names }));
    this.dispatchEvent(new Event("change"));
  }

  #all() {
    try {
      return JSON.parse(this.#storage.getItem(STORED)) ?? {};
    } catch {
      return {}; // somebody else wrote there
    }
  }
}
