// What every live page begins with: one connection, and the elements that follow it.
import { LiveClient } from "./client.js";

// `names` are the elements that have a `follow`; it is given {live, socket, calls, open} and whatever is in `more`.
export function connectPage(elementNames, { calls, openCall = null, events = false, ...context }) {
  // WebSocket first; polling where something in between does not let that through.
  const socket = window.io({ transports: ["websocket", "polling"], tryAllTransports: true, autoConnect: false });
  const live = new LiveClient({ socket, calls, openCall, events });
  for (const element of document.querySelectorAll(elementNames.join())) element.connectFeed({ live, socket, calls, openCall, ...context });
  live.start();
  // The network is back: no need to wait for the next attempt.
  window.addEventListener("online", () => live.state !== "live" && live.reconnect());
  return live;
}
