// Connects a page: one socket, and the elements that use it.
import { LiveClient } from "./client.js";

// Each named element has `connectFeed({live, socket, calls, openCall, …context})`.
export function connectPage(elementNames, { calls, openCall = null, events = false, ...context }) {
  // WebSocket first, polling where a proxy does not let it through.
  const socket = /** @type {any} */ (window).io({ transports: ["websocket", "polling"], tryAllTransports: true, autoConnect: false });
  const live = new LiveClient({ socket, calls, openCall, events });
  for (const element of document.querySelectorAll(elementNames.join())) element.connectFeed({ live, socket, calls, openCall, ...context });
  live.start();
  // The network is back, so do not wait for the next attempt.
  window.addEventListener("online", () => live.state !== "live" && live.reconnect());
  return live;
}
