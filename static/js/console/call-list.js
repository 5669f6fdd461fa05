// The call list: live calls by start, then recent calls. Recent calls are listed newest first. Cards are drawn once a
// frame and only if their call changed. A card moves only when its call ends.
import { compareByStart } from "../live/calls.js";
import { getCsrfToken, requestJson, runCommand } from "../shared/api.js";
import { cloneTemplate, getParts, isBusy, setBusy, setText, setVisible } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { oncePerFrame } from "../shared/once_per_frame.js";
import { showToast } from "../shared/toast.js";
import { drawCallCard } from "./call_card.js";
import { notifyCommandDone } from "./command_events.js";

// Number of calls that the server draws and that "Show older" adds.
const RECENT_PAGE_SIZE = 50;

const EMPTY_TEXTS = { all: t("No calls yet."), live: t("No call is running."), ended: t("No call has ended yet.") };

class CallList extends HTMLElement {
  #calls;
  #cards = new Map();
  #changedIds = new Set();
  #draw = oncePerFrame(() => this.#drawChangedCalls());
  #query = "";
  #stateFilter = "all";
  #recentLimit = RECENT_PAGE_SIZE;
  #openCallId;

  connectFeed({ live, calls, openCall = null }) {
    this.#calls = calls;
    this.#openCallId = openCall?.id ?? null;
    this.parts = getParts(this);
    for (const card of this.querySelectorAll(".call")) this.#registerCard(card, JSON.parse(card.dataset.call).id);
    for (const call of calls.all) this.#changedIds.add(call.id);
    this.#drawChangedCalls();
    for (const eventType of ["call", "last-words"]) {
      live.addEventListener(eventType, ({ detail: { call } }) => {
        this.#changedIds.add(call.id);
        this.#draw();
      });
    }
    this.#initFilter();
    this.parts.older.addEventListener("click", () => this.#loadOlder());
  }

  #registerCard(card, id) {
    this.#cards.set(id, card);
    card.querySelector('[data-part="answer"]').addEventListener("click", (event) => this.#answerCall(id, event.currentTarget));
  }

  #drawChangedCalls() {
    for (const id of this.#changedIds) this.#drawCall(this.#calls.get(id));
    this.#changedIds.clear();
    this.#removeOldest();
    this.#drawGroups();
    if (this.#query) this.#applyFilter();
  }

  // Shows the groups that match the filter and are not empty.
  #drawGroups() {
    const counts = { live: this.parts.live.childElementCount, recent: this.parts.recent.childElementCount };
    setText(this.parts["live-count"], String(counts.live));
    for (const [group, state] of [["live", "live"], ["recent", "ended"]]) {
      const isSelected = this.#stateFilter === "all" || this.#stateFilter === state;
      setVisible(this.parts[`${group}-title`], isSelected && counts[group] > 0);
      setVisible(this.parts[group], isSelected);
    }
    const visibleCount = { all: counts.live + counts.recent, live: counts.live, ended: counts.recent }[this.#stateFilter];
    setText(this.parts["none-words"], EMPTY_TEXTS[this.#stateFilter]);
    setVisible(this.parts.none, visibleCount === 0);
    setVisible(this.parts["older-line"], Boolean(this.parts.older.dataset.after) && this.#stateFilter !== "live");
  }

  // Loads the next page of calls. Live calls are in the list already, so only newer versions of them count.
  async #loadOlder() {
    const button = this.parts.older;
    if (isBusy(button)) return;
    setBusy(button, true);
    try {
      const page = await requestJson("GET", `/api/calls?${new URLSearchParams({ after: button.dataset.after })}`);
      for (const call of page.calls) if (this.#calls.upsert(call)) this.#changedIds.add(call.id);
      this.#recentLimit += page.calls.length;
      button.dataset.after = page.next ?? "";
      this.#drawChangedCalls();
    } catch (error) {
      showToast(error.title, error.text);
    } finally {
      setBusy(button, false);
    }
  }

  #drawCall(call) {
    if (!this.#cards.has(call.id)) this.#registerCard(this.#createCard(call.id), call.id);
    const card = this.#cards.get(call.id);
    drawCallCard(card, call, document.body.dataset.role);
    this.#placeCard(card, call);
  }

  #createCard(id) {
    const card = cloneTemplate("call-card");
    card.classList.toggle("call--selected", id === this.#openCallId);
    if (id === this.#openCallId) card.querySelector(".call__link").setAttribute("aria-current", "true");
    return card;
  }

  // Moves the card to where its call belongs.
  #placeCard(card, call) {
    const isEnded = call.state === "ended";
    const list = isEnded ? this.parts.recent : this.parts.live;
    if (card.parentElement === list && card.callStart === call.started_at) return;
    card.callStart = call.started_at;
    card.callId = call.id;
    const isBefore = (other) => {
      if (other === card || !other.callId) return false;
      const order = compareByStart(call, this.#calls.get(other.callId));
      return isEnded ? order > 0 : order < 0;
    };
    list.insertBefore(card, [...list.children].find(isBefore) ?? null);
  }

  // A page may stay open for days, so the list must not grow without limit.
  #removeOldest() {
    for (const card of [...this.parts.recent.children].slice(this.#recentLimit)) {
      card.remove();
      this.#cards.delete(card.callId);
    }
  }

  async #answerCall(id, button) {
    if (isBusy(button)) return;
    setBusy(button, true);
    try {
      await runCommand(id, "answer", {}, { csrfToken: getCsrfToken() });
    } catch (error) {
      setBusy(button, false);
      showToast(error.title, [error.text, error.code].filter(Boolean).join(" · "));
    } finally {
      notifyCommandDone(id);
    }
  }

  #initFilter() {
    const search = document.querySelector("[data-filter]");
    const input = search.querySelector("input");
    const readQuery = () => {
      this.#query = input.value.trim().toLowerCase();
      this.#applyFilter();
    };
    const clearQuery = () => {
      input.value = "";
      readQuery();
      input.focus();
    };
    input.addEventListener("input", readQuery);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing && this.#query) location.assign(this.parts["search-all"].href);
      if (event.key !== "Escape") return;
      clearQuery();
      input.blur();
    });
    this.parts.clear.addEventListener("click", clearQuery);
    for (const option of document.querySelectorAll("[data-rail-state] input")) {
      option.addEventListener("change", () => {
        this.#stateFilter = option.value;
        this.#drawGroups();
        this.#applyFilter();
      });
    }
  }

  // Shows the cards that match the filter. Spaces are ignored: +15550100142 finds +1 555 010 0142.
  #applyFilter() {
    const normalize = (text) => text.toLowerCase().replaceAll(" ", "");
    const query = normalize(this.#query);
    let matchCount = 0;
    for (const card of this.#cards.values()) {
      const isMatch = normalize(cardText(card)).includes(query);
      setVisible(card, isMatch);
      matchCount += isMatch && !card.parentElement.hidden;
    }
    setText(this.parts.sought, this.#query);
    setVisible(this.parts["no-match"], Boolean(query) && matchCount === 0);
    this.#drawSearchLink();
  }

  // The list has recent calls only, so offer the search over all calls.
  #drawSearchLink() {
    const link = this.parts["search-all"];
    link.href = `/search?${new URLSearchParams({ q: this.#query })}`;
    setText(this.parts.searched, this.#query);
    setVisible(link, Boolean(this.#query));
  }
}

// The visible text of a card, without its buttons.
function cardText(card) {
  const { link, route, words, hits } = getParts(card);
  return [link, route, words, hits].map((part) => (part.hidden ? "" : part.textContent)).join(" ");
}

customElements.define("call-list", CallList);
