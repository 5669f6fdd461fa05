// The webhook inspector. Which webhook is open is in the address, so that it can be linked, reloaded and gone back from.
import "../events/event-drawer.js";
import "../events/event-table.js";
import { addressOf } from "../events/webhooks.js";
import { Calls } from "../live/calls.js";
import { startLive } from "../live/connect.js";
import "../shared/connection-status.js";

const LIST = "/events";
const ledger = document.querySelector("event-table");
const drawer = document.querySelector("event-drawer");

const idOfPage = () => (location.pathname.startsWith(`${LIST}/`) ? decodeURIComponent(location.pathname.slice(LIST.length + 1)) : null);
const isPlainClick = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

async function show(id) {
  ledger.select(id);
  if (id) return drawer.open(id);
  const before = drawer.openId;
  drawer.close();
  (ledger.linkOf(before) ?? ledger).focus({ preventScroll: true });
}

function go(id) {
  history.pushState(null, "", `${id ? addressOf(id) : LIST}${location.search}`);
  show(id);
}

startLive(["connection-status", "event-table", "event-drawer"], { calls: new Calls(), events: true });

document.getElementById("main").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || !isPlainClick(event)) return;
  const { pathname } = new URL(link.href);
  const isEvent = pathname.startsWith(`${LIST}/`);
  if (!isEvent && link.dataset.part !== "close") return;
  event.preventDefault();
  go(isEvent ? decodeURIComponent(pathname.slice(LIST.length + 1)) : null);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !drawer.openId || event.defaultPrevented || event.target.closest("input, select")) return;
  event.preventDefault();
  go(null);
});
window.addEventListener("popstate", () => show(idOfPage()));
