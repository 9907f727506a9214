// The page of the CRM interface: /api/v1/ici every five seconds, its lists and
// orders for who has a token for them. The token stays in this page's memory.
"use strict";

const POLL_MS = 5000;
const MAX_ROWS = 200;

const lists = {
  subscriptions: ["number", "app_url", "app_id", "users", "lines", "forms", "sent", "failed", "last_event", "last_error"],
  clients: ["line", "user", "works", "logged_in", "followed"],
  users: ["user", "workmode", "queues", "followed"],
  items: ["handle", "line", "user", "status", "processing", "inbound"],
  queues: ["id", "name", "queue"],
};

let token = "";
let timer = 0;

const words = (name) => name.replace(/_/g, " ");

function shown(value) {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === undefined || value === null ? "" : String(value);
}

function problem(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = text === "";
}

// ask returns the answer's body; refused is what an order or list without the right is.
async function ask(path, body) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = "Bearer " + token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const r = await fetch("/api/v1/ici" + path, { method: body === undefined ? "GET" : "POST", headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await r.json();
  if (r.ok) return answer;
  const e = new Error(clean(answer.detail || answer.title || r.statusText));
  e.refused = r.status === 401 || r.status === 403;
  throw e;
}

function drawStatus(s) {
  const good = s.state === "connected";
  byId("state").textContent = clean(s.state);
  byId("state").className = "badge " + (good ? "good" : "bad");
  const tiles = ["clients", "items", "users", "queues", "subscriptions", "open", "waiting", "failed"];
  byId("counts").replaceChildren(...tiles.map((name) => {
    const div = el("div", undefined, name === "failed" && s.failed > 0 ? "alarm" : "");
    div.append(el("dt", words(name)), el("dd", String(s[name])));
    return div;
  }));
  const facts = [
    ["Address", s.address + (s.tls ? ", TLS" : "")], ["Host id", s.host_id], ["Requests", s.requests + ", " + s.faults + " refused"],
    ["Events", s.sent + " sent, " + s.failed + " given up, " + s.discarded + " dropped with their subscription"],
    ["Most at once", s.open_max + " under way (limit " + s.workers + " for an address), " + s.waiting_max + " waiting"],
    ["Until the reply", [s.shortest_seconds, s.average_seconds, s.longest_seconds].map((x) => Math.round(x * 1000) + " ms").join(", ") + " (shortest, average, longest)"],
    ["Log", s.log_level + ", " + s.log_errors + " errors, " + s.log_warnings + " warnings"], ["Last error", s.last_error ? s.last_error_at + " " + s.last_error : "none"],
    ["Trace", (s.trace_until ? "until " + s.trace_until + (s.trace_filter ? ", only with " + s.trace_filter : "") : "off") + ", " + s.traced + " messages kept, " + s.trace_lost + " lost"],
  ];
  byId("facts").tBodies[0].replaceChildren(...facts.map(([name, value]) => {
    const tr = el("tr");
    cell(tr, "", name, "key");
    cell(tr, "", value, "wide");
    return tr;
  }));
  byId("about").textContent = clean(s.product + " " + s.version) + ", server time " + s.time;
}

function section(name, rows, columns) {
  const out = el("section");
  const title = el("h2", words(name) + " ");
  title.append(el("span", "(" + rows.length + ")", "count"));
  const table = el("table");
  const head = el("tr");
  head.append(...columns.map((c) => el("th", words(c))));
  table.createTHead().append(head);
  table.createTBody().append(...rows.slice(0, MAX_ROWS).map((row) => {
    const tr = el("tr");
    for (const c of columns) cell(tr, words(c), shown(row[c]));
    return tr;
  }));
  const scroll = el("div", undefined, "scroll");
  scroll.append(table);
  out.append(title, rows.length ? scroll : el("p", "None.", "empty"));
  if (rows.length > MAX_ROWS) out.append(el("p", "and " + (rows.length - MAX_ROWS) + " more; strowger ici " + name + " lists them all", "empty"));
  return out;
}

async function drawLists() {
  const out = [];
  try {
    for (const [name, columns] of Object.entries(lists)) out.push(section(name, (await ask("/" + name))[name] || [], columns));
  } catch (e) {
    if (!e.refused) throw e;
    out.push(el("p", "Lists are for supervisors and administrators: give a token above.", "empty"));
  }
  byId("lists").replaceChildren(...out);
}

// drawOrders shows the orders to who may see the trace: administrators.
async function drawOrders() {
  try {
    await ask("/trace");
    byId("orders").hidden = false;
  } catch (e) {
    if (!e.refused) throw e;
    byId("orders").hidden = true;
  }
}

async function refresh() {
  clearTimeout(timer);
  try {
    drawStatus(await ask(""));
    await drawLists();
    await drawOrders();
    problem("");
  } catch (e) {
    problem(e.message);
  }
  timer = setTimeout(refresh, POLL_MS);
}

async function order(path, body, said) {
  try {
    drawStatus(await ask(path, body));
    byId("done").textContent = said;
  } catch (e) {
    byId("done").textContent = "Refused: " + e.message;
  }
}

byId("login").addEventListener("submit", (e) => {
  e.preventDefault();
  token = byId("token").value.trim();
  refresh();
});
for (const b of document.querySelectorAll("[data-order]")) {
  b.addEventListener("click", () => {
    if (!b.dataset.ask || confirm(b.dataset.ask)) order("/" + b.dataset.order, {}, b.textContent + ": done.");
  });
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
refresh();
