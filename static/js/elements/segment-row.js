// Draws one run of speech into a row. Finals and interims have the same geometry, so that one can become the other.
import { say, vary } from "../helpers/dom.js";
import { capitalize, clock } from "../helpers/format.js";

const UNSURE_BELOW = 0.7;
const SIDES = ["caller", "callee"];

export function drawSegment(row, line, isInterim = false) {
  const at = line.started_at ?? line.occurred_at;
  const time = row.querySelector(".segment__time");
  row.dataset.track = line.track ?? "";
  row.classList.toggle("segment--interim", isInterim);
  drawSpeaker(row, line.speaker);
  say(time, clock(at));
  time.dateTime = at;
  say(row.querySelector(".segment__text > span"), line.text);
  if (!isInterim && line.confidence != null && line.confidence < UNSURE_BELOW) markUnsure(row, line.confidence);
}

export function drawSpeaker(row, speaker) {
  const isSide = SIDES.includes(speaker);
  const kept = ["interim", "again"].filter((variant) => row.classList.contains(`segment--${variant}`));
  vary(row, "segment", ...kept, isSide && speaker);
  say(row.querySelector(".segment__speaker"), isSide ? capitalize(speaker) : "Speaker");
}

// The rest of a turn does not show its name again. Depends on the row before, so draw it when that one changes.
export function drawTurn(row) {
  const sideOf = (other) => SIDES.find((side) => other?.classList.contains(`segment--${side}`));
  const side = sideOf(row);
  row.classList.toggle("segment--again", Boolean(side) && side === sideOf(row.previousElementSibling));
}

function markUnsure(row, confidence) {
  const words = row.querySelector(".segment__text > span");
  words.className = "segment__unsure";
  words.title = `Confidence ${confidence.toFixed(2)}`;
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.textContent = " (low confidence)";
  words.after(said);
}
