// Makes the tools quicker to use. Everything works without this file, too.
"use strict";

// --- send a form from its text with Ctrl or Command and Enter

for (const field of document.querySelectorAll("textarea[data-submit]")) {
  field.addEventListener("keydown", event => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    field.form.requestSubmit();
  });
}
for (const hint of document.querySelectorAll(".keys")) hint.hidden = false;

// --- keep the text of the checker for Back, in this tab alone

const kept = "checker";
const keeper = document.querySelector("textarea[data-keep]");
const answer = document.getElementById("answer");

function keep(field) {
  const form = new FormData(field.form);
  try {
    sessionStorage.setItem(kept, JSON.stringify({text: field.value, kind: form.get("kind")}));
    return true;
  } catch {
    return false;  // the browser keeps no text that is so long
  }
}

function bringBack(field) {
  let found = null;
  try { found = JSON.parse(sessionStorage.getItem(kept)); } catch { return; }
  const [visit] = performance.getEntriesByType("navigation");
  if (!found?.text || !["back_forward", "reload"].includes(visit?.type)) return;
  field.value = found.text;
  field.form.elements.kind.value = found.kind ?? "";
  // An entry of the history that showed an answer shows it again: the text is sent anew.
  const again = field.form.querySelector(`button[value="${CSS.escape(history.state?.show ?? "")}"]`);
  if (again) field.form.requestSubmit(again);
}

if (keeper) {
  keeper.form.addEventListener("submit", () => keep(keeper));
  addEventListener("pagehide", () => keep(keeper));
  // Without this, Back to an answer is a page of the browser that asks to send a form again.
  if (answer && keep(keeper)) history.replaceState({show: answer.dataset.show}, "", location.href);
  else if (!keeper.value) bringBack(keeper);
}

// --- make the changes that findings suggest, in the text of the form

const made = [];  // {start, end, grown}: in the text as it was sent

function shift(offset) {
  return made.filter(each => each.end <= offset).reduce((sum, each) => sum + each.grown, offset);
}

function change(field, from, to, was, text) {
  if (field.value.slice(from, to) !== was) return false;
  field.value = field.value.slice(0, from) + text + field.value.slice(to);
  keep(field);
  return true;
}

function addFix(block, field, bar) {
  const {was, text} = block.dataset;
  const start = Number(block.dataset.start), end = Number(block.dataset.end);
  const button = document.createElement("button");
  let mine = null;
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Apply";
  button.addEventListener("click", () => {
    const from = shift(start);
    let done = false;
    if (mine) {
      done = change(field, from, from + text.length, text, was);
      if (done) made.splice(made.indexOf(mine), 1);
      mine = done ? null : mine;
    } else if (!made.some(each => each.start < end && start < each.end)) {
      done = change(field, from, from + was.length, was, text);
      if (done) made.push(mine = {start, end, grown: text.length - was.length});
    }
    button.textContent = mine ? "Undo" : "Apply";
    button.setAttribute("aria-pressed", String(Boolean(mine)));
    block.classList.toggle("made", Boolean(mine));
    const count = `${made.length} ${made.length === 1 ? "change is" : "changes are"} made in the text.`;
    bar.querySelector("[role=status]").textContent =
      done ? count : `${count} This one no longer fits: the text has changed there.`;
    bar.hidden = false;
  });
  block.append(button);
}

const fixed = document.getElementById("fixed");
if (keeper && fixed) {
  for (const block of document.querySelectorAll(".fix[data-start]")) addFix(block, keeper, fixed);
  const copy = fixed.querySelector("[data-copy-of]");
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(keeper.value);
    fixed.querySelector("[role=status]").textContent = "The changed text is copied.";
  });
}

// --- remember the partition and the account of written policies, in this browser

const remembered = "placeholders";
const filled = [...document.querySelectorAll("input[data-remember]")];

function readRemembered() {
  try { return JSON.parse(localStorage.getItem(remembered)) ?? {}; } catch { return {}; }
}

function remember() {
  const values = readRemembered();
  for (const {dataset, value} of filled) {
    if (value.trim()) values[dataset.remember] = value.trim();
    else delete values[dataset.remember];
  }
  try { localStorage.setItem(remembered, JSON.stringify(values)); } catch { /* it is a convenience */ }
}

const forget = document.getElementById("forget");
if (filled.length) {
  const values = readRemembered();
  for (const input of filled) {
    if (!input.value && typeof values[input.dataset.remember] === "string") {
      input.value = values[input.dataset.remember];
    }
    input.form.addEventListener("submit", remember);
  }
  forget.closest("p").hidden = false;
  forget.addEventListener("click", () => {
    localStorage.removeItem(remembered);
    for (const input of filled) input.value = "";
  });
}

// --- read a file into a text, dropped on it or chosen

async function read(file, field) {
  const status = document.getElementById("file-status");
  const most = Number(field.dataset.drop);
  if (file.size > most) {
    status.textContent = `${file.name} has ${file.size.toLocaleString("en")} bytes: at most ${most.toLocaleString("en")} can be checked here.`;
    return;
  }
  try {
    field.value = new TextDecoder("utf-8", {fatal: true}).decode(await file.arrayBuffer());
    status.textContent = `${file.name} is read.`;
    field.focus();
  } catch {
    status.textContent = `${file.name} is not UTF-8 text.`;
  }
}

for (const field of document.querySelectorAll("textarea[data-drop]")) {
  const has = event => [...event.dataTransfer.types].includes("Files");
  field.addEventListener("dragover", event => {
    if (!has(event)) return;
    event.preventDefault();
    field.classList.add("over-it");
  });
  field.addEventListener("dragleave", () => field.classList.remove("over-it"));
  field.addEventListener("drop", event => {
    field.classList.remove("over-it");
    if (!has(event)) return;
    event.preventDefault();
    read(event.dataTransfer.files[0], field);
  });
}
for (const input of document.querySelectorAll("input[data-into]")) {
  input.closest(".file").hidden = false;
  input.addEventListener("change", () => {
    if (input.files[0]) read(input.files[0], document.getElementById(input.dataset.into));
  });
}
