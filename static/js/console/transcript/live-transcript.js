// The live transcript. An interim becomes a final in place. The view follows the end only while the reader is there,
// and never moves otherwise. No layout is read while a frame is drawn.
import { cloneTemplate, getParts, setText, setVisible } from "../../shared/dom.js";
import { t, tn } from "../../shared/i18n.js";
import { oncePerFrame } from "../../shared/once_per_frame.js";
import { isPreferenceOn, onPreferenceChange } from "../../shared/preferences.js";
import { hasSameNames } from "../../shared/speaker_names.js";
import { speakerOf } from "../call_text.js";
import { drawTurnsAround, placeRow } from "./row_pages.js";
import { drawSegment, drawSpeaker, linkSegment } from "./segment_row.js";
import { TimelineRows } from "./timeline_rows.js";

const FOLLOW_DISTANCE_PX = 48;

class LiveTranscript extends HTMLElement {
  #openCall;
  // Event id → row of a final.
  #rows = new Map();
  // Track → row of an interim.
  #interimRows = new Map();
  #timeline;
  #placements = [];
  #call;
  #missedCount = 0;
  #isFollowing = true;
  #draw = oncePerFrame(() => this.#drawPending());
  #resizeObserver = new ResizeObserver(() => this.#isFollowing && this.#scrollToEnd());

  connectFeed({ live, calls, openCall }) {
    this.parts = getParts(this);
    this.log = this.querySelector(".transcript__log");
    this.#openCall = openCall;
    this.#call = calls.get(openCall.id);
    this.#registerRows();
    this.#timeline = new TimelineRows({ log: this.log, live, call: this.#call, changed: () => this.#draw() });
    live.addEventListener("line", ({ detail }) => this.#onLine(detail));
    live.addEventListener("interims", () => this.#draw());
    live.addEventListener("call", ({ detail: { call } }) => {
      if (call.id !== openCall.id) return;
      const previous = this.#call;
      this.#call = call;
      if (call.direction !== previous.direction || !hasSameNames(call, previous)) this.#drawSpeakers();
      this.#draw();
    });
    onPreferenceChange("announcements", () => this.log.setAttribute("aria-live", isPreferenceOn("announcements") ? "polite" : "off"));
    this.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.parts.jump.addEventListener("click", () => this.jumpToEnd());
    // Following starts here for any growth: a new line, or rows that come into view and are higher than estimated. The
    // browser has finished its layout by then; reading a height earlier would make it lay out twice.
    for (const element of [this, this.querySelector(".transcript__column")]) this.#resizeObserver.observe(element);
    this.#scrollToEnd();
    this.#draw();
  }

  disconnectedCallback() {
    this.#resizeObserver.disconnect();
  }

  jumpToEnd() {
    this.#setFollowing(true);
    this.#scrollToEnd();
    this.focus({ preventScroll: true });
  }

  #registerRows() {
    for (const row of this.log.querySelectorAll(".segment")) {
      this.#rows.set(row.dataset.eventId, row);
      linkSegment(row, row.dataset.eventId);
    }
    for (const row of this.parts.now.children) this.#interimRows.set(row.dataset.track, row);
  }

  #onLine(placement) {
    this.#placements.push(placement);
    if (!this.#isFollowing) this.#missedCount += 1;
    this.#draw();
  }

  #drawPending() {
    const restorePosition = this.#isFollowing ? null : this.#holdPosition();
    const placements = this.#placements.splice(0);
    for (const { segment, next } of placements) this.#insertRow(segment, next);
    if (placements.length) this.dispatchEvent(new Event("rows-drawn"));
    this.#timeline.draw((at) => this.#rowFor(this.#openCall.transcript.firstSegmentAfter(at)));
    this.#drawInterims();
    this.#drawEmptyText();
    setVisible(this.parts.empty, !this.#rows.size && !this.#interimRows.size);
    setVisible(this.parts.jump, !this.#isFollowing);
    setText(this.parts.count, this.#missedCount ? tn("%(num)s new", "%(num)s new", this.#missedCount) : "");
    restorePosition?.();
  }

  // Lines are drawn in the order they were placed, so the row of `next` exists already.
  #insertRow(segment, next) {
    const row = cloneTemplate("segment-row");
    drawSegment(row, segment, this.#call);
    linkSegment(row, segment.event_id);
    this.#rows.set(segment.event_id, row);
    placeRow(this.log, row, this.#rowFor(next));
  }

  // A line may be known before it is drawn. Then the row before it is moved later.
  #rowFor(segment) {
    return (segment && this.#rows.get(segment.event_id)) ?? null;
  }

  #drawInterims() {
    const interims = this.#openCall.transcript.interims;
    const beganByTrack = new Map(interims.map((interim) => [interim.track ?? "", interim.began_at]));
    for (const [track, row] of this.#interimRows) {
      // A new interim gets a row of its own. The row before it stays and becomes a line.
      if (beganByTrack.has(track) && (row.dataset.beganAt ?? beganByTrack.get(track)) === beganByTrack.get(track)) continue;
      row.remove();
      this.#interimRows.delete(track);
    }
    for (const interim of interims) {
      const track = interim.track ?? "";
      if (!this.#interimRows.has(track)) this.#interimRows.set(track, this.parts.now.appendChild(cloneTemplate("segment-row")));
      this.#interimRows.get(track).dataset.beganAt = interim.began_at;
      drawSegment(this.#interimRows.get(track), { ...interim, started_at: interim.began_at }, this.#call, { isInterim: true });
    }
  }

  // Speakers change with a new name, and with a webhook that tells the direction of the call late.
  #drawSpeakers() {
    for (const row of this.querySelectorAll(".segment")) {
      drawSpeaker(row, speakerOf(row.dataset.track, this.#call.direction), this.#call);
      if (this.log.contains(row)) drawTurnsAround(row);
    }
  }

  #drawEmptyText() {
    const { switches, state } = this.#call;
    const isOn = ["starting", "on"].includes(switches.transcription.state);
    const text = state === "ended" ? t("Nothing was transcribed.") : t("Not transcribed yet. Start transcription to read along.");
    setText(this.parts["empty-words"], isOn ? t("Listening. The first words will appear here.") : text);
  }

  // Keeps the view still when rows are inserted above, for browsers without scroll anchoring.
  #holdPosition() {
    if (CSS.supports("overflow-anchor", "auto")) return null;
    const { left, top } = this.log.getBoundingClientRect();
    const topRow = document.elementFromPoint(left + 1, Math.max(top, this.getBoundingClientRect().top) + 1)?.closest(".segment");
    const topBefore = topRow?.getBoundingClientRect().top;
    return () => topRow && (this.scrollTop += topRow.getBoundingClientRect().top - topBefore);
  }

  #scrollToEnd() {
    this.scrollTop = this.scrollHeight;
  }

  #onScroll() {
    const isNear = this.scrollHeight - this.scrollTop - this.clientHeight <= FOLLOW_DISTANCE_PX;
    if (isNear !== this.#isFollowing) this.#setFollowing(isNear);
  }

  #setFollowing(isFollowing) {
    this.#isFollowing = isFollowing;
    if (isFollowing) this.#missedCount = 0;
    this.parts.foot.classList.toggle("transcript__foot--away", !isFollowing);
    this.#draw();
  }
}

customElements.define("live-transcript", LiveTranscript);
