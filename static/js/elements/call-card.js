// Draws one call into its card in the rail.
import { partsOf, say, setIcon, show } from "../helpers/dom.js";
import { isInbound, lastWordsOf, partyOf, routeOf, runsSince, startClockOf } from "../models/call_words.js";
import { setClock } from "../page/clocks.js";
import { drawChips } from "./chips.js";

export function drawCard(card, call, role) {
  const parts = partsOf(card);
  const way = isInbound(call) ? "in" : "out";
  const isEnded = call.state === "ended";
  const icon = card.querySelector(":scope > .icon");
  card.classList.toggle("call--ended", isEnded);
  icon.setAttribute("class", isEnded ? "icon" : `icon icon--${way}`);
  setIcon(icon, way);
  card.querySelector(".call__link").href = `/calls/${encodeURIComponent(call.id)}`;
  say(parts.way, isInbound(call) ? "Inbound from " : "Outbound to ");
  say(parts.number, partyOf(call));
  drawTime(parts.time, call);
  say(parts.route, routeOf(call));
  drawChips(card, call.switches);
  show(card.querySelector(".chips"), !isEnded);
  show(parts.said, !isEnded);
  say(parts.words, lastWordsOf(call));
  show(parts.words, Boolean(lastWordsOf(call)));
  parts.words.classList.toggle("faint", !call.last_words);
  show(parts.ringing, call.state === "ringing");
  show(parts.answer, call.state === "ringing" && isInbound(call) && role !== "viewer");
}

function drawTime(time, call) {
  if (call.state !== "ended") return setClock(time, runsSince(call));
  setClock(time, null);
  say(time, startClockOf(call));
  time.dateTime = call.started_at ?? "";
}
