// What is said, as it is said. An interim becomes a final where it stands; the end is followed only while the reader is
// there; whoever reads further up is never moved. Nothing is read while a frame is written.
import { clone, partsOf, say, show } from "../../shared/dom.js";
import { t, tn } from "../../shared/i18n.js";
import { oncePerFrame } from "../../shared/once_per_frame.js";
import { is, onPreference } from "../../shared/preferences.js";
import { sameNames } from "../../shared/speaker_names.js";
import { speakerOf } from "../call_text.js";
import { drawAround, placeRow } from "./row_pages.js";
import { drawSegment, drawSpeaker, linkSegment } from "./segment_row.js";
import { LogNotes } from "./timeline_rows.js";

const NEAR_PX = 48;

class LiveTranscript extends HTMLElement {
  #open;
  #rows = new Map(); // event id → row of a final
  #lanes = new Map(); // track → row of an interim
  #notes;
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
    this.#notes = new LogNotes({ log: this.log, live, call: this.#call, changed: () => this.#draw() });
    live.addEventListener("line", ({ detail }) => this.#take(detail));
    live.addEventListener("interims", () => this.#draw());
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id !== open.id) return;
      const before = this.#call;
      this.#call = call;
      if (call.direction !== before.direction || !sameNames(call, before)) this.#renameSpeakers();
      this.#draw();
    });
    onPreference("announcements", () => this.log.setAttribute("aria-live", is("announcements") ? "polite" : "off"));
    this.addEventListener("scroll", () => this.#notice(), { passive: true });
    this.parts.jump.addEventListener("click", () => this.toEnd());
    // Whatever makes the column higher is followed from here: a line that came, a page that comes into sight and is not as
    // high as it was thought to be. The browser has laid out by then; asking it for a height earlier makes it do so twice.
    for (const element of [this, this.querySelector(".transcript__column")]) this.#resizes.observe(element);
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
    for (const row of this.log.querySelectorAll(".segment")) {
      this.#rows.set(row.dataset.eventId, row);
      linkSegment(row, row.dataset.eventId);
    }
    for (const row of this.parts.now.children) this.#lanes.set(row.dataset.track, row);
  }

  #take(placed) {
    this.#placed.push(placed);
    if (!this.#isFollowing) this.#missed += 1;
    this.#draw();
  }

  #drawPlaced() {
    const keep = this.#isFollowing ? null : this.#anchor();
    const placed = this.#placed.splice(0);
    for (const { segment, next } of placed) this.#insert(segment, next);
    if (placed.length) this.dispatchEvent(new Event("drawn"));
    this.#notes.draw((at) => this.#rowOf(this.#open.transcript.firstAfter(at)));
    this.#drawInterims();
    this.#sayWhyEmpty();
    show(this.parts.empty, !this.#rows.size && !this.#lanes.size);
    show(this.parts.jump, !this.#isFollowing);
    say(this.parts.count, this.#missed ? tn("%(num)s new", "%(num)s new", this.#missed) : "");
    keep?.();
  }

  // Lines are drawn in the order they were placed, so the row of `next` is there already.
  #insert(segment, next) {
    const row = clone("segment-row");
    drawSegment(row, segment, this.#call);
    linkSegment(row, segment.event_id);
    this.#rows.set(segment.event_id, row);
    placeRow(this.log, row, this.#rowOf(next));
  }

  // A line that has just come may be known and not drawn yet: then whatever it stands before will be put there later.
  #rowOf(segment) {
    return (segment && this.#rows.get(segment.event_id)) ?? null;
  }

  #drawInterims() {
    const open = this.#open.transcript.interims;
    const began = new Map(open.map((interim) => [interim.track ?? "", interim.began_at]));
    for (const [track, row] of this.#lanes) {
      // What is said next has a row of its own: the one before does not move, it becomes a line where it stands.
      if (began.has(track) && (row.dataset.beganAt ?? began.get(track)) === began.get(track)) continue;
      row.remove();
      this.#lanes.delete(track);
    }
    for (const interim of open) {
      const track = interim.track ?? "";
      if (!this.#lanes.has(track)) this.#lanes.set(track, this.parts.now.appendChild(clone("segment-row")));
      this.#lanes.get(track).dataset.beganAt = interim.began_at;
      drawSegment(this.#lanes.get(track), { ...interim, started_at: interim.began_at }, this.#call, { isInterim: true });
    }
  }

  // Somebody gave a name; and lines may come before the webhook that says which side this leg is.
  #renameSpeakers() {
    for (const row of this.querySelectorAll(".segment")) {
      drawSpeaker(row, speakerOf(row.dataset.track, this.#call.direction), this.#call);
      if (this.log.contains(row)) drawAround(row);
    }
  }

  #sayWhyEmpty() {
    const { switches, state } = this.#call;
    const isOn = ["starting", "on"].includes(switches.transcription.state);
    const hush = state === "ended" ? t("Nothing was transcribed.") : t("Not transcribed yet. Start transcription to read along.");
    say(this.parts["empty-words"], isOn ? t("Listening. The first words will appear here.") : hush);
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
