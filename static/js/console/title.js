// "(2) +1 555 …": calls that began to ring and keywords that were said since somebody last looked; and a red dot on the
// icon if a call rings. Both clear when somebody looks.

const icon = (dot) => `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 26 26"><rect width="26" height="26" rx="7" fill="#4a50c8"/><path d="M7 11v4M11 8v10M15 10.5v5M19 12v2" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/>${dot}</svg>`)}`;
const RINGING = icon('<circle cx="20" cy="6" r="5.5" fill="#e5484d" stroke="#fff" stroke-width="1.5"/>');

export function startTitle(live, calls) {
  const plain = document.title;
  const link = document.querySelector('link[rel="icon"]');
  const quiet = link.href;
  const rung = new Set(calls.all.filter(({ state }) => state === "ringing").map(({ id }) => id));
  const unseen = new Set();
  let missed = 0;

  const draw = () => {
    document.title = missed ? `(${missed}) ${plain}` : plain;
    const href = unseen.size ? RINGING : quiet;
    if (link.href !== href) link.href = href;
  };
  const miss = () => {
    if (document.hasFocus()) return;
    missed += 1;
    draw();
  };
  live.addEventListener("call", ({ detail: { call } }) => {
    if (call.state !== "ringing") {
      if (unseen.delete(call.id)) draw();
      return;
    }
    if (rung.has(call.id)) return;
    rung.add(call.id);
    if (!document.hasFocus()) unseen.add(call.id);
    miss();
  });
  live.addEventListener("hit", miss);
  window.addEventListener("focus", () => {
    missed = 0;
    unseen.clear();
    draw();
  });
}
