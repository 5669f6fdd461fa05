// The rail: live calls in order of start, then recent ones, newest first. Cards are drawn once a frame, and only those
// whose call changed; a card moves only when its call ends.
import { byStart } from "../live/calls.js";
import { ask, csrfToken, runCommand } from "../shared/api.js";
import { clone, isBusy, partsOf, say, setBusy, show } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { oncePerFrame } from "../shared/once_per_frame.js";
import { toast } from "../shared/toast.js";
import { drawCard } from "./call_card.js";
import { told } from "./command_events.js";

const RECENT_SHOWN = 50; // as many as the server draws, and as many more each time older ones are asked for

const NONE = { all: t("No calls yet."), live: t("No call is running."), ended: t("No call has ended yet.") };

class CallList extends HTMLElement {
  #calls;
  #cards = new Map();
  #changed = new Set();
  #draw = oncePerFrame(() => this.#drawChanged());
  #sought = "";
  #state = "all";
  #recentShown = RECENT_SHOWN;
  #openId;

  follow({ live, calls, open = null }) {
    this.#calls = calls;
    this.#openId = open?.id ?? null;
    this.parts = partsOf(this);
    for (const card of this.querySelectorAll(".call")) this.#adopt(card, JSON.parse(card.dataset.call).id);
    for (const call of calls.all) this.#changed.add(call.id);
    this.#drawChanged();
    for (const news of ["call", "words"]) {
      live.addEventListener(news, ({ detail: { call } }) => {
        this.#changed.add(call.id);
        this.#draw();
      });
    }
    this.#startFilter();
    this.parts.older.addEventListener("click", () => this.#showOlder());
  }

  #adopt(card, id) {
    this.#cards.set(id, card);
    card.querySelector('[data-part="answer"]').addEventListener("click", (event) => this.#answer(id, event.currentTarget));
  }

  #drawChanged() {
    for (const id of this.#changed) this.#drawCall(this.#calls.get(id));
    this.#changed.clear();
    this.#dropOldest();
    this.#drawGroups();
    if (this.#sought) this.#filter();
  }

  // The groups, as far as they are asked for and have anything in them.
  #drawGroups() {
    const counts = { live: this.parts.live.childElementCount, recent: this.parts.recent.childElementCount };
    say(this.parts["live-count"], String(counts.live));
    for (const [group, state] of [["live", "live"], ["recent", "ended"]]) {
      const isWanted = this.#state === "all" || this.#state === state;
      show(this.parts[`${group}-title`], isWanted && counts[group] > 0);
      show(this.parts[group], isWanted);
    }
    const wanted = { all: counts.live + counts.recent, live: counts.live, ended: counts.recent }[this.#state];
    say(this.parts["none-words"], NONE[this.#state]);
    show(this.parts.none, wanted === 0);
    show(this.parts["older-line"], Boolean(this.parts.older.dataset.after) && this.#state !== "live");
  }

  // The next page of calls. Those that still run are in the rail already, and only get newer.
  async #showOlder() {
    const button = this.parts.older;
    if (isBusy(button)) return;
    setBusy(button, true);
    try {
      const page = await ask("GET", `/api/calls?${new URLSearchParams({ after: button.dataset.after })}`);
      for (const call of page.calls) if (this.#calls.put(call)) this.#changed.add(call.id);
      this.#recentShown += page.calls.length;
      button.dataset.after = page.next ?? "";
      this.#drawChanged();
    } catch (refused) {
      toast(refused.title, refused.text);
    } finally {
      setBusy(button, false);
    }
  }

  #drawCall(call) {
    if (!this.#cards.has(call.id)) this.#adopt(this.#newCard(call.id), call.id);
    const card = this.#cards.get(call.id);
    drawCard(card, call, document.body.dataset.role);
    this.#place(card, call);
  }

  #newCard(id) {
    const card = clone("call-card");
    card.classList.toggle("call--selected", id === this.#openId);
    if (id === this.#openId) card.querySelector(".call__link").setAttribute("aria-current", "true");
    return card;
  }

  // Puts the card where its call belongs, unless it is there already.
  #place(card, call) {
    const isEnded = call.state === "ended";
    const list = isEnded ? this.parts.recent : this.parts.live;
    if (card.parentElement === list && card.callStart === call.started_at) return;
    card.callStart = call.started_at;
    card.callId = call.id;
    const comesBefore = (other) => {
      if (other === card || !other.callId) return false;
      const order = byStart(call, this.#calls.get(other.callId));
      return isEnded ? order > 0 : order < 0;
    };
    list.insertBefore(card, [...list.children].find(comesBefore) ?? null);
  }

  // A page that stays open for days must not grow for days.
  #dropOldest() {
    for (const card of [...this.parts.recent.children].slice(this.#recentShown)) {
      card.remove();
      this.#cards.delete(card.callId);
    }
  }

  async #answer(id, button) {
    if (isBusy(button)) return;
    setBusy(button, true);
    try {
      await runCommand(id, "answer", {}, { csrfToken: csrfToken() });
    } catch (refused) {
      setBusy(button, false);
      toast(refused.title, [refused.text, refused.code].filter(Boolean).join(" · "));
    } finally {
      told(id);
    }
  }

  #startFilter() {
    const search = document.querySelector("[data-filter]");
    const input = search.querySelector("input");
    const seek = () => {
      this.#sought = input.value.trim().toLowerCase();
      this.#filter();
    };
    const clear = () => {
      input.value = "";
      seek();
      input.focus();
    };
    input.addEventListener("input", seek);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing && this.#sought) location.assign(this.parts["search-all"].href);
      if (event.key !== "Escape") return;
      clear();
      input.blur();
    });
    this.parts.clear.addEventListener("click", clear);
    for (const choice of document.querySelectorAll("[data-rail-state] input")) {
      choice.addEventListener("change", () => {
        this.#state = choice.value;
        this.#drawGroups();
        this.#filter();
      });
    }
  }

  // Spaces do not count: +15550100142 finds +1 555 010 0142.
  #filter() {
    const squeeze = (text) => text.toLowerCase().replaceAll(" ", "");
    const sought = squeeze(this.#sought);
    let found = 0;
    for (const card of this.#cards.values()) {
      const isMatch = squeeze(wordsOf(card)).includes(sought);
      show(card, isMatch);
      found += isMatch && !card.parentElement.hidden;
    }
    say(this.parts.sought, this.#sought);
    show(this.parts["no-match"], Boolean(sought) && found === 0);
    this.#offerSearch();
  }

  // The rail knows a few calls and their last words; the search knows everything.
  #offerSearch() {
    const link = this.parts["search-all"];
    link.href = `/search?${new URLSearchParams({ q: this.#sought })}`;
    say(this.parts.searched, this.#sought);
    show(link, Boolean(this.#sought));
  }
}

// What can be read on a card: not its buttons, nor what is hidden.
function wordsOf(card) {
  const { link, route, words, hits } = partsOf(card);
  return [link, route, words, hits].map((part) => (part.hidden ? "" : part.textContent)).join(" ");
}

customElements.define("call-list", CallList);
