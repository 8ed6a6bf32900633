// Makes the pages quicker to use. Everything works without this file, too.
"use strict";

// --- search as you type: a combobox with a list, as in the ARIA Authoring Practices

async function suggestions(form, text) {
  // A static export has its own search, and no server to ask.
  if (globalThis.catalogSearch) return catalogSearch.find(text, 50);
  const url = new URL(form.dataset.suggest, location.href);
  url.search = new URLSearchParams({q: text, limit: "50"});
  const answer = await fetch(url);
  return answer.ok ? (await answer.json()).results : [];
}

function addSuggestions(form, number) {
  const input = form.querySelector("input");
  const list = document.createElement("ul");
  let shown = [], active = -1, timer = 0, latest = 0;
  list.id = `suggestions-${number}`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  form.append(list);
  for (const [name, value] of Object.entries({
    "role": "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((item, each) => item.setAttribute("aria-selected", String(each === index)));
    const item = list.children[index];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({block: "nearest"});
    }
  }

  function go(index) {
    if (shown[index].address) { location.assign(shown[index].address); return; }
    const url = new URL(form.action);
    url.pathname = url.pathname.replace(/search$/, "go");
    url.search = new URLSearchParams({kind: shown[index].kind, name: shown[index].name});
    location.assign(url);
  }

  function show(results) {
    shown = results;
    list.replaceChildren(...results.map((result, index) => {
      const item = document.createElement("li");
      const name = document.createElement("code");
      const kind = document.createElement("span");
      item.id = `${list.id}-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      name.textContent = result.kind === "policy" && result.description || result.name;
      kind.className = "kind";
      kind.textContent = ` ${result.kind}`;
      item.append(name, kind);
      item.addEventListener("mousedown", event => { event.preventDefault(); go(index); });
      return item;
    }));
    active = -1;
    list.hidden = results.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  // At most 12, with the best two of every kind among them.
  function chosen(results) {
    const seen = {};
    const best = results.filter(({kind}) => (seen[kind] = (seen[kind] ?? 0) + 1) <= 2);
    const kept = new Set([...new Set([...best, ...results])].slice(0, 12));
    return results.filter(result => kept.has(result));
  }

  async function ask() {
    const mine = ++latest;
    const text = input.value.trim();
    if (!text) { show([]); return; }
    try {
      const found = await suggestions(form, text);
      if (mine === latest) show(chosen(found));
    } catch {
      close();
    }
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 90); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", event => {
    if (event.key === "Escape") { close(); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark((active + step + shown.length + (active < 0 && step < 0 ? 1 : 0)) % shown.length);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      go(active);
    }
  });
}

document.querySelectorAll("form[data-suggest]").forEach(addSuggestions);
document.addEventListener("keydown", event => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.querySelector("form[data-suggest] input").focus();
});

// --- filter the rows of a table

document.querySelectorAll("[data-filter]").forEach(bar => {
  const target = document.getElementById(bar.dataset.filter);
  const rows = [...target.querySelectorAll("tbody tr")];
  const groups = [...target.querySelectorAll(".group")];
  const input = bar.querySelector("input[type=search]");
  const status = bar.querySelector("[role=status]");
  let texts;
  bar.hidden = false;
  input.addEventListener("input", () => {
    // What a group has in common counts as a word of each of its rows.
    texts ??= rows.map(row => `${row.closest("[data-words]")?.dataset.words ?? ""} ${row.textContent}`.toLowerCase());
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every(word => texts[index].includes(word));
      count += row.hidden ? 0 : 1;
    });
    for (const group of groups) group.hidden = !group.querySelector("tbody tr:not([hidden])");
    status.textContent = words.length ? `${count} of ${rows.length}` : "";
  });
});

// --- copy the text of an element

const told = document.createElement("p");
told.className = "unseen";
told.setAttribute("role", "status");
document.body.append(told);

document.querySelectorAll("[data-copy]").forEach(element => {
  if (!navigator.clipboard) return;
  const text = element.textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${element.dataset.copy}`);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    told.textContent = `Copied ${element.dataset.copy}`;
    setTimeout(() => { button.textContent = "Copy"; told.textContent = ""; }, 2000);
  });
  if (element.tagName === "PRE") element.prepend(button); else element.after(button);
});

// --- bring the action itself into sight where its graph is wider than the screen

document.querySelectorAll(".scroll").forEach(box => {
  const own = box.querySelector(".own");
  if (!own || box.scrollWidth <= box.clientWidth) return;
  const place = own.getBoundingClientRect(), frame = box.getBoundingClientRect();
  box.scrollLeft += place.left + place.width / 2 - frame.left - frame.width / 2;
});
