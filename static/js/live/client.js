// The live protocol (docs/live-protocol.md): takes part, keeps the models true, and tells the elements what changed.
// Knows the socket and the models, and nothing of the page.

export const CHANGE_TYPES = ["call.updated", "segment.final", "segment.interim", "stream.level", "webhook.seen"];
const [CALL_UPDATED, SEGMENT_FINAL, SEGMENT_INTERIM, STREAM_LEVEL, WEBHOOK_SEEN] = CHANGE_TYPES;

const GAP_WAIT_MS = 1000; // a missing number may still be on its way for this long
const REPLY_TIMEOUT_MS = 10_000;
const OFFLINE_AFTER_MS = 30_000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_DOUBLINGS = 5;

// Events: `state` {state, since}, `call` {call}, `words` {call} when nothing of a call is new but its lines and last words,
// `line` {segment, next, timing}, `interims` {}, `level` {stream}, `hit` {call, segment} for each new line with a keyword,
// `webhook` {event}, `caughtup` {lines}.
// `state` is connecting, live, waiting (it was live and will be again), offline (that takes long) or refused (it will
// not come back by itself).
export class LiveClient extends EventTarget {
  #socket;
  #calls;
  #openCall;
  #wantsEvents;
  #gapTimer = null;
  #retryTimer = null;
  #offlineTimer = null;
  #wasLive = false;
  #isResuming = false;
  #retryCount = 0;

  // `open` is the call this page shows, {id, transcript, sequence}, or null; `events` asks for webhooks too.
  constructor({ socket, calls, openCall = null, events = false }) {
    super();
    this.#socket = socket;
    this.#calls = calls;
    this.#openCall = openCall;
    this.#wantsEvents = events;
    this.state = "connecting";
    this.since = new Date();
  }

  start() {
    const socket = this.#socket;
    socket.on("connect", () => this.#resumeFeed());
    socket.on("changes", (changes) => this.#onChanges(changes));
    socket.on("disconnect", (reason) => this.#onDisconnect(reason));
    socket.on("connect_error", () => (socket.active ? this.#setAway() : this.#setState("refused")));
    this.#setAway();
    if (socket.connected) this.#resumeFeed();
    else socket.connect();
  }

  // Somebody does not want to wait for the next attempt.
  reconnect() {
    this.#socket.disconnect().connect();
  }

  // After any absence, the first one included: what is true now, and what was said meanwhile.
  async #resumeFeed() {
    if (this.#isResuming) return;
    this.#isResuming = true;
    try {
      const { calls } = await this.#requestWatch({});
      for (const call of calls) this.#applyCall(call);
      if (this.#wantsEvents) await this.#requestWatch({ events: true });
      const lines = this.#openCall ? await this.#fetchMissing() : 0;
      const isReturn = this.#wasLive && this.state !== "live";
      this.#wasLive = true;
      this.#retryCount = 0;
      this.#setState("live");
      if (isReturn) this.#emit("caught-up", { lines });
    } catch {
      this.#retryCount += 1;
      this.#scheduleRetry(() => this.#socket.connected && this.#resumeFeed());
    } finally {
      this.#isResuming = false;
    }
  }

  // Asks for what is missing of the open call. Returns how many lines were new.
  async #fetchMissing() {
    const { id, transcript, sequence } = this.#openCall;
    const { call, segments, interims, seq } = await this.#requestWatch({ call_id: id, after_seq: sequence.contiguousUpTo });
    const lines = segments.filter((segment) => this.#applySegment(segment)).length;
    transcript.replaceInterims(interims);
    this.#emit("interims");
    this.#applyCall(call);
    sequence.completeUpTo(seq);
    return lines;
  }

  async #requestWatch(request) {
    const reply = await this.#socket.timeout(REPLY_TIMEOUT_MS).emitWithAck("watch", request);
    if (reply?.error) throw new Error(reply.error.message);
    return reply;
  }

  // Changes of a kind this page does not know are for a newer page.
  #onChanges(changes) {
    for (const change of changes) {
      if (change.type === CALL_UPDATED) this.#applyUpdate(change.call);
      else if (change.type === SEGMENT_FINAL) this.#applySegment(change.segment, change.timing);
      else if (change.type === SEGMENT_INTERIM) this.#applyInterim(change.interim);
      else if (change.type === STREAM_LEVEL) this.#applyLevel(change.stream);
      else if (change.type === WEBHOOK_SEEN) this.#emit("webhook", { event: change.event });
    }
    this.#checkGapLater();
  }

  // Only a change bears its number. A call in a snapshot bears the newest one, which may be a line we do not have.
  #applyUpdate(call) {
    if (call.id === this.#openCall?.id) this.#openCall.sequence.add(call.seq);
    this.#applyCall(call);
  }

  #applyCall(call) {
    const isOpen = call.id === this.#openCall?.id;
    const current = this.#calls.upsert(call);
    if (!current) return;
    if (isOpen && current.state === "ended") {
      this.#openCall.transcript.close();
      this.#emit("interims");
    }
    this.#emit("call", { call: current });
  }

  // `timing` is when the line was where on the server; a line asked for later has none.
  #applySegment(segment, timing = null) {
    const call = this.#calls.addSegment(segment);
    if (call) this.#emit("last-words", { call });
    if (call && segment.keywords) this.#emit("keyword", { call, segment });
    if (segment.call_id !== this.#openCall?.id) return false;
    this.#openCall.sequence.add(segment.seq);
    const placement = this.#openCall.transcript.addSegment(segment);
    if (placement) this.#emit("line", { ...placement, timing });
    return Boolean(placement);
  }

  #applyInterim(interim) {
    if (interim.call_id === this.#openCall?.id && this.#openCall.transcript.updateInterim(interim)) this.#emit("interims");
  }

  #applyLevel(stream) {
    if (stream.call_id === this.#openCall?.id) this.#emit("level", { stream });
  }

  // Numbers may arrive out of order for a moment; a hole that stays is filled by asking.
  #checkGapLater() {
    if (this.#gapTimer || !this.#openCall?.sequence.hasGap) return;
    this.#gapTimer = setTimeout(async () => {
      this.#gapTimer = null;
      if (!this.#openCall.sequence.hasGap || this.state !== "live") return;
      await this.#fetchMissing().catch(() => {});
      this.#checkGapLater();
    }, GAP_WAIT_MS);
  }

  #onDisconnect(reason) {
    if (reason === "io client disconnect") return;
    this.#setAway();
    // The server cut us off, which it does to a slow page: the library leaves coming back to us.
    if (reason === "io server disconnect") this.#scheduleRetry(() => this.#socket.connect());
  }

  #setAway() {
    if (this.state === "offline") return;
    this.#setState(this.#wasLive ? "waiting" : "connecting");
    this.#offlineTimer ??= setTimeout(() => this.#setState("offline"), OFFLINE_AFTER_MS);
  }

  #scheduleRetry(task) {
    clearTimeout(this.#retryTimer);
    const delay = FIRST_RETRY_MS * 2 ** Math.min(this.#retryCount, MAX_RETRY_DOUBLINGS);
    this.#retryTimer = setTimeout(task, delay * (0.5 + Math.random())); // not all pages in the same instant
  }

  #setState(state) {
    if (state === this.state) return;
    // Since when it has been away, not since the last failed attempt.
    if (state === "live" || this.state === "live") this.since = new Date();
    this.state = state;
    if (state === "live" || state === "refused") {
      clearTimeout(this.#offlineTimer);
      this.#offlineTimer = null;
    }
    this.#emit("state", { state, since: this.since });
  }

  #emit(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
