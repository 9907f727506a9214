// The status page: a snapshot and the events after it from /api/v1/events; where
// that does not work, /api/v1/snapshot every two seconds. Everything that comes
// from outside is written with textContent: a caller's name is never markup.
"use strict";

const POLL_MS = 2000;
const RETRY_MS = 2000;
const SILENCE_MS = 40000; // the server says something every 15 s
const MAX_ROWS = 200;

const state = { status: null, calls: new Map(), agents: new Map(), queues: [], skew: 0 };
let source = null;
let reconnect = () => {};
let heard = 0;
let refreshing = false;
let refreshWanted = false;
let drawWanted = false;

function now() { return Date.now() + state.skew; }

function since(time) { return time ? Math.max(0, (now() - Date.parse(time)) / 1000) : 0; }

function clock(seconds) {
  const s = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, "0");
  if (s >= 86400) return Math.floor(s / 86400) + " d " + Math.floor(s % 86400 / 3600) + " h";
  if (s >= 3600) return Math.floor(s / 3600) + ":" + two(Math.floor(s % 3600 / 60)) + ":" + two(s % 60);
  return Math.floor(s / 60) + ":" + two(s % 60);
}

const words = (name) => name.replace(/-/g, " ");

function mood(name) {
  switch (name) {
    case "ready": return "good";
    case "talking": case "on-call": case "connected": return "talk";
    case "waiting": case "offered": case "reserved": case "wrap-up": return "warn";
    case "paused": case "unmanned": case "closed": case "holiday": return "warn";
    case "failed": return "bad";
  }
  return "";
}

function badge(name, kind) { return el("span", words(name), "badge " + (kind === undefined ? mood(name) : kind)); }

function fill(id, rows, total, empty) {
  byId(id).tBodies[0].replaceChildren(...rows);
  byId(id).hidden = rows.length === 0;
  byId(id + "-count").textContent = total ? "(" + total + ")" : "";
  const note = byId(id + "-empty");
  note.textContent = rows.length === 0 ? empty : "and " + (total - rows.length) + " more; strowger " + id + " lists them all";
  note.hidden = rows.length > 0 && total <= rows.length;
}

function queueName(id) {
  const q = state.queues.find((x) => x.id === id);
  return q && q.name ? q.name : id || "";
}

function agentName(id) {
  const a = state.agents.get(id);
  return a && a.name ? a.name : id || "";
}

function mix(counts) {
  const out = el("span", undefined, "mix");
  for (const name of ["ready", "reserved", "on-call", "wrap-up", "not-ready", "logged-out"]) {
    if (counts[name]) out.append(badge(counts[name] + " " + name, mood(name)));
  }
  return out.childElementCount ? out : el("span", "no agents", "empty");
}

// queueNow counts from the calls and agents on the page, which follow the
// events, so that a row never contradicts them.
function queueNow(q) {
  const calls = [...state.calls.values()].filter((c) => c.queue === q.id);
  const agents = {};
  for (const a of state.agents.values()) {
    if (a.queues.includes(q.id) && !(a.signed_out || []).includes(q.id)) agents[a.state] = (agents[a.state] || 0) + 1;
  }
  const count = (phase) => calls.filter((c) => c.phase === phase).length;
  const longest = Math.max(0, ...calls.filter((c) => c.phase === "waiting").map(waited));
  return { waiting: count("waiting"), offered: count("offered"), talking: count("talking"), agents, longest };
}

function queueRow(q) {
  const tr = el("tr");
  const now = queueNow(q);
  const name = cell(tr, "", q.name || q.id, "wide key");
  addSmall(name, q.name && q.name !== q.id ? q.id : "");
  if (q.service && q.service !== "active") name.append(badge(q.service === "holiday" && q.holiday ? "holiday: " + clean(q.holiday) : q.service, mood(q.service)));
  cell(tr, "Number", q.address);
  cell(tr, "Waiting", now.waiting, "n" + (now.waiting && !now.agents.ready ? " late" : ""));
  const longest = cell(tr, "Longest", now.waiting ? clock(now.longest) : "-", "n");
  if (now.waiting && q.estimate_seconds) addSmall(longest, "next " + clock(q.estimate_seconds));
  cell(tr, "Ringing", now.offered, "n");
  cell(tr, "Talking", now.talking, "n");
  cell(tr, "", mix(now.agents), "wide");
  cell(tr, "Arrived", q.arrived, "n");
  const answered = cell(tr, "Answered", q.answered, "n");
  if (q.answered) addSmall(answered, Math.round(q.service_level) + " % in time");
  cell(tr, "Abandoned", q.abandoned, "n");
  return tr;
}

