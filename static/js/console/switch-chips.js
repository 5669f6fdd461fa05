// T, S and F on a card or a tab: what runs on a call, as shape, colour and words. The element is the face of the Controls tab.
import { say, vary } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { STATES, SWITCHES, TITLES } from "./switches.js";

export function drawChips(root, switches) {
  for (const name of SWITCHES) {
    const chip = root.querySelector(`[data-chip="${name}"]`);
    const { state } = switches[name];
    vary(chip, "chip", state !== "off" && state);
    const words = { name: TITLES[name], state: STATES[state] };
    chip.title = t("%(name)s: %(state)s", words);
    say(chip.querySelector('[data-part="chip"]'), t("%(name)s %(state)s.", words));
  }
}

class SwitchChips extends HTMLElement {
  follow({ live, open }) {
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id === open.id) drawChips(this, call.switches);
    });
  }
}

customElements.define("switch-chips", SwitchChips);
