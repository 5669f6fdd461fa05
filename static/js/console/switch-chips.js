// The chips T, S and F: what runs on a call. Their meaning is in shape, colour and text. The element is the face of the
// Controls tab.
import { setText, setVariants } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { getLabel } from "../shared/labels.js";
import { SWITCH_NAMES } from "./switches.js";

export function drawChips(root, switches) {
  for (const name of SWITCH_NAMES) {
    const chip = root.querySelector(`[data-chip="${name}"]`);
    const { state } = switches[name];
    setVariants(chip, "chip", state !== "off" && state);
    const values = { name: getLabel("switch_title", name), state: getLabel("switch_state", state) };
    chip.title = t("%(name)s: %(state)s", values);
    setText(chip.querySelector('[data-part="chip"]'), t("%(name)s %(state)s.", values));
  }
}

class SwitchChips extends HTMLElement {
  connectFeed({ live, openCall }) {
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id === openCall.id) drawChips(this, call.switches);
    });
  }
}

customElements.define("switch-chips", SwitchChips);
