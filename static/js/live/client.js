// The live protocol (docs/live-protocol.md): takes part, keeps the models true, and tells the elements what changed.
// Knows the socket and the models, and nothing of the page.

export const CHANGE_TYPES = ["call.updated", "segment.final", "segment.interim", "stream.level", "webhook.seen"];
const [CALL_UPDATED, SEGMENT_FINAL, SEGMENT_INTERIM, STREAM_LEVEL, WEBHOOK_SEEN] = CHANGE_TYPES;

const GAP_MS = 1000; // a missing number may still be on its way for this long
const ANSWER_MS = 10_000;
const OFFLINE_MS = 30_000;
const RETRY_MS = 1000;
const RETRY_DOUBLINGS = 5;

// Events: `state` {state, since}, `call` {call}, `words` {call} when nothing of a call is new but its lines and last words,
// `line` {segment, next, timing}, `interims` {}, `level` {stream}, `hit` {call, segment} for each new line with a keyword,
// `webhook` {event}, `caughtup` {lines}.
// `state` is connecting, live, waiting (it was live and will be again), offline (that takes long) or refused (it will
// not come back by itself).
export class Live extends EventTarget {
  #socket;
  #calls;
  #open;
  #events;
  #gapTimer = null;
  #retryTimer = null;
  #offlineTimer = null;
  #wasLive = false;
  #watching = false;
  #retries = 0;

  // `open` is the call this page shows, {id, transcript, sequence}, or null; `events` asks for webhooks too.
  constructor({ socket, calls, open = null, events = false }) {
    super();
    this.#socket = socket;
    this.#calls = calls;
    this.#open = open;
    this.#events = events;
    this.state = "connecting";
    this.since = new Date();
  }

  start() {
    const socket = this.#socket;
    socket.on("connect", () => this.#resume());
    socket.on("changes", (changes) => this.#take(changes));
    socket.on("disconnect", (reason) => this.#lose(reason));
    socket.on("connect_error", () => (socket.active ? this.#wait() : this.#become("refused")));
    this.#wait();
    if (socket.connected) this.#resume();
    else socket.connect();
  }

  // Somebody does not want to wait for the next attempt.
  tryNow() {
    this.#socket.disconnect().connect();
  }

  // After any absence, the first one included: what is true now, and what was said meanwhile.
  async #resume() {
    if (this.#watching) return;
    this.#watching = true;
    try {
      const { calls } = await this.#watch({});
      for (const call of calls) this.#seeCall(call);
      if (this.#events) await this.#watch({ events: true });
      const lines = this.#open ? await this.#fill() : 0;
      const isReturn = this.#wasLive && this.state !== "live";
      this.#wasLive = true;
      this.#retries = 0;
      this.#become("live");
      if (isReturn) this.#tell("caughtup", { lines });
    } catch {
      this.#retries += 1;
      this.#later(() => this.#socket.connected && this.#resume());
    } finally {
      this.#watching = false;
    }
  }

  // Asks for what is missing of the open call. Returns how many lines were new.
  async #fill() {
    const { id, transcript, sequence } = this.#open;
    const { call, segments, interims, seq } = await this.#watch({ call_id: id, after_seq: sequence.mark });
    const lines = segments.filter((segment) => this.#seeSegment(segment)).length;
    transcript.hearOnly(interims);
    this.#tell("interims");
    this.#seeCall(call);
    sequence.complete(seq);
    return lines;
  }

  async #watch(request) {
    const answer = await this.#socket.timeout(ANSWER_MS).emitWithAck("watch", request);
    if (answer?.error) throw new Error(answer.error.message);
    return answer;
  }

  // Changes of a kind this page does not know are for a newer page.
  #take(changes) {
    for (const change of changes) {
      if (change.type === CALL_UPDATED) this.#seeUpdate(change.call);
      else if (change.type === SEGMENT_FINAL) this.#seeSegment(change.segment, change.timing);
      else if (change.type === SEGMENT_INTERIM) this.#seeInterim(change.interim);
      else if (change.type === STREAM_LEVEL) this.#seeLevel(change.stream);
      else if (change.type === WEBHOOK_SEEN) this.#tell("webhook", { event: change.event });
    }
    this.#watchGap();
  }

  // Only a change bears its number. A call in a snapshot bears the newest one, which may be a line we do not have.
  #seeUpdate(call) {
    if (call.id === this.#open?.id) this.#open.sequence.see(call.seq);
    this.#seeCall(call);
  }

  #seeCall(call) {
    const isOpen = call.id === this.#open?.id;
    const kept = this.#calls.put(call);
    if (!kept) return;
    if (isOpen && kept.state === "ended") {
      this.#open.transcript.close();
      this.#tell("interims");
    }
    this.#tell("call", { call: kept });
  }

  // `timing` is when the line was where on the server; a line asked for later has none.
  #seeSegment(segment, timing = null) {
    const call = this.#calls.hear(segment);
    if (call) this.#tell("words", { call });
    if (call && segment.keywords) this.#tell("hit", { call, segment });
    if (segment.call_id !== this.#open?.id) return false;
    this.#open.sequence.see(segment.seq);
    const placed = this.#open.transcript.add(segment);
    if (placed) this.#tell("line", { ...placed, timing });
    return Boolean(placed);
  }

  #seeInterim(interim) {
    if (interim.call_id === this.#open?.id && this.#open.transcript.hear(interim)) this.#tell("interims");
  }

  #seeLevel(stream) {
    if (stream.call_id === this.#open?.id) this.#tell("level", { stream });
  }

  // Numbers may arrive out of order for a moment; a hole that stays is filled by asking.
  #watchGap() {
    if (this.#gapTimer || !this.#open?.sequence.hasGap) return;
    this.#gapTimer = setTimeout(async () => {
      this.#gapTimer = null;
      if (!this.#open.sequence.hasGap || this.state !== "live") return;
      await this.#fill().catch(() => {});
      this.#watchGap();
    }, GAP_MS);
  }

  #lose(reason) {
    if (reason === "io client disconnect") return;
    this.#wait();
    // The server cut us off, which it does to a slow page: the library leaves coming back to us.
    if (reason === "io server disconnect") this.#later(() => this.#socket.connect());
  }

  #wait() {
    if (this.state === "offline") return;
    this.#become(this.#wasLive ? "waiting" : "connecting");
    this.#offlineTimer ??= setTimeout(() => this.#become("offline"), OFFLINE_MS);
  }

  #later(task) {
    clearTimeout(this.#retryTimer);
    const delay = RETRY_MS * 2 ** Math.min(this.#retries, RETRY_DOUBLINGS);
    this.#retryTimer = setTimeout(task, delay * (0.5 + Math.random())); // not all pages in the same instant
  }

  #become(state) {
    if (state === this.state) return;
    // Since when it has been away, not since the last failed attempt.
    if (state === "live" || this.state === "live") this.since = new Date();
    this.state = state;
    if (state === "live" || state === "refused") {
      clearTimeout(this.#offlineTimer);
      this.#offlineTimer = null;
    }
    this.#tell("state", { state, since: this.since });
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
