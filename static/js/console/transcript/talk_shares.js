// How the time of a call was shared. There are no word times: a line lasts from its first interim to its final, or as
// long as a text of its length takes to say, at the rate the subtitles are estimated with.
const CHARACTERS_PER_S = 15;
const MAX_LINE_S = 60; // a lane may be open for minutes before somebody says the first word of a line

export function talkSeconds({ started_at, occurred_at, text }) {
  const estimated = Math.min(text.length / CHARACTERS_PER_S, MAX_LINE_S);
  const measured = started_at ? (Date.parse(occurred_at) - Date.parse(started_at)) / 1000 : 0;
  return measured > 0 ? Math.min(measured, MAX_LINE_S) : estimated;
}

export class TalkShares {
  #seconds = { inbound: 0, outbound: 0 };

  addLine(line) {
    if (line.track in this.#seconds) this.#seconds[line.track] += talkSeconds(line);
  }

  // Of all that both said, in percent: {caller, callee}, together 100; null while nobody is known to have spoken.
  percentages(direction) {
    const { inbound, outbound } = this.#seconds;
    if (!direction || inbound + outbound === 0) return null;
    const inboundShare = Math.round((100 * inbound) / (inbound + outbound));
    return direction === "inbound" ? { caller: inboundShare, callee: 100 - inboundShare } : { caller: 100 - inboundShare, callee: inboundShare };
  }
}
