// Marks and shows the line of the URL (#line-<event id>). The transcript then stays there.
const HASH_PREFIX = "#line-";

export function showLinkedLine() {
  if (!location.hash.startsWith(HASH_PREFIX)) return;
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (const linkedRow of document.querySelectorAll(".segment--linked")) setLinked(linkedRow, false);
  if (!row) return;
  setLinked(row, true);
  row.scrollIntoView({ block: "center" });
}

function setLinked(row, isLinked) {
  row.classList.toggle("segment--linked", isLinked);
  row.querySelector(".segment__source").tabIndex = isLinked ? 0 : -1;
}
