// The setup page: the server's checks, and those of this browser.
import { Calls } from "../live/calls.js";
import { connectPage } from "../live/connect.js";
import "../setup/latency-stats.js";
import "../setup/test-event.js";
import "../setup/transport-check.js";
import "../shared/connection-status.js";
import "../shared/copy-field.js";
import { setText } from "../shared/dom.js";
import { t, tn } from "../shared/i18n.js";

const countChecks = (state) => document.querySelectorAll(`.check--${state}`).length;

function summaryText() {
  const [ok, warn, bad] = [countChecks("ok"), countChecks("warn"), countChecks("bad")];
  const passText = t("%(ok)s of %(all)s checks pass.", { ok, all: ok + warn + bad });
  const warnText = warn && tn("%(num)s needs a look.", "%(num)s need a look.", warn);
  const failText = bad && tn("%(num)s fails.", "%(num)s fail.", bad);
  return [passText, warnText, failText].filter(Boolean).join(" ");
}

document.addEventListener("check-drawn", () => setText(document.getElementById("summary"), summaryText()));
document.addEventListener("test-finished", () => document.querySelector("latency-stats").reload());
connectPage(["connection-status", "transport-check", "test-event"], { calls: new Calls() });
