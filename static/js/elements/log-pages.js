// The log as pages of some rows each, in one order. A browser skips the pages that are out of sight (transcript.css), so a
// line costs the same in a call of ten thousand as in one of ten. In between nobody else knows of pages.
import { compareInstants } from "../helpers/instant.js";
import { drawTurn } from "./segment-row.js";

const PAGE_ROWS = 50;

const isNote = (row) => row.classList.contains("note");
const rowBefore = (row) => row.previousElementSibling ?? row.parentElement.previousElementSibling?.lastElementChild ?? null;
const rowAfter = (row) => row.nextElementSibling ?? row.parentElement.nextElementSibling?.firstElementChild ?? null;
const lastRow = (log) => log.lastElementChild?.lastElementChild ?? null;

// Puts a row before `next`, or at the end. A note stands before the first line that is later than it.
export function placeRow(log, row, next) {
  let before = next;
  for (let above = before ? rowBefore(before) : lastRow(log); above && isNote(above) && standsAfter(above, row); above = rowBefore(before)) before = above;
  if (before) before.before(row);
  else lastPage(log).append(row);
  drawAround(row);
}

export function removeRow(row) {
  const below = rowAfter(row);
  const page = row.parentElement;
  row.remove();
  if (!page.childElementCount) page.remove();
  if (below) drawTurn(below, rowBefore(below));
}

// Whether its name is shown depends on the row above, and that of the row below on this one.
export function drawAround(row) {
  drawTurn(row, rowBefore(row));
  const below = rowAfter(row);
  if (below) drawTurn(below, row);
}

function lastPage(log) {
  const last = log.lastElementChild;
  if (last && last.childElementCount < PAGE_ROWS) return last;
  const page = document.createElement("div");
  page.className = "transcript__page";
  log.append(page);
  return page;
}

function standsAfter(note, row) {
  if (!isNote(row)) return compareInstants(note.dataset.at, row.dataset.occurredAt) > 0;
  return compareInstants(note.dataset.at, row.dataset.at) > 0;
}
