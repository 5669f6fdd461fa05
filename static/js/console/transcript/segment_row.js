// Draws one run of speech into a row. Finals and interims have the same geometry, so that one can become the other.
import { say, vary } from "../../shared/dom.js";
import { clock } from "../../shared/format.js";
import { numeral, t } from "../../shared/i18n.js";
import { nameOf, SIDES } from "../../shared/speaker_names.js";

const UNSURE_BELOW = 0.7;

// `call` is the one the line belongs to: it says what a speaker is called.
export function drawSegment(row, line, call, { isInterim = false } = {}) {
  const at = line.started_at ?? line.occurred_at;
  const time = row.querySelector(".segment__time");
  row.dataset.track = line.track ?? "";
  row.dataset.occurredAt = line.occurred_at;
  row.classList.toggle("segment--interim", isInterim);
  drawSpeaker(row, line.speaker, call);
  say(time, clock(at));
  time.dateTime = at;
  const words = row.querySelector(".segment__text > span");
  if (line.marks) words.replaceChildren(...markedPieces(line.text, line.marks));
  else say(words, line.text);
  if (!isInterim && line.confidence != null && line.confidence < UNSURE_BELOW) markUnsure(row, line.confidence);
}

export function drawSpeaker(row, speaker, call) {
  const isSide = SIDES.includes(speaker);
  const kept = ["interim", "again", "linked"].filter((variant) => row.classList.contains(`segment--${variant}`));
  vary(row, "segment", ...kept, isSide && speaker);
  say(row.querySelector(".segment__speaker"), nameOf(call, speaker));
}

// The rest of a turn does not show its name again. Depends on the row above, so draw it when that one changes.
export function drawTurn(row, above) {
  const sideOf = (other) => SIDES.find((side) => other?.classList.contains(`segment--${side}`));
  const side = sideOf(row);
  row.classList.toggle("segment--again", Boolean(side) && side === sideOf(above));
}

// A final has an address of its own, and its time leads to the webhook it came from. Not one stop of the tab key for each
// of ten thousand lines: they are reached by pointer, by a screen reader's list of links, or where one was linked.
export function linkSegment(row, eventId) {
  const time = row.querySelector(".segment__time");
  const link = document.createElement("a");
  row.id = `line-${eventId}`;
  link.className = "segment__source";
  link.href = `/events/${encodeURIComponent(eventId)}`;
  link.title = t("The webhook of this line");
  link.tabIndex = -1;
  link.append(...time.childNodes);
  time.append(link);
}

// The text with a <mark> around each keyword; `marks` are [start, end] in UTF-16 code units.
function markedPieces(text, marks) {
  const pieces = [];
  let told = 0;
  for (const [start, end] of [...marks].sort(([a], [b]) => a - b)) {
    if (end <= told) continue;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(Math.max(start, told), end);
    pieces.push(text.slice(told, Math.max(start, told)), mark);
    told = end;
  }
  return [...pieces, text.slice(told)];
}

function markUnsure(row, confidence) {
  const words = row.querySelector(".segment__text > span");
  words.className = "segment__unsure";
  words.title = t("Confidence %(value)s", { value: numeral(confidence, 2) });
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.textContent = ` ${t("(low confidence)")}`;
  words.after(said);
}
