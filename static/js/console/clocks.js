// Running clocks and costs, driven by one timer. A clock is a `<time data-since="ISO">`; with `data-until` it stands
// still. Drawing happens on the second and stops while the page is hidden.
import { setText } from "../shared/dom.js";
import { formatDuration } from "../shared/format.js";
import { formatEstimate, runningSeconds } from "./cost.js";

// Kept as a set, because a search among ten thousand lines once a second is slow.
const runningElements = new Set();
let timer = null;

// Draws the clock at once instead of at the next second.
export function setClock(time, since, until = null) {
  if (since) time.dataset.since = since;
  else delete time.dataset.since;
  if (until) time.dataset.until = until;
  else delete time.dataset.until;
  trackElement(time, since && !until);
  drawClock(time);
}

// Draws the cost of a switch and keeps it up to date. `ratePerMinute` is in dollars.
export function setCost(element, { ran_s, on_since }, ratePerMinute) {
  Object.assign(element.dataset, { ranS: ran_s ?? 0, onSince: on_since ?? "", rate: ratePerMinute });
  trackElement(element, on_since);
  drawCost(element);
}

function trackElement(element, isRunning) {
  if (isRunning) runningElements.add(element);
  else runningElements.delete(element);
}

function drawCost(element) {
  const { ranS, onSince, rate } = element.dataset;
  const seconds = runningSeconds({ ran_s: Number(ranS), on_since: onSince || null }, Date.now());
  const dollars = (seconds / 60) * Number(rate);
  element.value = dollars.toFixed(4);
  setText(element, formatEstimate(dollars));
}

function drawClock(time) {
  const { since, until } = time.dataset;
  if (!since) return;
  const end = until ? Date.parse(until) : Date.now();
  const seconds = Math.max(0, (end - Date.parse(since)) / 1000);
  setText(time, formatDuration(seconds));
  time.dateTime = `PT${Math.floor(seconds)}S`;
}

function drawRunning() {
  for (const element of runningElements) {
    if (!element.isConnected) runningElements.delete(element);
    else if (element.localName === "data") drawCost(element);
    else drawClock(element);
  }
  timer = document.hidden ? null : setTimeout(drawRunning, 1000 - (Date.now() % 1000));
}

export function startClocks() {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    drawRunning();
  });
  drawRunning();
}
