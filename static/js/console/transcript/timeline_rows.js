// What happened to the call, told between the lines. The server tells the story, for a reload and for an open page alike;
// here it is asked for again whenever the call has changed.
import { ask } from "../../shared/api.js";
import { clone, say, setIcon, vary } from "../../shared/dom.js";
import { clock } from "../../shared/format.js";
import { t } from "../../shared/i18n.js";
import { onAnswer } from "../command_events.js";
import { placeRow, removeRow } from "./row_pages.js";

const KIND_ICONS = { answered: "phone", ended: "hangup", failed: "bad" };
const SWITCH_ICONS = { transcription: "text", streaming: "stream", fork: "fork" };
const VARIANTS = { started: "on", failed: "failed" };

const keyOf = ({ at, kind, text }) => [at, kind, text].join("|");
const keyOfRow = (row) => keyOf({ ...row.dataset, text: row.querySelector("p").firstChild.data.trim() });
export class LogNotes {
  #log;
  #callId;
  #rows = new Map();
  #told = null;
  #seen;
  #asking = false;
  #isStale = false;
  #changed;

  // `changed` is called when there is something to draw.
  constructor({ log, live, call, changed }) {
    this.#log = log;
    this.#callId = call.id;
    this.#changed = changed;
    this.#seen = factsOf(call);
    for (const row of log.querySelectorAll(".note")) this.#rows.set(keyOfRow(row), row);
    live.addEventListener("call", ({ detail }) => detail.call.id === call.id && this.#look(detail.call));
    live.addEventListener("caughtup", () => this.#ask());
    onAnswer(call.id, () => this.#ask());
  }

  // `rowAfter` finds the row of the first line that is later than an instant.
  draw(rowAfter) {
    if (!this.#told) return;
    const told = new Map(this.#told.map((note) => [keyOf(note), note]));
    this.#told = null;
    for (const [key, row] of this.#rows) {
      if (told.has(key)) continue;
      removeRow(row);
      this.#rows.delete(key);
    }
    for (const [key, note] of told) {
      if (this.#rows.has(key)) continue;
      const row = drawNote(clone("note-row"), note);
      this.#rows.set(key, row);
      placeRow(this.#log, row, rowAfter(note.at));
    }
  }

  #look(call) {
    const facts = factsOf(call);
    if (facts === this.#seen) return;
    this.#seen = facts;
    this.#ask();
  }

  // One question at a time, and one more if something happened meanwhile.
  async #ask() {
    this.#isStale = true;
    if (this.#asking) return;
    this.#asking = true;
    while (this.#isStale) {
      this.#isStale = false;
      // A server that is away for a moment is asked again when the page has caught up.
      const answer = await ask("GET", `/api/calls/${encodeURIComponent(this.#callId)}/notes`).catch(() => null);
      if (!answer) continue;
      this.#told = answer.notes;
      this.#changed();
    }
    this.#asking = false;
  }
}

// All of a call that its story is made of.
function factsOf({ started_at, answered_at, ended_at, hangup_cause, switches }) {
  const states = Object.values(switches).map(({ state, since, reason }) => [state, since, reason]);
  return JSON.stringify([started_at, answered_at, ended_at, hangup_cause, states]);
}

function drawNote(row, note) {
  const time = row.querySelector("time");
  row.dataset.at = note.at;
  row.dataset.kind = note.kind;
  vary(row, "note", VARIANTS[note.kind]);
  say(time, clock(note.at));
  time.dateTime = note.at;
  setIcon(row.querySelector(".icon"), KIND_ICONS[note.kind] ?? SWITCH_ICONS[note.about] ?? "bang");
  const text = row.querySelector("p");
  say(text, note.text);
  if (note.event_id) text.append(" ", sourceOf(note.event_id));
  return row;
}

function sourceOf(eventId) {
  const link = document.createElement("a");
  link.className = "note__source";
  link.href = `/events/${encodeURIComponent(eventId)}`;
  link.textContent = t("See the event");
  return link;
}
