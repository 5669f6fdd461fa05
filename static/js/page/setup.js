// The setup page: findings of the server, and what only this browser can find.
import "../elements/connection-status.js";
import "../elements/copy-box.js";
import "../elements/line-delays.js";
import "../elements/test-event.js";
import "../elements/transport-check.js";
import { say } from "../helpers/dom.js";
import { t, tn } from "../helpers/texts.js";
import { Calls } from "../models/calls.js";
import { startLive } from "./connection.js";

const countOf = (state) => document.querySelectorAll(`.check--${state}`).length;

function summary() {
  const [ok, warn, bad] = [countOf("ok"), countOf("warn"), countOf("bad")];
  const pass = t("%(ok)s of %(all)s checks pass.", { ok, all: ok + warn + bad });
  const looks = warn && tn("%(num)s needs a look.", "%(num)s need a look.", warn);
  const fails = bad && tn("%(num)s fails.", "%(num)s fail.", bad);
  return [pass, looks, fails].filter(Boolean).join(" ");
}

document.addEventListener("judged", () => say(document.getElementById("summary"), summary()));
document.addEventListener("tested", () => document.querySelector("line-delays").look());
startLive(["connection-status", "transport-check", "test-event"], { calls: new Calls() });
