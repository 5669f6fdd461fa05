// Express and Socket.IO on Node, as installed. Verifies, tells everybody, stores nothing.

import { createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";

import express from "express";
import { Server } from "socket.io";

// An Ed25519 key in DER is these twelve bytes and the key (RFC 8410, section 4).
const prefix = Buffer.from("302a300506032b6570032100", "hex");
const raw = Buffer.from(process.env.TELNYX_PUBLIC_KEY, "base64");
const key = createPublicKey({ key: Buffer.concat([prefix, raw]), format: "der", type: "spki" });

const app = express();
const server = createServer(app);
const io = new Server(server);

app.get("/healthz", (request, response) => response.send("ok"));

app.post("/webhooks/telnyx", express.raw({ type: "application/json" }), (request, response) => {
  const signature = Buffer.from(request.get("telnyx-signature-ed25519") ?? "", "base64");
  const signed = Buffer.concat([Buffer.from(`${request.get("telnyx-timestamp")}|`), request.body]);
  if (!verify(null, signed, key, signature)) return response.sendStatus(401);
  const event = JSON.parse(request.body).data;
  const heard = event.payload.transcription_data ?? {};
  io.emit("transcription", {
    call_control_id: event.payload.call_control_id,
    occurred_at: event.occurred_at,
    track: heard.transcription_track,
    is_final: heard.is_final,
    text: heard.transcript,
  });
  response.send("ok");
});

server.listen(Number(process.env.PORT), "127.0.0.1");
