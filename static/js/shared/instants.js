// Compares instants of the server to the microsecond. They are ISO 8601 in UTC. Date keeps milliseconds only, and plain
// strings compare wrong if one of them has no fraction.

// The instant as sortable text: six decimals, no zone. Null for null.
export function sortableInstant(iso) {
  if (!iso) return null;
  const [whole, fraction = ""] = iso.replace(/(Z|\+00:00)$/, "").split(".");
  return `${whole}.${fraction.padEnd(6, "0")}`;
}

// Negative if `a` is earlier. An unknown instant comes last.
export function compareInstants(a, b) {
  const [left, right] = [sortableInstant(a) ?? "~", sortableInstant(b) ?? "~"];
  return left < right ? -1 : left > right ? 1 : 0;
}
