// The sound of the streamed call as it comes in: how loud each side is, how good the line, which keys were pressed.
import { partsOf, say, show, vary } from "../../shared/dom.js";
import { clock } from "../../shared/format.js";
import { numeral, t } from "../../shared/i18n.js";
import { oncePerFrame } from "../../shared/once_per_frame.js";
import { isInbound } from "../call_text.js";
import { framesOf, Levels, qualityOf } from "./levels.js";

const MOST_KEYS = 12;

class StreamMeter extends HTMLElement {
  #levels = new Levels();
  #stream = null;
  #call;
  #draw = oncePerFrame(() => this.#drawStream());

  follow({ live, calls, open }) {
    this.parts = partsOf(this);
    this.#call = calls.get(open.id);
    live.addEventListener("level", ({ detail: { stream } }) => {
      this.#stream = stream;
      this.#levels.hear(stream);
      this.#draw();
    });
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id !== open.id) return;
      this.#call = call;
      if (call.switches.streaming.state === "off" || call.switches.streaming.state === "failed") this.#stream = null;
      this.#draw();
    });
  }

  #drawStream() {
    show(this, Boolean(this.#stream));
    if (!this.#stream) return;
    const { parts } = this;
    // The inbound track is this leg's own party: the caller, if they rang us.
    const [caller, callee] = isInbound(this.#call) ? ["inbound", "outbound"] : ["outbound", "inbound"];
    parts.caller.setAttribute("d", this.#levels.path(caller, true));
    parts.callee.setAttribute("d", this.#levels.path(callee, false));
    const quality = qualityOf(this.#stream);
    vary(parts.bars, "bars", quality && String(quality.bars));
    say(parts.quality, quality?.words ?? t("Line not measured"));
    say(parts.frames, numeral(framesOf(this.#stream)));
    say(parts.codec, codecWords(this.#stream));
    this.#drawKeys(this.#stream.dtmf ?? []);
  }

  #drawKeys(dtmf) {
    const words = dtmf.slice(-MOST_KEYS).map(({ digit, occurred_at }) => t("%(key)s at %(time)s", { key: digit, time: clock(occurred_at) }));
    show(this.parts["keys-row"], words.length > 0);
    say(this.parts.keys, words.join(", "));
  }
}

function codecWords({ codec, sample_rate_hz }) {
  if (!codec) return t("Unknown");
  return sample_rate_hz ? `${codec}, ${numeral(sample_rate_hz / 1000)} kHz` : codec;
}

customElements.define("stream-meter", StreamMeter);
