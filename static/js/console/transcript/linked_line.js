// The line that the address names (#line-<event id>), shown in the middle and marked. The transcript then stays there.
const PREFIX = "#line-";

export function showLinkedLine() {
  if (!location.hash.startsWith(PREFIX)) return;
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (const other of document.querySelectorAll(".segment--linked")) mark(other, false);
  if (!row) return;
  mark(row, true);
  row.scrollIntoView({ block: "center" });
}

function mark(row, isLinked) {
  row.classList.toggle("segment--linked", isLinked);
  row.querySelector(".segment__source").tabIndex = isLinked ? 0 : -1;
}
