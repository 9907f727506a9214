// The page of the dialer: campaigns with what they do and why, their budget and
// leads, start, pause and stop; the lists with their imports.
"use strict";

const GAUGE_MAX = 1.25;
const LISTS_MS = 10000;
const COUNTED = ["now", "dialling", "done"]; // what the leads' states say already

let seen = []; // the campaigns at the last look

const percent = (share) => (share > 0 && share < 0.0995 ? (100 * share).toFixed(1) : Math.round(100 * share)) + " %";
const local = (time) => (time ? new Date(time).toLocaleString() : "");
const seconds = (n) => n.toFixed(2) + " s";

function drawCampaigns(answer) {
  const all = seen = answer.campaigns;
  const sum = (of) => all.reduce((n, c) => n + of(c), 0);
  const running = all.filter((c) => c.state === "running");
  const over = all.filter((c) => c.budget.stopped || c.budget.override).length;
  drawState(running.length ? running.length + " running" : "none running", over === 0);
  drawTiles([
    ["running", running.length], ["ringing", sum((c) => c.lines.ringing)], ["answered, waiting", sum((c) => c.lines.waiting), sum((c) => c.lines.waiting) > 0],
    ["talking", sum((c) => c.lines.talking)], ["attempts today", sum((c) => c.today.attempts)], ["dropped today", sum((c) => c.today.dropped)],
  ]);
  drawFacts(all.length ? all.map((c) => [c.id, c.text]) : [["None", "strowger campaign create makes one"]]);
  byId("facts").closest("section").hidden = all.length === 1; // its card says the same
}

// gauge is the used part of the budget; the tick is where it ends.
function gauge(b) {
  const box = el("div", undefined, "gauge");
  const meter = el("meter");
  meter.max = GAUGE_MAX;
  meter.low = 0.6;
  meter.high = 1;
  meter.optimum = 0;
  meter.value = Math.max(0, Math.min(b.used, GAUGE_MAX));
  meter.textContent = percent(b.used);
  box.append(meter, el("span", percent(b.used) + " of the budget: " + percent(b.share) + " of " + percent(b.limit) + " dropped over " +
    (b.window_seconds > 86400 ? Math.round(b.window_seconds / 86400) + " days" : Math.round(b.window_seconds / 3600) + " hours") +
    ", " + Math.max(b.left, 0).toFixed(1) + " more allowed" + (b.projected ? ", by the end of the day " + percent(b.projected) : "")));
  return box;
}

async function command(c, what, body, question) {
  if (question && !confirm(question)) return;
  try {
    const now = await ask("/" + encodeURIComponent(c.id) + "/" + what, body || {});
    byId("done").textContent = clean(now.id + " is " + now.state + ".");
  } catch (e) {
    byId("done").textContent = "Refused: " + e.message;
  }
  refresh();
}

function buttons(c) {
  const p = el("p", undefined, "controls");
  const add = (text, fn) => {
    const b = el("button", text);
    b.type = "button";
    b.addEventListener("click", fn);
    p.append(b);
  };
  if (c.state !== "running") add("Start", () => command(c, "start"));
  if (c.state === "running") add("Pause", () => command(c, "pause"));
  if (c.state !== "stopped") add("Stop", () => command(c, "stop", {}, "Stop " + clean(c.id) + "? Nothing is dialled from now on. Phones that ring do so for as long as they must; who answers is served."));
  return p;
}

