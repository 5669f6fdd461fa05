// Shows missed events in title and icon. The number counts calls and keywords since the page lost the focus; a red dot
// stands for a ringing call. Both clear when the page has the focus again.

const iconUrl = (dot) => `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 26 26"><rect width="26" height="26" rx="7" fill="#4a50c8"/><path d="M7 11v4M11 8v10M15 10.5v5M19 12v2" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/>${dot}</svg>`)}`;
const RINGING_ICON = iconUrl('<circle cx="20" cy="6" r="5.5" fill="#e5484d" stroke="#fff" stroke-width="1.5"/>');

export function startTitle(live, calls) {
  const baseTitle = document.title;
  const link = document.querySelector('link[rel="icon"]');
  const normalIcon = link.href;
  const knownRinging = new Set(calls.all.filter(({ state }) => state === "ringing").map(({ id }) => id));
  const unseenRinging = new Set();
  let missedCount = 0;

  const drawTitle = () => {
    document.title = missedCount ? `(${missedCount}) ${baseTitle}` : baseTitle;
    const href = unseenRinging.size ? RINGING_ICON : normalIcon;
    if (link.href !== href) link.href = href;
  };
  const countMissed = () => {
    if (document.hasFocus()) return;
    missedCount += 1;
    drawTitle();
  };
  live.addEventListener("call", ({ detail: { call } }) => {
    if (call.state !== "ringing") {
      if (unseenRinging.delete(call.id)) drawTitle();
      return;
    }
    if (knownRinging.has(call.id)) return;
    knownRinging.add(call.id);
    if (!document.hasFocus()) unseenRinging.add(call.id);
    countMissed();
  });
  live.addEventListener("keyword", countMissed);
  window.addEventListener("focus", () => {
    missedCount = 0;
    unseenRinging.clear();
    drawTitle();
  });
}
