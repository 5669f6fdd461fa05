// The table of webhooks, newest first. While the reader has scrolled down or paused, new ones wait behind a button.
// Rows are drawn once a frame.
import { requestJson } from "../shared/api.js";
import { cloneTemplate, getParts, setText, setVisible } from "../shared/dom.js";
import { formatPhoneNumber, formatTime } from "../shared/format.js";
import { tn } from "../shared/i18n.js";
import { compareInstants } from "../shared/instants.js";
import { oncePerFrame } from "../shared/once_per_frame.js";
import { drawEventRow } from "./event_row.js";
import { cursorAfter, matchesFilter } from "./webhooks.js";

// A page may stay open for days, so the table must not grow without limit.
const MAX_ROWS = 1000;
const TOP_PX = 8;
const TYPING_PAUSE_MS = 250;

class EventTable extends HTMLElement {
  // Event id → row.
  #rows = new Map();
  // Event id → event, oldest first.
  #pendingEvents = new Map();
  // Call id → label.
  #callLabels = new Map();
  #form = document.getElementById("filters");
  #isPaused = false;
  #draw = oncePerFrame(() => this.#drawPending());
  #typingTimer;
  #requestNumber = 0;
  #nextCursor = null;
  // Whether the list of the current filter could not be loaded.
  #isStale = false;

