// The page of the CRM interface.
"use strict";

const lists = {
  subscriptions: ["number", "app_url", "app_id", "users", "lines", "forms", "sent", "failed", "last_event", "last_error"],
  clients: ["line", "user", "works", "logged_in", "followed"],
  users: ["user", "workmode", "queues", "followed"],
  items: ["handle", "line", "user", "status", "processing", "inbound"],
  queues: ["id", "name", "queue"],
};

function drawICI(s) {
  drawState(s.state, s.state === "connected");
  const tiles = ["clients", "items", "users", "queues", "subscriptions", "open", "waiting", "failed"];
  drawTiles(tiles.map((name) => [words(name), s[name], name === "failed" && s.failed > 0]));
  drawFacts([
    ["Address", s.address + (s.tls ? ", TLS" : "")], ["Host id", s.host_id], ["Requests", s.requests + ", " + s.faults + " refused"],
    ["Events", s.sent + " sent, " + s.failed + " given up, " + s.discarded + " dropped with their subscription"],
    ["Most at once", s.open_max + " under way (limit " + s.workers + " for an address), " + s.waiting_max + " waiting"],
    ["Until the reply", [s.shortest_seconds, s.average_seconds, s.longest_seconds].map((x) => Math.round(x * 1000) + " ms").join(", ") + " (shortest, average, longest)"],
    ["Log", s.log_level + ", " + s.log_errors + " errors, " + s.log_warnings + " warnings"], ["Last error", s.last_error ? s.last_error_at + " " + s.last_error : "none"],
    ["Trace", (s.trace_until ? "until " + s.trace_until + (s.trace_filter ? ", only with " + s.trace_filter : "") : "off") + ", " + s.traced + " messages kept, " + s.trace_lost + " lost"],
  ]);
  byId("about").textContent = clean(s.product + " " + s.version) + ", server time " + s.time;
}

async function listsOfICI() {
  const out = [];
  for (const [name, columns] of Object.entries(lists)) out.push(section(name, (await ask("/" + name))[name] || [], columns));
  return out;
}

byId("log-level").addEventListener("submit", (e) => {
  e.preventDefault();
  order("/log-level", { level: byId("level").value, minutes: Number(byId("level-minutes").value) }, "The log level is set.");
});
byId("trace").addEventListener("submit", (e) => {
  e.preventDefault();
  order("/trace", { minutes: Number(byId("trace-minutes").value), filter: byId("trace-filter").value }, "The trace is set.");
});
byId("trace-show").addEventListener("click", async () => {
  try {
    const rows = (await ask("/trace")).trace || [];
    byId("lists").prepend(section("trace", rows, ["time", "event", "name", "peer", "seconds", "outcome", "request", "answer"]));
  } catch (e) {
    byId("done").textContent = "Refused: " + e.message;
  }
});
run({ api: "/api/v1/ici", command: "strowger ici", draw: drawICI, lists: listsOfICI, adminsOnly: () => ask("/trace") });
