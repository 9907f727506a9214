// What the pages of the dialer and of the interfaces for other systems share:
// status, lists and orders every five seconds, or as often as the page wants, the latter for who has a token for them. The token
// stays in the page's memory.
"use strict";

const POLL_MS = 5000;
const MAX_ROWS = 200;

let token = "";
let timer = 0;
let page = null;

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

// ask is for a path below the interface's own, or a whole one. It returns the
// answer's body; refused is what an order or list without the right is.
async function ask(path, body) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = "Bearer " + token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const r = await fetch(path.startsWith("/api/") ? path : page.api + path, { method: body === undefined ? "GET" : "POST", headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await r.json();
  if (r.ok) return answer;
  const e = new Error(clean(answer.detail || answer.title || r.statusText));
  e.refused = r.status === 401 || r.status === 403;
  throw e;
}

function drawState(text, good) {
  byId("state").textContent = clean(text);
  byId("state").className = "badge " + (good ? "good" : "bad");
}

// drawTiles takes triples: name, value, whether it is a reason to look.
function drawTiles(tiles) {
  byId("counts").replaceChildren(...tiles.map(([name, value, alarm]) => {
    const div = el("div", undefined, alarm ? "alarm" : "");
    div.append(el("dt", name), el("dd", String(value)));
    return div;
  }));
}

function drawFacts(facts) {
  byId("facts").tBodies[0].replaceChildren(...facts.map(([name, value]) => {
    const tr = el("tr");
    cell(tr, "", name, "key");
    cell(tr, "", value, "wide");
    return tr;
  }));
}

// section is a list; buttons, where it is given, makes what stands at the end of a row.
function section(name, rows, columns, buttons) {
  const out = el("section");
  const title = el("h2", words(name) + " ");
  title.append(el("span", "(" + rows.length + ")", "count"));
  const table = el("table");
  const head = el("tr");
  head.append(...columns.map((c) => el("th", words(c))));
  if (buttons) head.append(el("th"));
  table.createTHead().append(head);
  table.createTBody().append(...rows.slice(0, MAX_ROWS).map((row) => {
    const tr = el("tr");
    for (const c of columns) cell(tr, words(c), shown(row[c]));
    if (buttons) cell(tr, "", buttons(row));
    return tr;
  }));
  const scroll = el("div", undefined, "scroll");
  scroll.append(table);
  out.append(title, rows.length ? scroll : el("p", "None.", "empty"));
  if (rows.length > MAX_ROWS) out.append(el("p", "and " + (rows.length - MAX_ROWS) + " more; " + page.command + " " + name + " lists them all", "empty"));
  return out;
}

async function drawLists() {
  let out;
  try {
    out = await page.lists();
  } catch (e) {
    if (!e.refused) throw e;
    out = [el("p", "Lists are for supervisors and administrators: give a token above.", "empty")];
  }
  if (!byId("lists").querySelector("button:active")) byId("lists").replaceChildren(...out); // else the click would be lost
}

// drawOrders shows the orders to who may see what administrators alone may.
async function drawOrders() {
  try {
    await page.adminsOnly();
    byId("orders").hidden = false;
  } catch (e) {
    if (!e.refused) throw e;
    byId("orders").hidden = true;
  }
}

async function refresh() {
  clearTimeout(timer);
  try {
    page.draw(await ask(""));
    await drawLists();
    await drawOrders();
    problem("");
  } catch (e) {
    problem(e.message);
  }
  timer = setTimeout(refresh, page.every || POLL_MS);
}

async function order(path, body, said) {
  try {
    page.draw(await ask(path, body));
    byId("done").textContent = said;
  } catch (e) {
    byId("done").textContent = "Refused: " + e.message;
  }
}

// run begins a page: api and command are its interface's, draw shows the status,
// lists returns the sections below it, adminsOnly asks what others may not.
function run(what) {
  page = what;
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
  refresh();
}
