// T, S and F on a card or a tab: what runs on a call, as shape, colour and words.
import { say, vary } from "../helpers/dom.js";
import { capitalize } from "../helpers/format.js";
import { SWITCHES } from "../models/switches.js";

export function drawChips(root, switches) {
  for (const name of SWITCHES) {
    const chip = root.querySelector(`[data-chip="${name}"]`);
    const { state } = switches[name];
    vary(chip, "chip", state !== "off" && state);
    chip.title = `${capitalize(name)}: ${state}`;
    say(chip.querySelector('[data-part="chip"]'), `${capitalize(name)} ${state}.`);
  }
}