  connectFeed({ live }) {
    this.parts = getParts(this);
    for (const row of this.parts.rows.children) this.#rows.set(row.dataset.eventId, row);
    for (const option of this.#form.elements.call_id.options) this.#callLabels.set(option.value, option.dataset.label ?? null);
    live.addEventListener("call", ({ detail }) => this.#addCallOption(detail.call));
    live.addEventListener("webhook", ({ detail }) => this.#addPending(detail.event));
    // The list has what came while the connection was away.
    live.addEventListener("state", ({ detail }) => detail.state === "live" && this.#reload({ isReturn: true }));
    this.#initFilters();
    this.addEventListener("scroll", () => this.#isAtTop() && this.#draw(), { passive: true });
    window.addEventListener("scroll", () => this.#isAtTop() && this.#draw(), { passive: true });
    this.parts.jump.addEventListener("click", () => this.scrollToTop());
    this.parts.older.addEventListener("click", (event) => this.#loadOlder(event));
    this.#nextCursor = new URL(this.parts.older.href).searchParams.get("after") || null;
  }

  scrollToTop() {
    this.#setPaused(false);
    this.scrollTop = 0;
    window.scrollTo(0, 0);
    this.#drawPending();
    this.focus({ preventScroll: true });
  }

  // Marks the row whose webhook is open.
  selectRow(id) {
    for (const [rowId, row] of this.#rows) {
      row.classList.toggle("ledger__row--selected", rowId === id);
      const link = row.querySelector(".ledger__link");
      if (rowId === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  linkFor(id) {
    return this.#rows.get(id)?.querySelector(".ledger__link") ?? null;
  }

  get filter() {
    return Object.fromEntries(new FormData(this.#form));
  }

  #addCallOption(call) {
    if (this.#callLabels.get(call.id)) return;
    const party = call.direction === "outbound" ? call.to : call.from;
    if (!party) return;
    this.#callLabels.set(call.id, formatPhoneNumber(party));
    const select = this.#form.elements.call_id;
    select.add(new Option(`${formatPhoneNumber(party)}, ${formatTime(call.started_at)}`, call.id), 1);
  }

  #addPending(event) {
    this.#addTypeOption(event.type);
    if (!matchesFilter(event, this.filter) || this.#rows.has(event.id)) return;
    this.#pendingEvents.set(event.id, event);
    if (this.#pendingEvents.size > MAX_ROWS) this.#pendingEvents.delete(this.#pendingEvents.keys().next().value);
    this.#draw();
  }

  #addTypeOption(type) {
    const select = this.#form.elements.type;
    if (type && ![...select.options].some((option) => option.value === type)) select.add(new Option(type));
  }

  #isAtTop() {
    return this.scrollTop <= TOP_PX && window.scrollY <= Math.max(TOP_PX, this.offsetTop);
  }

  #drawPending() {
    const isHeld = this.#isPaused || !this.#isAtTop();
    if (!isHeld) {
      for (const event of this.#pendingEvents.values()) this.#insertRow(event);
      this.#pendingEvents.clear();
      this.#removeOldest();
    }
    setVisible(this.parts.jump, this.#pendingEvents.size > 0);
    setText(this.parts.count, this.#pendingEvents.size ? tn("%(num)s new", "%(num)s new", this.#pendingEvents.size) : "");
    setVisible(this.parts.failed, this.#isStale);
    setVisible(this.parts.empty, !this.#isStale && this.#rows.size + this.#pendingEvents.size === 0);
    const isFiltered = Object.values(this.filter).some(Boolean);
    setVisible(this.parts["no-match"], isFiltered);
    setVisible(this.parts["none-yet"], !isFiltered);
  }

  // Inserts a row by its time, which is nearly always on top.
  #insertRow(event) {
    if (this.#rows.has(event.id)) return;
    const row = cloneTemplate("event-row");
    drawEventRow(row, event, (id) => this.#callLabels.get(id));
    let next = this.parts.rows.firstElementChild;
    while (next && compareInstants(next.dataset.at, event.at) > 0) next = next.nextElementSibling;
    this.parts.rows.insertBefore(row, next);
    this.#rows.set(event.id, row);
  }

  #removeOldest() {
    if (this.#rows.size <= MAX_ROWS) return;
    while (this.#rows.size > MAX_ROWS) {
      const row = this.parts.rows.lastElementChild;
      this.#rows.delete(row.dataset.eventId);
      row.remove();
    }
    // The removed rows are older than the ones shown.
    const { at, eventId } = this.parts.rows.lastElementChild.dataset;
    this.#setOlderCursor(cursorAfter({ at, id: eventId }));
  }

  #initFilters() {
    const applyFilter = () => {
      const query = new URLSearchParams(Object.entries(this.filter).filter(([, value]) => value));
      history.replaceState(history.state, "", `${location.pathname}${query.size ? `?${query}` : ""}`);
      this.#reload({ isReturn: false });
    };
    this.#form.addEventListener("change", (event) => event.target.name !== "q" && applyFilter());
    this.#form.addEventListener("input", (event) => {
      if (event.target.name !== "q") return;
      clearTimeout(this.#typingTimer);
      this.#typingTimer = setTimeout(applyFilter, TYPING_PAUSE_MS);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      applyFilter();
    });
    this.#form.querySelector('[data-part="pause"]').addEventListener("click", () => this.#setPaused(!this.#isPaused));
  }

  #setPaused(isPaused) {
    this.#isPaused = isPaused;
    this.#form.querySelector('[data-part="pause"]').setAttribute("aria-pressed", String(isPaused));
    this.#draw();
  }

  // Loads the list. After an absence it is added to the rows; after a change of the filter it replaces them.
  async #reload({ isReturn }) {
    const requestNumber = (this.#requestNumber += 1);
    const isAppending = isReturn && !this.#isStale;
    const page = isAppending ? await this.#loadMissed() : await this.#loadPage(this.filter);
    if (requestNumber !== this.#requestNumber) return;
    // The rows shown are still correct.
    if (!page && isAppending) return;
    this.#isStale = !page;
    if (isAppending && page.isComplete) {
      for (const event of page.events.toReversed()) this.#addPending(event);
      return;
    }
    // The rows of the previous filter must not look like the result of this one.
    const { events, next } = page ?? { events: [], next: null };
    this.#rows.clear();
    this.#pendingEvents.clear();
    this.parts.rows.replaceChildren();
    for (const event of events.toReversed()) this.#insertRow(event);
    this.#setOlderCursor(next);
    this.scrollTop = 0;
    this.#drawPending();
  }

  // Loads what came since the newest row shown, page by page. If that is too much, the rows are replaced.
  async #loadMissed() {
    const events = [];
    for (let after = ""; events.length < MAX_ROWS; ) {
      const page = await this.#loadPage({ ...this.filter, after });
      if (!page) return null;
      events.push(...page.events);
      const isComplete = !page.next || page.events.some((event) => this.#rows.has(event.id) || this.#pendingEvents.has(event.id));
      if (isComplete) return { events, isComplete };
      after = page.next;
    }
    return { events, isComplete: false, next: cursorAfter(events.at(-1)) };
  }

  async #loadOlder(event) {
    event.preventDefault();
    const requestNumber = this.#requestNumber;
    const page = await this.#loadPage({ ...this.filter, after: this.#nextCursor });
    if (!page || requestNumber !== this.#requestNumber) return;
    for (const older of page.events) this.#insertRow(older);
    this.#setOlderCursor(page.next);
  }

  #loadPage(query) {
    const params = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
    return requestJson("GET", `/api/events?${params}`).catch(() => null);
  }

  #setOlderCursor(next) {
    this.#nextCursor = next;
    setVisible(this.parts["older-box"], Boolean(next));
  }
}

customElements.define("event-table", EventTable);
