// Every webhook, newest on top, as they come. Who reads further down, or has paused, is not moved: new ones wait behind
// a pill. Rows are drawn once a frame, however many came.
import { ask } from "../shared/api.js";
import { clone, partsOf, say, show } from "../shared/dom.js";
import { clock, number } from "../shared/format.js";
import { tn } from "../shared/i18n.js";
import { compareInstants } from "../shared/instants.js";
import { oncePerFrame } from "../shared/once_per_frame.js";
import { drawRow } from "./event_row.js";
import { cursorAfter, isWanted } from "./webhooks.js";

const ROWS_KEPT = 1000; // a page that stays open for days must not grow for days
const TOP_PX = 8;
const TYPING_MS = 250;

class EventTable extends HTMLElement {
  #rows = new Map(); // id → row
  #waiting = new Map(); // id → event, oldest first
  #labels = new Map(); // call id → what it is called
  #form = document.getElementById("filters");
  #isPaused = false;
  #draw = oncePerFrame(() => this.#drawWaiting());
  #typing;
  #asked = 0;
  #next = null;
  #isStale = false; // that another filter was chosen, and its list did not come

  follow({ live, calls }) {
    this.parts = partsOf(this);
    for (const row of this.parts.rows.children) this.#rows.set(row.dataset.eventId, row);
    for (const option of this.#form.elements.call_id.options) this.#labels.set(option.value, option.dataset.label ?? null);
    live.addEventListener("call", ({ detail }) => this.#know(detail.call));
    live.addEventListener("webhook", ({ detail }) => this.#take(detail.event));
    // Whatever came while this page was away is listed by now.
    live.addEventListener("state", ({ detail }) => detail.state === "live" && this.#look({ isReturn: true }));
    this.#startFilters();
    this.addEventListener("scroll", () => this.#isAtTop() && this.#draw(), { passive: true });
    window.addEventListener("scroll", () => this.#isAtTop() && this.#draw(), { passive: true });
    this.parts.jump.addEventListener("click", () => this.toTop());
    this.parts.older.addEventListener("click", (event) => this.#more(event));
    this.#next = new URL(this.parts.older.href).searchParams.get("after") || null;
  }

  toTop() {
    this.#pause(false);
    this.scrollTop = 0;
    window.scrollTo(0, 0);
    this.#drawWaiting();
    this.focus({ preventScroll: true });
  }

  // Which row is open beside the table.
  select(id) {
    for (const [each, row] of this.#rows) {
      row.classList.toggle("ledger__row--selected", each === id);
      const link = row.querySelector(".ledger__link");
      if (each === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  linkOf(id) {
    return this.#rows.get(id)?.querySelector(".ledger__link") ?? null;
  }

  get filter() {
    return Object.fromEntries(new FormData(this.#form));
  }

  #know(call) {
    if (this.#labels.get(call.id)) return;
    const other = call.direction === "outbound" ? call.to : call.from;
    if (!other) return;
    this.#labels.set(call.id, number(other));
    const select = this.#form.elements.call_id;
    select.add(new Option(`${number(other)}, ${clock(call.started_at)}`, call.id), 1);
  }

  #take(event) {
    this.#offerType(event.type);
    if (!isWanted(event, this.filter) || this.#rows.has(event.id)) return;
    this.#waiting.set(event.id, event);
    if (this.#waiting.size > ROWS_KEPT) this.#waiting.delete(this.#waiting.keys().next().value);
    this.#draw();
  }

  #offerType(type) {
    const select = this.#form.elements.type;
    if (type && ![...select.options].some((option) => option.value === type)) select.add(new Option(type));
  }

  #isAtTop() {
    return this.scrollTop <= TOP_PX && window.scrollY <= Math.max(TOP_PX, this.offsetTop);
  }

  #drawWaiting() {
    const isHeld = this.#isPaused || !this.#isAtTop();
    if (!isHeld) {
      for (const event of this.#waiting.values()) this.#insert(event);
      this.#waiting.clear();
      this.#dropOldest();
    }
    show(this.parts.jump, this.#waiting.size > 0);
    say(this.parts.count, this.#waiting.size ? tn("%(num)s new", "%(num)s new", this.#waiting.size) : "");
    show(this.parts.failed, this.#isStale);
    show(this.parts.empty, !this.#isStale && this.#rows.size + this.#waiting.size === 0);
    const isFiltered = Object.values(this.filter).some(Boolean);
    show(this.parts["no-match"], isFiltered);
    show(this.parts["none-yet"], !isFiltered);
  }

  // Where its time says: nearly always on top.
  #insert(event) {
    if (this.#rows.has(event.id)) return;
    const row = clone("event-row");
    drawRow(row, event, (id) => this.#labels.get(id));
    let next = this.parts.rows.firstElementChild;
    while (next && compareInstants(next.dataset.at, event.at) > 0) next = next.nextElementSibling;
    this.parts.rows.insertBefore(row, next);
    this.#rows.set(event.id, row);
  }

  #dropOldest() {
    if (this.#rows.size <= ROWS_KEPT) return;
    while (this.#rows.size > ROWS_KEPT) {
      const row = this.parts.rows.lastElementChild;
      this.#rows.delete(row.dataset.eventId);
      row.remove();
    }
    // What was dropped is older now than what is shown.
    const { at, eventId } = this.parts.rows.lastElementChild.dataset;
    this.#offerOlder(cursorAfter({ at, id: eventId }));
  }

  #startFilters() {
    const change = () => {
      const query = new URLSearchParams(Object.entries(this.filter).filter(([, value]) => value));
      history.replaceState(history.state, "", `${location.pathname}${query.size ? `?${query}` : ""}`);
      this.#look({ isReturn: false });
    };
    this.#form.addEventListener("change", (event) => event.target.name !== "q" && change());
    this.#form.addEventListener("input", (event) => {
      if (event.target.name !== "q") return;
      clearTimeout(this.#typing);
      this.#typing = setTimeout(change, TYPING_MS);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      change();
    });
    this.#form.querySelector('[data-part="pause"]').addEventListener("click", () => this.#pause(!this.#isPaused));
  }

  #pause(isPaused) {
    this.#isPaused = isPaused;
    this.#form.querySelector('[data-part="pause"]').setAttribute("aria-pressed", String(isPaused));
    this.#draw();
  }

  // The list as the server has it. After an absence it adds to what is shown; another filter replaces it.
  async #look({ isReturn }) {
    const asked = (this.#asked += 1);
    const adds = isReturn && !this.#isStale;
    const told = adds ? await this.#missed() : await this.#page(this.filter);
    if (asked !== this.#asked) return;
    if (!told && adds) return; // what is shown is still true
    this.#isStale = !told;
    if (adds && told.meets) {
      for (const event of told.events.toReversed()) this.#take(event);
      return;
    }
    // Where another filter's list did not come, rows of the one before would be taken for it.
    const { events, next } = told ?? { events: [], next: null };
    this.#rows.clear();
    this.#waiting.clear();
    this.parts.rows.replaceChildren();
    for (const event of events.toReversed()) this.#insert(event);
    this.#offerOlder(next);
    this.scrollTop = 0;
    this.#drawWaiting();
  }

  // What came since, as far as what is shown: page after page, and nothing but that if it is too much.
  async #missed() {
    const events = [];
    for (let after = ""; events.length < ROWS_KEPT; ) {
      const told = await this.#page({ ...this.filter, after });
      if (!told) return null;
      events.push(...told.events);
      const meets = !told.next || told.events.some((event) => this.#rows.has(event.id) || this.#waiting.has(event.id));
      if (meets) return { events, meets };
      after = told.next;
    }
    return { events, meets: false, next: cursorAfter(events.at(-1)) };
  }

  async #more(event) {
    event.preventDefault();
    const asked = this.#asked;
    const told = await this.#page({ ...this.filter, after: this.#next });
    if (!told || asked !== this.#asked) return;
    for (const each of told.events) this.#insert(each);
    this.#offerOlder(told.next);
  }

  #page(query) {
    const wanted = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
    return ask("GET", `/api/events?${wanted}`).catch(() => null);
  }

  #offerOlder(next) {
    this.#next = next;
    show(this.parts["older-box"], Boolean(next));
  }
}

customElements.define("event-table", EventTable);
