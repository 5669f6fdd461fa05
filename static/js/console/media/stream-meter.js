// Meter of the streamed sound: levels, line quality and pressed keys.
import { getParts, setText, setVariants, setVisible } from "../../shared/dom.js";
import { formatTime } from "../../shared/format.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { oncePerFrame } from "../../shared/once_per_frame.js";
import { isInbound } from "../call_text.js";
import { countFrames, Levels, qualityOf } from "./levels.js";

const MAX_KEYS = 12;

class StreamMeter extends HTMLElement {
  #levels = new Levels();
  #stream = null;
  #call;
  #draw = oncePerFrame(() => this.#drawStream());

  connectFeed({ live, calls, openCall }) {
    this.parts = getParts(this);
    this.#call = calls.get(openCall.id);
    live.addEventListener("level", ({ detail: { stream } }) => {
      this.#stream = stream;
      this.#levels.add(stream);
      this.#draw();
    });
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id !== openCall.id) return;
      this.#call = call;
      if (call.switches.streaming.state === "off" || call.switches.streaming.state === "failed") this.#stream = null;
      this.#draw();
    });
  }

  #drawStream() {
    setVisible(this, Boolean(this.#stream));
    if (!this.#stream) return;
    const { parts } = this;
    // The inbound track is the party of this leg: the caller of an inbound call.
    const [caller, callee] = isInbound(this.#call) ? ["inbound", "outbound"] : ["outbound", "inbound"];
    parts.caller.setAttribute("d", this.#levels.path(caller, true));
    parts.callee.setAttribute("d", this.#levels.path(callee, false));
    const quality = qualityOf(this.#stream);
    setVariants(parts.bars, "bars", quality && String(quality.bars));
    setText(parts.quality, quality?.text ?? t("Line not measured"));
    setText(parts.frames, formatNumber(countFrames(this.#stream)));
    setText(parts.codec, codecText(this.#stream));
    this.#drawKeys(this.#stream.dtmf ?? []);
  }

  #drawKeys(dtmf) {
    const texts = dtmf.slice(-MAX_KEYS).map(({ digit, occurred_at }) => t("%(key)s at %(time)s", { key: digit, time: formatTime(occurred_at) }));
    setVisible(this.parts["keys-row"], texts.length > 0);
    setText(this.parts.keys, texts.join(", "));
  }
}

function codecText({ codec, sample_rate_hz }) {
  if (!codec) return t("Unknown");
  return sample_rate_hz ? `${codec}, ${formatNumber(sample_rate_hz / 1000)} kHz` : codec;
}

customElements.define("stream-meter", StreamMeter);
