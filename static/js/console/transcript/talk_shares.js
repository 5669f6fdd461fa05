// Shares of the talk time of a call. Telnyx sends no word times. A line lasts from its first interim to its final, else
// as long as a text of its length takes; the subtitles are estimated at the same rate.
const CHARACTERS_PER_S = 15;
// A lane may be open for minutes before the first word of a line.
const MAX_LINE_S = 60;

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

  // Shares of both speakers in percent, {caller, callee}, together 100. Null before anyone has spoken.
  percentages(direction) {
    const { inbound, outbound } = this.#seconds;
    if (!direction || inbound + outbound === 0) return null;
    const inboundShare = Math.round((100 * inbound) / (inbound + outbound));
    return direction === "inbound" ? { caller: inboundShare, callee: 100 - inboundShare } : { caller: 100 - inboundShare, callee: inboundShare };
  }
}
