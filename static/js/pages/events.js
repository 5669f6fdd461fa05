// The webhook inspector. The URL names the open webhook, so that it can be linked, reloaded and left by Back.
import "../events/event-drawer.js";
import "../events/event-table.js";
import { eventUrl } from "../events/webhooks.js";
import { Calls } from "../live/calls.js";
import { connectPage } from "../live/connect.js";
import "../shared/connection-status.js";

const LIST_URL = "/events";
const table = document.querySelector("event-table");
const drawer = document.querySelector("event-drawer");

const eventIdOfPage = () => (location.pathname.startsWith(`${LIST_URL}/`) ? decodeURIComponent(location.pathname.slice(LIST_URL.length + 1)) : null);
const isPlainClick = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

async function showEvent(id) {
  table.selectRow(id);
  if (id) return drawer.openEvent(id);
  const previousId = drawer.openEventId;
  drawer.close();
  (table.linkFor(previousId) ?? table).focus({ preventScroll: true });
}

function navigateTo(id) {
  history.pushState(null, "", `${id ? eventUrl(id) : LIST_URL}${location.search}`);
  showEvent(id);
}

connectPage(["connection-status", "event-table", "event-drawer"], { calls: new Calls(), events: true });

document.getElementById("main").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || !isPlainClick(event)) return;
  const { pathname } = new URL(link.href);
  const isEvent = pathname.startsWith(`${LIST_URL}/`);
  if (!isEvent && link.dataset.part !== "close") return;
  event.preventDefault();
  navigateTo(isEvent ? decodeURIComponent(pathname.slice(LIST_URL.length + 1)) : null);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !drawer.openEventId || event.defaultPrevented || event.target.closest("input, select")) return;
  event.preventDefault();
  navigateTo(null);
});
window.addEventListener("popstate", () => showEvent(eventIdOfPage()));
