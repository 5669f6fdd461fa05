// Splits the log into chapters, pages and rows. Browsers skip pages that are out of view (transcript.css), but check in
// each frame which ones are; a few chapters are checked faster than hundreds of pages. A new line then costs the same
// in a call of ten thousand lines as in one of ten.
import { compareInstants } from "../../shared/instants.js";
import { drawTurn } from "./segment_row.js";

const PAGE_ROWS = 50;
const CHAPTER_PAGES = 10;

const isTimelineRow = (row) => row.classList.contains("note");
const pageBefore = (page) => page.previousElementSibling ?? page.parentElement.previousElementSibling?.lastElementChild;
const pageAfter = (page) => page.nextElementSibling ?? page.parentElement.nextElementSibling?.firstElementChild;
const rowBefore = (row) => row.previousElementSibling ?? pageBefore(row.parentElement)?.lastElementChild ?? null;
const rowAfter = (row) => row.nextElementSibling ?? pageAfter(row.parentElement)?.firstElementChild ?? null;
const lastRow = (log) => log.lastElementChild?.lastElementChild?.lastElementChild ?? null;

// Inserts a row before `next`, or at the end. A timeline row stands before the first line that is later.
export function placeRow(log, row, next) {
  let before = next;
  for (let above = before ? rowBefore(before) : lastRow(log); above && isTimelineRow(above) && isAfter(above, row); above = rowBefore(before)) before = above;
  if (before) before.before(row);
  else lastPage(log).append(row);
  drawTurnsAround(row);
}

export function removeRow(row) {
  const below = rowAfter(row);
  const page = row.parentElement;
  const chapter = page.parentElement;
  row.remove();
  if (!page.childElementCount) page.remove();
  if (!chapter.childElementCount) chapter.remove();
  if (below) drawTurn(below, rowBefore(below));
}

// A row shows the speaker unless the row above has the same one. So the row below depends on this one.
export function drawTurnsAround(row) {
  drawTurn(row, rowBefore(row));
  const below = rowAfter(row);
  if (below) drawTurn(below, row);
}

function lastPage(log) {
  const chapter = log.lastElementChild;
  const page = chapter?.lastElementChild;
  if (page && page.childElementCount < PAGE_ROWS) return page;
  const hasRoom = chapter && chapter.childElementCount < CHAPTER_PAGES;
  return (hasRoom ? chapter : log.appendChild(createBox("chapter"))).appendChild(createBox("page"));
}

function createBox(kind) {
  const element = document.createElement("div");
  element.className = `transcript__${kind}`;
  return element;
}

function isAfter(timelineRow, row) {
  if (!isTimelineRow(row)) return compareInstants(timelineRow.dataset.at, row.dataset.occurredAt) > 0;
  return compareInstants(timelineRow.dataset.at, row.dataset.at) > 0;
}
