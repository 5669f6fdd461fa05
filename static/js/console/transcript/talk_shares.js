// How the time of a call was shared. There are no word times: a line lasts from its first interim to its final, or as
// long as a text of its length takes to say, at the rate the subtitles are estimated with.
const CHARACTERS_PER_S = 15;
const LONGEST_S = 60; // a lane may be open for minutes before somebody says the first word of a line

export function secondsOf({ started_at, occurred_at, text }) {
  const said = Math.min(text.length / CHARACTERS_PER_S, LONGEST_S);
  const lasted = started_at ? (Date.parse(occurred_at) - Date.parse(started_at)) / 1000 : 0;
  return lasted > 0 ? Math.min(lasted, LONGEST_S) : said;
}

export class TalkTime {
  #seconds = { inbound: 0, outbound: 0 };

  add(line) {
    if (line.track in this.#seconds) this.#seconds[line.track] += secondsOf(line);
  }

  // Of all that both said, in percent: {caller, callee}, together 100; null while nobody is known to have spoken.
  shares(direction) {
    const { inbound, outbound } = this.#seconds;
    if (!direction || inbound + outbound === 0) return null;
    const own = Math.round((100 * inbound) / (inbound + outbound));
    return direction === "inbound" ? { caller: own, callee: 100 - own } : { caller: 100 - own, callee: own };
  }
}
