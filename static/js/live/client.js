// Client of the live protocol (docs/live-protocol.md). It keeps the models up to date and emits events for the
// elements. It has no DOM.

export const CHANGE_TYPES = ["call.updated", "segment.final", "segment.interim", "stream.level", "webhook.seen"];
const [CALL_UPDATED, SEGMENT_FINAL, SEGMENT_INTERIM, STREAM_LEVEL, WEBHOOK_SEEN] = CHANGE_TYPES;

// A missing number may arrive late, up to this time.
const GAP_WAIT_MS = 1000;
const REPLY_TIMEOUT_MS = 10_000;
const OFFLINE_AFTER_MS = 30_000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_DOUBLINGS = 5;

// Events: `state` {state, since}, `call` {call}, `last-words` {call} when only lines and last words of a call are new,
// `line` {segment, next, timing}, `interims` {}, `level` {stream}, `keyword` {call, segment} for a line with a keyword,
// `webhook` {event}, `caught-up` {lines}. A state is connecting, live, waiting (reconnecting), offline (reconnecting
// for long) or refused (no further attempt).
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

  // `openCall` is the call of this page, {id, transcript, sequence}, or null. `events` subscribes to webhooks too.
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
    socket.on("connect_error", (error) => this.#onConnectError(error));
    this.#setAway();
    if (socket.connected) this.#resumeFeed();
    else socket.connect();
  }

  // Reconnects now instead of at the next attempt.
  reconnect() {
    this.#socket.disconnect().connect();
  }

  // Without a login the server answers 401 before there is a connection. The library would only try again.
  #onConnectError(error) {
    if (error.description === 401) this.#socket.disconnect();
    if (this.#socket.active) this.#setAway();
    else this.#setState("refused");
  }

  // Runs after each connection, the first one included. Loads the current state and the missed lines.
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

  // Loads what is missing of the open call. Returns the number of new lines.
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

  // Changes of unknown types are for a newer page.
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

  // Only the seq of a change counts. A call in a snapshot has the newest seq, which may belong to a missing line.
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

  // `timing` is when the line passed the server. A line that was loaded later has none.
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

  // Numbers may arrive out of order. A gap that stays is filled by a request.
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
    // The server disconnected this page because it was too slow. The library does not reconnect in this case.
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
    // Random, so that not all pages reconnect in the same instant.
    this.#retryTimer = setTimeout(task, delay * (0.5 + Math.random()));
  }

  #setState(state) {
    if (state === this.state) return;
    // `since` is when the connection was lost, not the last failed attempt.
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
