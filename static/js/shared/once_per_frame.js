// Runs `draw` once before the next paint, however often it was asked for. A hidden tab paints nothing and would collect
// work without end, so there a timer does it; the timer also covers a tab that is hidden while a frame is awaited.
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
