// "(2) +1 555 …": calls that began to ring since somebody last looked.

export function startTitle(live) {
  const plain = document.title;
  const rung = new Set();
  let missed = 0;

  live.addEventListener("call", ({ detail: { call } }) => {
    if (call.state !== "ringing" || rung.has(call.id)) return;
    rung.add(call.id);
    if (document.hasFocus()) return;
    missed += 1;
    document.title = `(${missed}) ${plain}`;
  });
  window.addEventListener("focus", () => {
    missed = 0;
    document.title = plain;
  });
}
