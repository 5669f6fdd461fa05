// One timer for everything on the page that grows by itself: <time data-since="ISO">, or data-since with data-until once
// it stands still, and what a running switch costs. On the second, and never while the page is hidden.
import { say } from "../shared/dom.js";
import { duration } from "../shared/format.js";
import { estimate, ranSeconds } from "./cost.js";

const running = new Set(); // not looked for among ten thousand times of lines, once a second
let timer = null;

// Shows a time at once, so that nobody sees an empty place until the next second.
export function setClock(time, since, until = null) {
  if (since) time.dataset.since = since;
  else delete time.dataset.since;
  if (until) time.dataset.until = until;
  else delete time.dataset.until;
  keep(time, since && !until);
  draw(time);
}

// Shows what a switch has cost so far, and goes on. `ratePerMinute` is in dollars.
export function setCost(data, { ran_s, on_since }, ratePerMinute) {
  Object.assign(data.dataset, { ranS: ran_s ?? 0, onSince: on_since ?? "", rate: ratePerMinute });
  keep(data, on_since);
  drawCost(data);
}

function keep(element, isRunning) {
  if (isRunning) running.add(element);
  else running.delete(element);
}

function drawCost(data) {
  const { ranS, onSince, rate } = data.dataset;
  const seconds = ranSeconds({ ran_s: Number(ranS), on_since: onSince || null }, Date.now());
  const dollars = (seconds / 60) * Number(rate);
  data.value = dollars.toFixed(4);
  say(data, estimate(dollars));
}

function draw(time) {
  const { since, until } = time.dataset;
  if (!since) return;
  const end = until ? Date.parse(until) : Date.now();
  const seconds = Math.max(0, (end - Date.parse(since)) / 1000);
  say(time, duration(seconds));
  time.dateTime = `PT${Math.floor(seconds)}S`;
}

function tick() {
  for (const each of running) {
    if (!each.isConnected) running.delete(each);
    else if (each.localName === "data") drawCost(each);
    else draw(each);
  }
  timer = document.hidden ? null : setTimeout(tick, 1000 - (Date.now() % 1000));
}

export function startClocks() {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    tick();
  });
  tick();
}
