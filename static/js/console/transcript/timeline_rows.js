// Timeline entries between the lines of the log. The server builds the timeline. It is loaded again whenever the call
// has changed.
import { requestJson } from "../../shared/api.js";
import { cloneTemplate, setIcon, setText, setVariants } from "../../shared/dom.js";
import { formatTime } from "../../shared/format.js";
import { t } from "../../shared/i18n.js";
import { onCommandDone } from "../command_events.js";
import { placeRow, removeRow } from "./row_pages.js";

const KIND_ICONS = { answered: "phone", ended: "hangup", failed: "bad" };
const SWITCH_ICONS = { transcription: "text", streaming: "stream", fork: "fork" };
const VARIANTS = { started: "on", failed: "failed" };

const entryKey = ({ at, kind, text }) => [at, kind, text].join("|");
const rowKey = (row) => entryKey({ ...row.dataset, text: row.querySelector("p").firstChild.data.trim() });
export class TimelineRows {
  #log;
  #callId;
  #rows = new Map();
  #newEntries = null;
  #callFacts;
  #isLoading = false;
  #isStale = false;
  #onChange;

  // `changed` is called when there is something to draw.
  constructor({ log, live, call, changed }) {
    this.#log = log;
    this.#callId = call.id;
    this.#onChange = changed;
    this.#callFacts = factsKey(call);
    for (const row of log.querySelectorAll(".note")) this.#rows.set(rowKey(row), row);
    live.addEventListener("call", ({ detail }) => detail.call.id === call.id && this.#onCall(detail.call));
    live.addEventListener("caught-up", () => this.#reload());
    onCommandDone(call.id, () => this.#reload());
  }

  // `rowAfter` returns the row of the first line that is later than an instant.
  draw(rowAfter) {
    if (!this.#newEntries) return;
    const entries = new Map(this.#newEntries.map((entry) => [entryKey(entry), entry]));
    this.#newEntries = null;
    for (const [key, row] of this.#rows) {
      if (entries.has(key)) continue;
      removeRow(row);
      this.#rows.delete(key);
    }
    for (const [key, entry] of entries) {
      if (this.#rows.has(key)) continue;
      const row = drawEntry(cloneTemplate("note-row"), entry);
      this.#rows.set(key, row);
      placeRow(this.#log, row, rowAfter(entry.at));
    }
  }

  #onCall(call) {
    const facts = factsKey(call);
    if (facts === this.#callFacts) return;
    this.#callFacts = facts;
    this.#reload();
  }

  // Runs one request at a time, and one more if something changed meanwhile.
  async #reload() {
    this.#isStale = true;
    if (this.#isLoading) return;
    this.#isLoading = true;
    while (this.#isStale) {
      this.#isStale = false;
      // If the server is away, the next request follows when the page has caught up.
      const response = await requestJson("GET", `/api/calls/${encodeURIComponent(this.#callId)}/notes`).catch(() => null);
      if (!response) continue;
      this.#newEntries = response.notes;
      this.#onChange();
    }
    this.#isLoading = false;
  }
}

// The facts that the timeline is built from, as one comparable text.
function factsKey({ started_at, answered_at, ended_at, hangup_cause, switches }) {
  const states = Object.values(switches).map(({ state, since, reason }) => [state, since, reason]);
  return JSON.stringify([started_at, answered_at, ended_at, hangup_cause, states]);
}

function drawEntry(row, entry) {
  const time = row.querySelector("time");
  row.dataset.at = entry.at;
  row.dataset.kind = entry.kind;
  setVariants(row, "note", VARIANTS[entry.kind]);
  setText(time, formatTime(entry.at));
  time.dateTime = entry.at;
  setIcon(row.querySelector(".icon"), KIND_ICONS[entry.kind] ?? SWITCH_ICONS[entry.about] ?? "bang");
  const text = row.querySelector("p");
  setText(text, entry.text);
  if (entry.event_id) text.append(" ", createEventLink(entry.event_id));
  return row;
}

function createEventLink(eventId) {
  const link = document.createElement("a");
  link.className = "note__source";
  link.href = `/events/${encodeURIComponent(eventId)}`;
  link.textContent = t("See the event");
  return link;
}
