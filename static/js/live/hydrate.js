// What the server drew, read back into the models.
import { Calls } from "./calls.js";
import { Sequence } from "./sequence.js";
import { Transcript } from "./transcript.js";

export function callsOfPage() {
  const calls = new Calls();
  for (const element of document.querySelectorAll("[data-call]")) calls.put(JSON.parse(element.dataset.call));
  return calls;
}

// The lines are in the page already, so the model needs only what orders them.
export function openCallOfPage() {
  const { call: drawn } = document.getElementById("main").dataset;
  if (!drawn) return null;
  const { id, seq, state } = JSON.parse(drawn);
  const transcript = new Transcript();
  for (const row of document.querySelectorAll(".transcript__log .segment")) transcript.add(drawnLine(row));
  for (const row of document.querySelectorAll(".transcript__now > .segment")) transcript.hear(drawnLine(row));
  if (state === "ended") transcript.close();
  return { id, transcript, sequence: new Sequence(seq) };
}

function drawnLine(row) {
  const { eventId, occurredAt, track } = row.dataset;
  const began = row.querySelector(".segment__time").dateTime;
  const text = row.querySelector(".segment__text > span").textContent;
  const speaker = ["caller", "callee"].find((side) => row.classList.contains(`segment--${side}`)) ?? "unknown";
  return { event_id: eventId, occurred_at: occurredAt, started_at: began === occurredAt ? null : began, track: track || null, speaker, text };
}
