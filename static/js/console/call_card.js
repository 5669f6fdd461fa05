// Draws one call into its card in the rail.
import { label, partsOf, say, setIcon, show } from "../shared/dom.js";
import { numeral, t } from "../shared/i18n.js";
import { isInbound, lastWordsOf, partyOf, routeOf, runsSince, startClockOf } from "./call_text.js";
import { setClock } from "./clocks.js";
import { drawChips } from "./switch-chips.js";

const HITS_SHOWN = 2;

export function drawCard(card, call, role) {
  const parts = partsOf(card);
  const way = isInbound(call) ? "in" : "out";
  const isEnded = call.state === "ended";
  const icon = card.querySelector(":scope > .icon");
  card.classList.toggle("call--ended", isEnded);
  icon.setAttribute("class", isEnded ? "icon" : `icon icon--${way}`);
  setIcon(icon, way);
  parts.link.href = `/calls/${encodeURIComponent(call.id)}`;
  drawParty(parts.link, call);
  drawTime(parts.time, call);
  say(parts.route, routeOf(call));
  drawChips(card, call.switches);
  show(card.querySelector(".chips"), !isEnded);
  drawHits(parts.hits, call.keyword_hits ?? []);
  show(parts.said, !isEnded || call.keyword_hits?.length > 0);
  say(parts.words, lastWordsOf(call));
  show(parts.words, !isEnded && Boolean(lastWordsOf(call)));
  parts.words.classList.toggle("faint", !call.last_words);
  show(parts.ringing, call.state === "ringing");
  show(parts.answer, call.state === "ringing" && isInbound(call) && role !== "viewer");
}

function drawParty(link, call) {
  const number = partyOf(call);
  say(link, number);
  label(link, isInbound(call) ? t("Inbound from %(number)s", { number }) : t("Outbound to %(number)s", { number }));
}

// The watched words that were said, most often said first; as many as there is room for.
function drawHits(list, hits) {
  const shown = [...hits].sort((a, b) => b.count - a.count).slice(0, HITS_SHOWN);
  const told = JSON.stringify(shown);
  if (list.dataset.told === told) return;
  list.dataset.told = told;
  list.replaceChildren(...shown.map(({ word, count }) => hitOf(word, count)));
}

function hitOf(word, count) {
  const [badge, name, heard] = ["span", "span", "span"].map((tag) => document.createElement(tag));
  badge.className = "badge badge--small badge--mark";
  name.className = "truncate";
  heard.className = "visually-hidden";
  name.textContent = word;
  heard.textContent = ` ${t("heard")} `;
  badge.append(name, heard, numeral(count));
  return badge;
}

function drawTime(time, call) {
  if (call.state !== "ended") return setClock(time, runsSince(call));
  setClock(time, null);
  say(time, startClockOf(call));
  time.dateTime = call.started_at ?? "";
}
