// Fills the models from the page that the server rendered.
import { Calls } from "./calls.js";
import { Sequence } from "./sequence.js";
import { Transcript } from "./transcript.js";

export function hydrateCalls() {
  const calls = new Calls();
  for (const element of document.querySelectorAll("[data-call]")) calls.upsert(JSON.parse(element.getAttribute("data-call")));
  return calls;
}

// The lines are on the page already, so the models need only what orders them.
export function hydrateOpenCall() {
  const { call: callJson } = document.getElementById("main").dataset;
  if (!callJson) return null;
  const { id, seq, state } = JSON.parse(callJson);
  const transcript = new Transcript();
  for (const row of document.querySelectorAll(".transcript__log .segment")) transcript.addSegment(lineFromRow(row));
  for (const row of document.querySelectorAll(".transcript__now > .segment")) transcript.updateInterim(lineFromRow(row));
  if (state === "ended") transcript.close();
  return { id, transcript, sequence: new Sequence(seq) };
}

function lineFromRow(row) {
  const { eventId, occurredAt, track } = row.dataset;
  const began = row.querySelector(".segment__time").dateTime;
  const text = row.querySelector(".segment__text > span").textContent;
  const speaker = ["caller", "callee"].find((side) => row.classList.contains(`segment--${side}`)) ?? "unknown";
  return { event_id: eventId, occurred_at: occurredAt, started_at: began === occurredAt ? null : began, track: track || null, speaker, text };
}
