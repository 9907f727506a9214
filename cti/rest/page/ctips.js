// The page of the interface for applications of CTI Portal Server.
"use strict";

const columns = ["id", "user", "tenant", "peer", "callback", "state", "since", "classes", "filters", "sent", "lost", "waiting", "missed", "last_error"];

const counted = (by) => Object.entries(by).map(([why, n]) => ", " + words(why) + " " + n).join("");

function drawCTIPS(s) {
  const deaf = s.listeners.filter((l) => l.deaf).length;
  drawState(deaf ? "misses the switch's events" : "serving", !deaf);
  drawTiles([
    ["sessions", s.sessions], ["events waiting", s.waiting], ["events lost", s.lost], ["requests open", s.pending],
    ["outcomes late", s.late, s.late > 0], ["heartbeats missed", s.missed, s.missed > 0],
  ]);
  drawFacts([
    ...s.listeners.map((l) => ["Listener " + l.number, l.address + (l.tls ? ", TLS" : "") + ", " + l.sessions + " of " + l.max_sessions + " sessions" + (l.deaf ? ", misses the switch's events" : "")]),
    ["Sessions", s.opened + " opened"], ["Not opened", counted(s.refused).slice(2) || "none"], ["Over", counted(s.ended).slice(2) || "none"],
    ["Requests", s.requests + ", " + s.faults + " refused"], ["Events", s.sent + " sent, " + s.lost + " lost, " + s.waiting + " waiting"],
    ["Heartbeats", s.heartbeats + ", " + s.missed + " without an answer"],
    ["Last error", s.last_error ? new Date(s.last_error_at).toLocaleString() + ": " + s.last_error : "none"],
    ...(s.restart.length ? [["At the next start", s.restart.map((key) => "ctips." + key).join(", ")]] : []),
  ]);
}

function closing(row) {
  const b = el("button", "Close");
  b.type = "button";
  b.addEventListener("click", async () => {
    if (!confirm("Close session " + row.id + " of " + clean(row.user) + "? Its application has to open another.")) return;
    await order("/sessions/" + encodeURIComponent(row.id) + "/close", {}, "Session " + row.id + " is closed.");
    refresh();
  });
  return b;
}

async function listsOfCTIPS() {
  const rows = (await ask("/sessions")).sessions.map((x) => ({ ...x, since: new Date(x.since).toLocaleTimeString() }));
  return [section("sessions", rows, columns, closing)];
}

run({ api: "/api/v1/ctips", command: "strowger ctips", draw: drawCTIPS, lists: listsOfCTIPS, adminsOnly: () => ask("/api/v1/audit?limit=1") });
