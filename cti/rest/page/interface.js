// What the pages of the dialer and of the interfaces for other systems share:
// status, lists and orders every five seconds, or as often as the page wants, the latter for who has a token for them. The token
// stays in the page's memory.
"use strict";

const POLL_MS = 5000;
const ANSWER_MS = 10000;
const MAX_ROWS = 200;

let token = "";
let timer = 0;
let looks = 0;
let heard = 0; // when the last look was answered
let allowed; // what mayOrder has heard of this token
let page = null;

const words = (name) => name.replace(/_/g, " ");

function shown(value) {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === undefined || value === null ? "" : String(value);
}

function problem(text) {
  if (byId("problem").textContent !== text) byId("problem").textContent = text; // an alert is read out at each change
  byId("problem").hidden = text === "";
}

// ask is for a path below the interface's own, or a whole one. It returns the
// answer's body; refused is what an order or list without the right is, lost
// what brought no answer at all.
async function ask(path, body) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = "Bearer " + token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let r, answer;
  try {
    r = await fetch(path.startsWith("/api/") ? path : page.api + path, {
      method: body === undefined ? "GET" : "POST", headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(ANSWER_MS),
    });
    answer = await r.json();
  } catch {
    const e = new Error("the controller does not answer");
    e.lost = true;
    throw e;
  }
  if (r.ok) return answer;
  const e = new Error(clean(answer.detail || answer.title || r.statusText));
  e.status = r.status;
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
  if (!byId("lists").querySelector("button:active")) replaceLists(out); // else the click would be lost
}

// mayOrder says whether the token is one for what administrators alone may. It asks once.
async function mayOrder() {
  if (allowed !== undefined) return allowed;
  try {
    await page.adminsOnly();
    allowed = true;
  } catch (e) {
    if (!e.refused) throw e;
    allowed = false;
  }
  return allowed;
}

// replaceLists keeps the keyboard where it is: what is shown is made anew at every look.
function replaceLists(out) {
  const buttons = () => [...byId("lists").querySelectorAll("button")];
  const at = buttons().indexOf(document.activeElement);
  const text = at < 0 ? "" : document.activeElement.textContent;
  byId("lists").replaceChildren(...out);
  if (at >= 0 && buttons()[at]?.textContent === text) buttons()[at].focus({ preventScroll: true });
}

// lost says that what is shown is old, and until when it was true.
function lost() {
  allowed = undefined;
  document.body.classList.add("stale");
  drawState("link lost", false);
  problem("The controller does not answer." + (heard ? " What is shown is from " + new Date(heard).toLocaleTimeString() + "." : "") +
    " Trying again every " + (page.every || POLL_MS) / 1000 + " s.");
}

// refresh looks. Of two at once - somebody has given an order meanwhile - the
// newer one goes on alone.
async function refresh() {
  const look = ++looks;
  clearTimeout(timer);
  try {
    const answer = await ask("");
    if (look !== looks) return;
    document.body.classList.remove("stale");
    page.draw(answer);
    await drawLists();
    byId("orders").hidden = !await mayOrder();
    if (look !== looks) return;
    heard = Date.now();
    problem("");
  } catch (e) {
    if (look !== looks) return;
    if (e.lost) lost();
    else problem(e.status === 401 && token ? "This token is not known: it must be a secret of rest.tokens in the configuration." : e.message);
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
    allowed = undefined;
    refresh();
  });
  for (const b of document.querySelectorAll("[data-order]")) {
    b.addEventListener("click", () => {
      if (!b.dataset.ask || confirm(b.dataset.ask)) order("/" + b.dataset.order, {}, b.textContent + ": done.");
    });
  }
  refresh();
}
