// Instants as the server writes them (ISO 8601, UTC, "Z"), compared to the microsecond. Date keeps milliseconds only,
// and plain strings compare wrong where one has a fraction and the other has none.

// The instant as text that sorts: always six decimals, no zone. Null for null.
export function sortableInstant(iso) {
  if (!iso) return null;
  const [whole, fraction = ""] = iso.replace(/(Z|\+00:00)$/, "").split(".");
  return `${whole}.${fraction.padEnd(6, "0")}`;
}

// Negative if `a` is earlier; an unknown instant comes last.
export function compareInstants(a, b) {
  const [left, right] = [sortableInstant(a) ?? "~", sortableInstant(b) ?? "~"];
  return left < right ? -1 : left > right ? 1 : 0;
}
