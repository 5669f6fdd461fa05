// What every live page begins with: one connection, and the elements that follow it.
import { Live } from "./client.js";

// `names` are the elements that have a `follow`; it is given {live, socket, calls, open} and whatever is in `more`.
export function startLive(names, { calls, open = null, events = false, ...more }) {
  // WebSocket first; polling where something in between does not let that through.
  const socket = window.io({ transports: ["websocket", "polling"], tryAllTransports: true, autoConnect: false });
  const live = new Live({ socket, calls, open, events });
  for (const element of document.querySelectorAll(names.join())) element.follow({ live, socket, calls, open, ...more });
  live.start();
  // The network is back: no need to wait for the next attempt.
  window.addEventListener("online", () => live.state !== "live" && live.tryNow());
  return live;
}
