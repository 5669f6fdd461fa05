// Runs `draw` at most once before the next paint. A hidden tab paints nothing, so a timer runs it there. The timer also
// serves a tab that becomes hidden while it waits.
const HIDDEN_MS = 200;

export function oncePerFrame(draw) {
  let frame = null;
  let timer = null;
  const run = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = null;
    draw();
  };
  return () => {
    if (timer !== null) return;
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, HIDDEN_MS);
  };
}
