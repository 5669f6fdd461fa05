// What is said, as it is said. An interim becomes a final where it stands; the end is followed only while the reader is
// there; whoever reads further up is never moved. All writes of a frame happen together, reads after them.
import { clone, partsOf, say, show } from "../helpers/dom.js";
import { oncePerFrame } from "../helpers/frame.js";
import { clock } from "../helpers/format.js";
import { speakerOf } from "../models/call_words.js";
import { drawSegment, drawSpeaker, drawTurn } from "./segment-row.js";

const NEAR_PX = 48;

class LiveTranscript extends HTMLElement {
  #open;
  #rows = new Map(); // event id → row of a final
  #lanes = new Map(); // track → row of an interim
  #placed = [];
  #call;
  #missed = 0;
  #isFollowing = true;
  #draw = oncePerFrame(() => this.#drawPlaced());
  #resizes = new ResizeObserver(() => this.#isFollowing && this.#pin());

  follow({ live, calls, open }) {
    this.parts = partsOf(this);
    this.log = this.querySelector(".transcript__log");
    this.#open = open;
    this.#call = calls.get(open.id);
    this.#adoptRows();
    live.addEventListener("line", ({ detail }) => this.#take(detail));
    live.addEventListener("interims", () => this.#draw());
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id !== open.id) return;
      if (call.direction !== this.#call.direction) this.#renameSpeakers(call.direction);
      this.#call = call;
      this.#draw();
    });
    this.addEventListener("scroll", () => this.#notice(), { passive: true });
    this.parts.jump.addEventListener("click", () => this.toEnd());
    this.#resizes.observe(this);
    this.#pin();
    this.#draw();
  }

  disconnectedCallback() {
    this.#resizes.disconnect();
  }

  toEnd() {
    this.#setFollowing(true);
    this.#pin();
    this.focus({ preventScroll: true });
  }

  #adoptRows() {
    for (const row of this.log.querySelectorAll(".segment")) this.#rows.set(row.dataset.eventId, row);
    for (const row of this.parts.now.children) this.#lanes.set(row.dataset.track, row);
  }

  #take(placed) {
    this.#placed.push(placed);
    if (!this.#isFollowing) this.#missed += 1;
    this.#draw();
  }

  #drawPlaced() {
    const keep = this.#isFollowing ? null : this.#anchor();
    for (const { segment, next } of this.#placed.splice(0)) this.#insert(segment, next);
    this.#drawInterims();
    this.#drawNotes();
    show(this.parts.empty, !this.#rows.size && !this.#lanes.size);
    show(this.parts.jump, !this.#isFollowing);
    say(this.parts.count, this.#missed ? `${this.#missed} new` : "");
    if (this.#isFollowing) this.#pin();
    else keep?.();
  }

  // Lines are drawn in the order they were placed, so the row of `next` is there already.
  #insert(segment, next) {
    const row = clone("segment-row");
    drawSegment(row, segment);
    this.#rows.set(segment.event_id, row);
    this.log.insertBefore(row, next ? this.#rows.get(next.event_id) : this.parts.ended);
    drawTurn(row);
    if (next) drawTurn(row.nextElementSibling);
  }

  #drawInterims() {
    const open = this.#open.transcript.interims;
    const tracks = new Set(open.map((interim) => interim.track ?? ""));
    for (const [track, row] of this.#lanes) {
      if (tracks.has(track)) continue;
      row.remove();
      this.#lanes.delete(track);
    }
    for (const interim of open) {
      const track = interim.track ?? "";
      if (!this.#lanes.has(track)) this.#lanes.set(track, this.parts.now.appendChild(clone("segment-row")));
      drawSegment(this.#lanes.get(track), { ...interim, started_at: interim.began_at }, true);
    }
  }

  // Lines may come before the webhook that says which side this leg is.
  #renameSpeakers(direction) {
    for (const row of this.log.querySelectorAll(".segment")) {
      drawSpeaker(row, speakerOf(row.dataset.track, direction));
      drawTurn(row);
    }
  }

  #drawNotes() {
    const { answered_at, ended_at, switches, state } = this.#call;
    for (const [note, at] of [[this.parts.answered, answered_at], [this.parts.ended, ended_at]]) {
      show(note, Boolean(at));
      say(note.querySelector("time"), clock(at));
    }
    const isOn = ["starting", "on"].includes(switches.transcription.state);
    const hush = state === "ended" ? "Nothing was transcribed." : "Not transcribed yet. Start transcription to read along.";
    say(this.parts["empty-words"], isOn ? "Listening. The first words will appear here." : hush);
  }

  // The browser keeps the view still when something is inserted above; where it cannot, do it by hand.
  #anchor() {
    if (CSS.supports("overflow-anchor", "auto")) return null;
    const { left, top } = this.log.getBoundingClientRect();
    const seen = document.elementFromPoint(left + 1, Math.max(top, this.getBoundingClientRect().top) + 1)?.closest(".segment");
    const before = seen?.getBoundingClientRect().top;
    return () => seen && (this.scrollTop += seen.getBoundingClientRect().top - before);
  }

  #pin() {
    this.scrollTop = this.scrollHeight;
  }

  #notice() {
    const isNear = this.scrollHeight - this.scrollTop - this.clientHeight <= NEAR_PX;
    if (isNear !== this.#isFollowing) this.#setFollowing(isNear);
  }

  #setFollowing(isFollowing) {
    this.#isFollowing = isFollowing;
    if (isFollowing) this.#missed = 0;
    this.parts.foot.classList.toggle("transcript__foot--away", !isFollowing);
    this.#draw();
  }
}

customElements.define("live-transcript", LiveTranscript);
