// The setup page: findings of the server, and what only this browser can find.
import { Calls } from "../live/calls.js";
import { startLive } from "../live/connect.js";
import "../setup/latency-stats.js";
import "../setup/test-event.js";
import "../setup/transport-check.js";
import "../shared/connection-status.js";
import "../shared/copy-field.js";
import { say } from "../shared/dom.js";
import { t, tn } from "../shared/i18n.js";

const countOf = (state) => document.querySelectorAll(`.check--${state}`).length;

function summary() {
  const [ok, warn, bad] = [countOf("ok"), countOf("warn"), countOf("bad")];
  const pass = t("%(ok)s of %(all)s checks pass.", { ok, all: ok + warn + bad });
  const looks = warn && tn("%(num)s needs a look.", "%(num)s need a look.", warn);
  const fails = bad && tn("%(num)s fails.", "%(num)s fail.", bad);
  return [pass, looks, fails].filter(Boolean).join(" ");
}

document.addEventListener("judged", () => say(document.getElementById("summary"), summary()));
document.addEventListener("tested", () => document.querySelector("latency-stats").look());
startLive(["connection-status", "transport-check", "test-event"], { calls: new Calls() });