function agentPart(c) {
  return [...c.connections].reverse().find((p) => p.role === "agent" && (p.state !== "ended" || p.connected_at));
}

function callState(c) {
  const p = agentPart(c);
  if (p && p.work === "wrap-up") return "wrap-up";
  if (c.phase === "talking" && p && (p.state === "hold" || p.state === "held")) return "on hold";
  if (c.phase === "offered") return "ringing";
  return c.phase;
}

function waited(c) {
  if (c.phase === "waiting" || c.phase === "offered") return Math.max(c.waiting_seconds, c.arrived_at ? since(c.arrived_at) : 0);
  return c.waiting_seconds;
}

function talked(c) { return c.phase === "talking" && c.talking_at ? since(c.talking_at) : c.talking_seconds; }

function callRow(c) {
  const tr = el("tr");
  const kind = { ringing: "warn", "on hold": "warn" }[callState(c)];
  cell(tr, "Call", c.number, "n key").title = c.id;
  const st = cell(tr, "", badge(callState(c), kind));
  if (c.position) addSmall(st, "place " + c.position);
  if (c.parked) addSmall(st, "place " + c.parked.place);
  if (c.menu) addSmall(st, c.menu);
  if (c.kind && c.kind !== "inbound") addSmall(st, c.kind);
  addSmall(cell(tr, "", c.caller || "number withheld", "wide"), c.caller_name);
  addSmall(cell(tr, "Dialled", c.dialled), c.dnis && c.dnis.label !== c.dialled ? c.dnis.label : "");
  cell(tr, "Queue", queueName(c.queue));
  cell(tr, "Agent", c.agent ? agentName(c.agent) : "");
  cell(tr, "Waited", clock(waited(c)), "n");
  cell(tr, "Talking", c.talking_at ? clock(talked(c)) : "", "n");
  return tr;
}

function agentNotes(a) {
  const notes = [];
  if (a.phone_off) notes.push("phone off");
  if (a.standing && a.standing.leg !== "up") notes.push("line down");
  if (a.park) notes.push("away");
  if (a.wrap_up_warned) notes.push("wrap-up ends soon");
  if (a.active_wrap_up) notes.push("wrap-up left");
  if (a.signed_out) notes.push("signed out of " + a.signed_out.map(queueName).join(", "));
  return notes;
}

function agentRow(a) {
  const tr = el("tr");
  addSmall(cell(tr, "", a.name || a.id, "key"), a.name && a.name !== a.id ? a.id : "");
  const st = cell(tr, "", badge(a.state));
  addSmall(st, a.reason);
  if (a.pending) addSmall(st, "then " + words(a.pending) + (a.pending_reason ? " (" + a.pending_reason + ")" : ""));
  for (const note of agentNotes(a)) addSmall(st, note);
  cell(tr, "For", clock(a.since ? since(a.since) : a.state_seconds), "n");
  cell(tr, "Line", a.line);
  cell(tr, "Queues", a.queues.map(queueName).join(", "));
  const call = a.call ? state.calls.get(a.call) : undefined;
  cell(tr, "Call", call ? call.number + ", " + (call.caller || "number withheld") : "");
  cell(tr, "Handled", a.handled, "n");
  return tr;
}

function drawCounts() {
  const calls = [...state.calls.values()];
  const agents = [...state.agents.values()];
  const inPhase = (p) => calls.filter((c) => c.phase === p).length;
  const inState = (s) => agents.filter((a) => a.state === s).length;
  const tiles = [
    ["Calls", calls.length], ["Waiting", inPhase("waiting"), inPhase("waiting") > 0 && inState("ready") === 0],
    ["Ringing", inPhase("offered")], ["Talking", inPhase("talking")],
    ["Agents ready", inState("ready")], ["Agents logged in", agents.length - inState("logged-out")],
  ];
  byId("counts").replaceChildren(...tiles.map(([name, value, alarm]) => {
    const div = el("div", undefined, alarm ? "alarm" : "");
    div.append(el("dt", name), el("dd", String(value)));
    return div;
  }));
}

function drawStatus() {
  const s = state.status;
  byId("nodes").replaceChildren(...s.nodes.map((n) => 
    el("span", clean(n.id) + (n.up ? " up" : " link lost"), "badge " + (n.up ? "good" : "bad"))));
  byId("about").textContent = "up " + clock(since(s.started_at)) + ", configuration " + s.config_version + ", event " + s.events;
  const list = byId("incidents");
  list.replaceChildren(...s.incidents.map((i) => {
    const li = el("li");
    const t = el("time", new Date(i.time).toLocaleTimeString());
    t.dateTime = i.time;
    li.append(t, document.createTextNode((i.node ? clean(i.node) + ": " : "") + clean(i.reason)));
    return li;
  }));
  byId("incidents-section").hidden = s.incidents.length === 0;
  byId("incidents-count").textContent = "(" + s.incidents.length + ")";
  if (!document.body.classList.contains("stale")) {
    problem(s.ready ? "" : "Not serving calls: " + s.not_ready.map(clean).join("; ") + ".");
  }
}

