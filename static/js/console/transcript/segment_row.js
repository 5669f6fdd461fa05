// Draws one segment into a row. Finals and interims have the same geometry, so that one can become the other.
import { setText, setVariants } from "../../shared/dom.js";
import { formatTime } from "../../shared/format.js";
import { formatNumber, t } from "../../shared/i18n.js";
import { SIDES, speakerName } from "../../shared/speaker_names.js";

const UNSURE_BELOW = 0.7;

// `call` gives the speaker's name.
export function drawSegment(row, line, call, { isInterim = false } = {}) {
  const startedAt = line.started_at ?? line.occurred_at;
  const time = row.querySelector(".segment__time");
  row.dataset.track = line.track ?? "";
  row.dataset.occurredAt = line.occurred_at;
  row.classList.toggle("segment--interim", isInterim);
  drawSpeaker(row, line.speaker, call);
  setText(time, formatTime(startedAt));
  time.dateTime = startedAt;
  const text = row.querySelector(".segment__text > span");
  if (line.marks) text.replaceChildren(...splitByMarks(line.text, line.marks));
  else setText(text, line.text);
  if (!isInterim && line.confidence != null && line.confidence < UNSURE_BELOW) markUnsure(row, line.confidence);
}

export function drawSpeaker(row, speaker, call) {
  const isSide = SIDES.includes(speaker);
  const variants = ["interim", "again", "linked"].filter((variant) => row.classList.contains(`segment--${variant}`));
  setVariants(row, "segment", ...variants, isSide && speaker);
  setText(row.querySelector(".segment__speaker"), speakerName(call, speaker));
}

// Hides the name in the rest of a turn. Draw it again when the row above changes.
export function drawTurn(row, above) {
  const sideOf = (otherRow) => SIDES.find((side) => otherRow?.classList.contains(`segment--${side}`));
  const side = sideOf(row);
  row.classList.toggle("segment--again", Boolean(side) && side === sideOf(above));
}

// Gives a final its own address and a link to its webhook. The link is no tab stop, because there may be ten thousand
// of them. It is reached by pointer, by a screen reader's list of links, or after following a link to the line.
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

// Splits the text into texts and <mark> elements. `marks` are [start, end] in UTF-16 code units.
function splitByMarks(text, marks) {
  const pieces = [];
  let position = 0;
  for (const [start, end] of [...marks].sort(([a], [b]) => a - b)) {
    if (end <= position) continue;
    const mark = document.createElement("mark");
    mark.textContent = text.slice(Math.max(start, position), end);
    pieces.push(text.slice(position, Math.max(start, position)), mark);
    position = end;
  }
  return [...pieces, text.slice(position)];
}

function markUnsure(row, confidence) {
  const text = row.querySelector(".segment__text > span");
  text.className = "segment__unsure";
  text.title = t("Confidence %(value)s", { value: formatNumber(confidence, 2) });
  const hiddenText = document.createElement("span");
  hiddenText.className = "visually-hidden";
  hiddenText.textContent = ` ${t("(low confidence)")}`;
  text.after(hiddenText);
}
