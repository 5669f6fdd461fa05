// Draws one call into its card.
import { getParts, setIcon, setLabel, setText, setVisible } from "../shared/dom.js";
import { formatNumber, t } from "../shared/i18n.js";
import { clockStart, isInbound, lastWordsText, partyOf, routeText, startTimeText } from "./call_text.js";
import { setClock } from "./clocks.js";
import { drawChips } from "./switch-chips.js";

const MAX_HITS = 2;

export function drawCallCard(card, call, role) {
  const parts = getParts(card);
  const direction = isInbound(call) ? "in" : "out";
  const isEnded = call.state === "ended";
  const icon = card.querySelector(":scope > .icon");
  card.classList.toggle("call--ended", isEnded);
  icon.setAttribute("class", isEnded ? "icon" : `icon icon--${direction}`);
  setIcon(icon, direction);
  parts.link.href = `/calls/${encodeURIComponent(call.id)}`;
  drawParty(parts.link, call);
  drawTime(parts.time, call);
  setText(parts.route, routeText(call));
  drawChips(card, call.switches);
  setVisible(card.querySelector(".chips"), !isEnded);
  drawKeywordHits(parts.hits, call.keyword_hits ?? []);
  setVisible(parts.said, !isEnded || call.keyword_hits?.length > 0);
  setText(parts.words, lastWordsText(call));
  setVisible(parts.words, !isEnded && Boolean(lastWordsText(call)));
  parts.words.classList.toggle("faint", !call.last_words);
  setVisible(parts.ringing, call.state === "ringing");
  setVisible(parts.answer, call.state === "ringing" && isInbound(call) && role !== "viewer");
}

function drawParty(link, call) {
  const number = partyOf(call);
  setText(link, number);
  setLabel(link, isInbound(call) ? t("Inbound from %(number)s", { number }) : t("Outbound to %(number)s", { number }));
}

// The most frequent keywords of the call, as many as fit.
function drawKeywordHits(list, hits) {
  const topHits = [...hits].sort((a, b) => b.count - a.count).slice(0, MAX_HITS);
  const key = JSON.stringify(topHits);
  if (list.dataset.hits === key) return;
  list.dataset.hits = key;
  list.replaceChildren(...topHits.map(({ word, count }) => createHit(word, count)));
}

function createHit(word, count) {
  const [badge, name, hiddenText] = ["span", "span", "span"].map((tag) => document.createElement(tag));
  badge.className = "badge badge--small badge--mark";
  name.className = "truncate";
  hiddenText.className = "visually-hidden";
  name.textContent = word;
  hiddenText.textContent = ` ${t("heard")} `;
  badge.append(name, hiddenText, formatNumber(count));
  return badge;
}

function drawTime(time, call) {
  if (call.state !== "ended") return setClock(time, clockStart(call));
  setClock(time, null);
  setText(time, startTimeText(call));
  time.dateTime = call.started_at ?? "";
}