function draw() {
  drawWanted = false;
  if (!state.status) return;
  drawStatus();
  drawCounts();
  const calls = [...state.calls.values()].sort((a, b) => a.number - b.number);
  const agents = [...state.agents.values()].sort((a, b) => a.number - b.number);
  fill("queues", state.queues.slice(0, MAX_ROWS).map(queueRow), state.queues.length, "No queue is configured.");
  fill("calls", calls.slice(0, MAX_ROWS).map(callRow), calls.length, "No calls at the moment.");
  fill("agents", agents.slice(0, MAX_ROWS).map(agentRow), agents.length, "No agent is configured.");
}

function drawSoon() {
  if (drawWanted) return;
  drawWanted = true;
  requestAnimationFrame(draw);
}

function problem(text) {
  const p = byId("problem");
  if (p.textContent !== text) p.textContent = text; // an alert is read out at each change
  p.hidden = text === "";
}

function live(text, kind) {
  const badgeNow = byId("live");
  if (badgeNow.textContent !== text) badgeNow.textContent = text;
  badgeNow.className = "badge " + kind;
}

function lost() {
  document.body.classList.add("stale");
  live("link lost", "bad");
  const shown = heard ? " What is shown is from " + new Date(heard).toLocaleTimeString() + "." : "";
  problem("The controller does not answer." + shown + " Trying again every 2 seconds.");
}

function received(mode) {
  heard = Date.now();
  document.body.classList.remove("stale");
  live(mode, "good");
}

function take(snapshot) {
  state.status = snapshot.status;
  state.skew = Date.parse(snapshot.status.time) - Date.now();
  state.calls = new Map(snapshot.calls.map((c) => [c.id, c]));
  state.agents = new Map(snapshot.agents.map((a) => [a.id, a]));
  state.queues = snapshot.queues;
  drawSoon();
}

// refresh takes a snapshot that was fetched beside the stream. Where events
// have overtaken it, only what events do not carry is taken.
function refresh(snapshot) {
  if (source && state.status && snapshot.events < state.status.events) {
    state.queues = snapshot.queues;
    refreshWanted = true;
    return;
  }
  take(snapshot);
}

function apply(event) {
  if (event.call) {
    if (event.kind === "CallEnded" || event.call.mirror && event.call.phase === "over") state.calls.delete(event.call.id);
    else state.calls.set(event.call.id, event.call);
  }
  if (event.agent) state.agents.set(event.agent.id, event.agent);
  const queue = event.queue && state.queues.find((q) => q.id === event.queue.id);
  if (queue) { queue.service = event.queue.service; queue.holiday = event.queue.holiday; }
  if (state.status) state.status.events = event.seq;
  drawSoon();
  refreshSoon();
}

// Queue statistics, places and the status are not part of events: they are
// fetched again after a change, at most once a second.
function refreshSoon() {
  if (refreshing) { refreshWanted = true; return; }
  refreshing = true;
  setTimeout(async () => {
    try { refresh(await fetchSnapshot()); } catch { /* the stream notices a lost link */ }
    refreshing = false;
    if (refreshWanted) { refreshWanted = false; refreshSoon(); }
  }, 1000);
}

async function fetchSnapshot() {
  const r = await fetch("/api/v1/snapshot", { signal: AbortSignal.timeout(5000) });
  if (!r.ok) throw new Error("status " + r.status);
  return r.json();
}

async function poll() {
  try {
    take(await fetchSnapshot());
    received("polling");
  } catch {
    lost();
  }
}

function follow() {
  if (!window.EventSource) { poll(); setInterval(poll, POLL_MS); return; }
  const es = source = new EventSource("/api/v1/events");
  const again = () => {
    if (source !== es) return;
    es.close();
    source = null;
    poll().finally(() => setTimeout(follow, RETRY_MS));
  };
  es.addEventListener("snapshot", (m) => { received("live"); take(JSON.parse(m.data)); });
  es.addEventListener("change", (m) => { received("live"); apply(JSON.parse(m.data)); });
  es.addEventListener("alive", () => received("live"));
  es.addEventListener("end", again);
  es.onerror = again;
  reconnect = again;
}

setInterval(() => {
  if (!document.body.classList.contains("stale")) drawSoon(); // no clock runs on while nothing is known
  if (source && heard && Date.now() - heard > SILENCE_MS) reconnect();
}, 1000);
follow();
