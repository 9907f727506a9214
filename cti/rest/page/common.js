// What the pages share. Everything that comes from outside is written with
// textContent: a caller's name is never markup.
"use strict";

const byId = (id) => document.getElementById(id);

function el(tag, text, className) {
  const e = document.createElement(tag);
  if (text !== undefined && text !== "") e.textContent = text;
  if (className) e.className = className;
  return e;
}

// Names come from the network: control and direction characters would let
// them disturb their surroundings.
function clean(text) { return String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u00b7"); }

function cell(row, label, content, className) {
  const td = el("td", undefined, className);
  if (label) td.dataset.label = label;
  if (content instanceof Node) td.append(content);
  else if (content === "" || content === undefined) td.classList.add("none");
  else td.textContent = clean(content);
  row.append(td);
  return td;
}

function addSmall(td, text) { if (text) { td.classList.remove("none"); td.append(el("small", clean(text))); } }
