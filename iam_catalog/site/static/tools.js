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
