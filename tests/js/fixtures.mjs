// Fixtures: one call, its lines, and a socket that answers like the server.
export const CALL_ID = "v3:EXAMPLE";

const second = (at) => `2026-03-12T14:02:${String(Math.floor(at)).padStart(2, "0")}.${String(Math.round((at % 1) * 1e6)).padStart(6, "0")}Z`;

const off = { state: "off", since: null, reason: null };

export function call(seq, more = {}) {
  const switches = { transcription: off, streaming: off, fork: off };
  return { id: CALL_ID, direction: "inbound", state: "answered", started_at: second(0), seq, switches, ...more };
}

export function segment(seq, at, more = {}) {
  return { call_id: CALL_ID, seq, event_id: `e${seq}`, track: "inbound", speaker: "caller", text: `line ${seq}`, occurred_at: second(at), ...more };
}

export function interim(at, text, track = "inbound") {
  return { call_id: CALL_ID, track, speaker: "caller", text, occurred_at: second(at) };
}

export function permutations(items) {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

// A socket whose server has `calls` and `lines`. `requests` lists what the client sent.
export class FakeSocket {
  connected = false;
  active = true;
  requests = [];
  #handlers = new Map();

  constructor(server) {
    this.server = server;
  }

  on(event, handler) {
    this.#handlers.set(event, handler);
  }

  receive(event, ...values) {
    this.#handlers.get(event)?.(...values);
  }

  connect() {
    this.active = true;
    this.connected = true;
    this.receive("connect");
    return this;
  }

  disconnect() {
    this.active = false;
    this.connected = false;
    this.receive("disconnect", "io client disconnect");
    return this;
  }

  drop(reason = "transport close") {
    this.connected = false;
    this.receive("disconnect", reason);
  }

  timeout() {
    return this;
  }

  async emitWithAck(_event, request) {
    this.requests.push(request);
    const { calls, lines, interims = [] } = this.server;
    if (!request.call_id) return { calls, seq: null };
    const call = calls.find(({ id }) => id === request.call_id);
    return { call, segments: lines.filter((line) => line.seq > request.after_seq), interims, seq: call.seq };
  }
}