// card is one campaign; leads: with orders.
function card(c, leads) {
  const out = el("section", undefined, "campaign");
  const title = el("h2", clean(c.name || c.id) + " ");
  title.append(el("span", c.state, "badge " + (c.state === "running" ? "good" : c.state === "paused" ? "warn" : "")), el("span", " " + c.mode + ", rules " + c.rules + ", queue " + clean(c.queue), "count"));
  out.append(title, el("p", clean(c.text), "sentence"));
  for (const what of c.problems) out.append(el("p", "To put right: " + clean(what), "late"));
  for (const what of c.notes) out.append(el("p", "Note: " + clean(what), "count"));
  if (c.budget.override) out.append(el("p", "Allowed to go beyond its budget until " + local(c.budget.override.until) + " by " + clean(c.budget.override.by) + ": " + clean(c.budget.override.reason), "late"));
  out.append(gauge(c.budget));
  const rows = [
    ["State", c.state + (c.since ? " since " + local(c.since) : "") + (c.by ? " by " + c.by : "") + (c.why ? ": " + c.why : "")],
    ["Agents", c.state !== "running" ? c.agents.signed + " signed in" : c.agents.reachable + " reachable of " + c.agents.signed + ": " + c.agents.free + " free, " + c.agents.talking + " talking, " + c.agents.wrap_up + " in wrap-up" + (c.agents.by_hand ? ", " + c.agents.by_hand + " with phones lifted by hand" : "")],
    ["Lines", c.lines.ringing + " ringing, " + c.lines.waiting + " waiting, " + c.lines.talking + " talking, " + c.lines.ahead + " leads ahead" + (c.lines.limit ? "; at most " + c.lines.limit : "")],
    ["Today", c.today.attempts + " attempts, " + c.today.humans + " people" + (c.today.hit_rate === undefined ? "" : " (" + percent(c.today.hit_rate) + ")") + ", " + c.today.machines + " machines; " + c.today.connected + " connected, " + c.today.dropped + " dropped" +
      (c.today.connected ? "; connected in " + seconds(c.today.connect_seconds) + ", 95 of 100 in " + seconds(c.today.connect_p95_seconds) : "")],
    ["Leads", c.leads.total === 0 ? "" : (c.leads.ready + c.leads.later + c.leads.taken) + " left of " + c.leads.total + ": " + c.leads.ready + " ready, " + c.leads.later + " later, " + c.leads.taken + " being called; " + c.leads.done + " done, " + c.leads.excluded + " excluded"],
    ["In their way", c.leads.reasons.filter((r) => !COUNTED.includes(r.reason)).map((r) => r.leads + " " + words(r.reason) + " (" + r.text + ")").join("; ")],
    ["Ends", c.ends_at ? "about " + local(c.ends_at) : ""],
  ];
  const table = el("table", undefined, "facts");
  table.createTBody().append(...rows.filter(([, value]) => value).map(([name, value]) => {
    const tr = el("tr");
    cell(tr, "", name, "key");
    cell(tr, "", value, "wide");
    return tr;
  }));
  out.append(table);
  out.append(leads ? buttons(c) : el("p", "Start, pause and stop are for supervisors and administrators: give a token above.", "empty"));
  return out;
}

function progress(i) {
  const box = el("div", undefined, "gauge");
  const bar = el("progress");
  if (i.of > 0) {
    bar.max = i.of;
    bar.value = i.bytes;
  }
  box.append(bar, el("span", i.state + ": " + i.rows + " rows, " + i.bad + " refused" + (i.error ? ": " + clean(i.error) : "")));
  return box;
}

let listsAt = 0;
let listsShown = [];

// listsOfDialer counts leads, which may be millions: not at every look.
async function listsOfDialer() {
  if (Date.now() - listsAt > LISTS_MS) {
    listsShown = await askLists();
    listsAt = Date.now();
  }
  return listsShown;
}

async function askLists() {
  let lists = [];
  let imports = [];
  try {
    lists = (await ask("/api/v1/lists")).lists;
    imports = (await ask("/api/v1/imports?limit=20")).imports;
  } catch (e) {
    return [el("p", e.message, "empty")];
  }
  const rows = lists.map((l) => ({
    list: l.id, campaigns: l.campaigns, leads: l.leads.total, ready: l.leads.ready, later: l.leads.later, done: l.leads.done, excluded: l.leads.excluded, closed: l.closed,
  }));
  const out = [section("lists", rows, ["list", "campaigns", "leads", "ready", "later", "done", "excluded", "closed"])];
  if (imports.length) out.push(section("imports", imports.map((i) => ({ ...i, started: local(i.started_at) })), ["no", "list", "file", "good", "twice", "blocked", "started"], progress));
  return out;
}

async function cards() {
  const leads = await mayOrder();
  return [...seen.map((c) => card(c, leads)), ...await listsOfDialer()];
}

byId("why").addEventListener("submit", async (e) => {
  e.preventDefault();
  try {
    const rows = (await ask("/api/v1/leads/why?who=" + encodeURIComponent(byId("who").value.trim()))).answers.flatMap((a) =>
      (a.reasons.length ? a.reasons : [{ reason: "now", text: "called when its turn comes" }]).map((r) => ({
        lead: a.lead.list + "/" + a.lead.ref, state: a.lead.state, campaign: a.campaign || "none has the list", reason: words(r.reason), what: r.text, until: local(r.until),
      })));
    byId("answers").replaceChildren(section("answers", rows, ["lead", "state", "campaign", "reason", "what", "until"]));
  } catch (e) {
    byId("answers").replaceChildren(el("p", e.message, "late"));
  }
});

run({
  api: "/api/v1/campaigns", command: "strowger campaign", every: 1000, draw: drawCampaigns, lists: cards,
  adminsOnly: () => ask("/api/v1/supervisions"),
});
