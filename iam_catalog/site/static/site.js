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

// --- filters and orders of tables, which are in the address, so that Back has them again

function addressWith(name, value, href = location.href) {
  const url = new URL(href);
  if (value) url.searchParams.set(name, value); else url.searchParams.delete(name);
  return url;
}

function inAddress(name, value) {
  history.replaceState(history.state, "", addressWith(name, value));
  // What the page links to with a filter of its own keeps this one, too.
  for (const link of document.querySelectorAll(".chips a[href], .views-of a[href]")) {
    const isOrder = link.closest(".views-of") && !link.pathname.endsWith(".csv");
    if (name !== "sort" || !isOrder) link.href = addressWith(name, value, link.href);
  }
}

document.querySelectorAll("[data-filter]").forEach(bar => {
  const target = document.getElementById(bar.dataset.filter);
  const groups = [...target.querySelectorAll(".group")];
  const input = bar.querySelector("input[type=search]");
  const status = bar.querySelector("[role=status]");
  const sent = (bar.dataset.narrowed ?? "").toLowerCase().split(/\s+/).filter(Boolean);  // rows with these words only
  const parameter = input.name || "q";
  let rows, texts, timer = 0;
  bar.hidden = false;
  bar.querySelectorAll("button").forEach(button => { button.hidden = true; });

  function show() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!sent.every(each => words.some(word => word.includes(each)))) {
      const url = addressWith(parameter, input.value.trim());
      url.hash = input.id;
      location.replace(url);
      return;
    }
    // Not at each letter: browsers refuse too many changes of an address.
    clearTimeout(timer);
    timer = setTimeout(() => inAddress(parameter, input.value.trim()), 150);
    rows ??= [...target.querySelectorAll("tbody tr")];
    // What a group has in common counts as a word of each of its rows.
    texts ??= rows.map(row => `${row.closest("[data-words]")?.dataset.words ?? ""} ${row.textContent}`.toLowerCase());
    let count = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every(word => texts[index].includes(word));
      count += row.hidden ? 0 : 1;
    });
    for (const group of groups) group.hidden = !group.querySelector("tbody tr:not([hidden])");
    status.textContent = words.length ? count ? `${count} of ${rows.length}` : `None of ${rows.length} has all of these words` : "";
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (sent.length) timer = setTimeout(show, 400); else show();
  });
  addEventListener("pagehide", () => { clearTimeout(timer); });
  bar.addEventListener("submit", event => { event.preventDefault(); show(); });
  if (location.hash === `#${input.id}` && input.id) input.focus();
  input.value ||= new URLSearchParams(location.search).get(parameter) ?? "";
  if (input.value && !sent.length) show();
});

document.querySelectorAll("#action-rows").forEach(place => {
  const heads = [...place.querySelectorAll("[data-sort]")];
  const bodies = [...place.querySelectorAll("tbody")];
  if (place.querySelector("h3") || !heads.length) return;  // in groups: the server has the other orders
  const rows = [...place.querySelectorAll("tbody tr")];
  const column = name => heads.find(each => each.dataset.sort === name).closest("th").cellIndex;
  const text = (row, name) => row.cells[column(name)].textContent.trim().toLowerCase();
  const levels = ["list", "read", "write", "permissions management", "tagging"];
  const place_of = level => { const found = levels.findIndex(each => level.startsWith(each)); return found < 0 ? 9 : found; };
  const orders = {
    name: row => text(row, "name"),
    level: row => place_of(text(row, "level")),
    resource_types: row => row.cells[column("resource_types")].querySelector("code") ? text(row, "resource_types") : "~",
    condition_keys: row => -Number(row.cells[column("condition_keys")].dataset.number ?? 0),
    needs: row => -(parseInt(text(row, "needs"), 10) || 0),
  };
  const compared = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

  function sort(name) {
    const keys = new Map(rows.map(row => [row, [orders[name](row), orders.name(row)]]));
    const sorted = [...rows].sort((one, other) => compared(keys.get(one)[0], keys.get(other)[0]) || compared(keys.get(one)[1], keys.get(other)[1]));
    let start = 0;
    for (const [index, size] of bodies.map(body => body.rows.length).entries()) {
      bodies[index].append(...sorted.slice(start, start + size));
      start += size;
    }
    for (const head of heads) {
      const th = head.closest("th");
      if (head.dataset.sort !== name) th.removeAttribute("aria-sort");
      else th.setAttribute("aria-sort", ["condition_keys", "needs"].includes(name) ? "descending" : "ascending");
    }
    const fromAToZ = document.querySelector(".views-of a");
    if (name === "name") fromAToZ?.setAttribute("aria-current", "true"); else fromAToZ?.removeAttribute("aria-current");
    inAddress("sort", name === "name" ? "" : name);
  }

  heads.forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.dataset.sort = head.dataset.sort;
    button.append(...head.childNodes);
    head.replaceWith(button);
    heads[index] = button;
    button.addEventListener("click", () => sort(button.dataset.sort));
  });
  const asked = new URLSearchParams(location.search).get("sort");
  if (asked && Object.hasOwn(orders, asked) && !heads.find(each => each.dataset.sort === asked)?.closest("[aria-sort]") && heads.some(each => each.dataset.sort === asked)) sort(asked);
});

// --- tick actions, and have a policy of them

document.querySelectorAll(".ticked").forEach(bar => {
  const form = bar.closest("#ticked");
  const head = bar.querySelector("p");
  const status = document.createElement("span");
  const shown = document.createElement("pre");
  status.setAttribute("role", "status");
  head.querySelector("span")?.remove();
  head.prepend(status);
  shown.hidden = true;
  shown.tabIndex = 0;
  shown.setAttribute("aria-label", "Policy with the ticked actions");
  bar.append(shown);
  const ticked = () => [...form.querySelectorAll("input[name=action]:checked")];

  function button(words, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "quiet";
    made.textContent = words;
    made.addEventListener("click", act);
    head.append(made);
    return made;
  }

  // The ARN formats of each resource type, from the table on the page.
  function formats() {
    const rows = document.querySelectorAll("#arn-formats tbody tr");
    return new Map([...rows].map(row => [row.querySelector("th").textContent.trim(), [...row.querySelectorAll("td code")].map(code => code.textContent)]));
  }

  // Actions that take the same resource types share a statement.
  function policy() {
    const known = formats(), groups = new Map();
    for (const input of ticked()) {
      const cell = input.closest("tr").querySelector("[data-label=On]");
      const types = [...cell.querySelectorAll("code")].map(code => code.textContent);
      const arns = types.length ? types.flatMap(type => known.get(type) ?? []) : [cell.textContent.includes("*") ? "*" : "${Resource}"];
      const resource = arns.length ? arns : ["${Resource}"];
      const key = resource.join(" ");
      groups.set(key, {Effect: "Allow", Action: [...groups.get(key)?.Action ?? [], input.value], Resource: resource.length > 1 ? resource : resource[0]});
    }
    return JSON.stringify({Version: "2012-10-17", Statement: [...groups.values()]}, null, 2);
  }

  const copy = button("Copy as a policy", async () => {
    shown.textContent = policy();
    shown.hidden = false;
    try {
      await navigator.clipboard.writeText(shown.textContent);
      copy.textContent = "Copied";
      setTimeout(() => { copy.textContent = "Copy as a policy"; }, 2000);
    } catch {
      getSelection().selectAllChildren(shown);
    }
  });
  button("Untick all", () => { for (const input of ticked()) input.checked = false; update(); });

  function update() {
    const {length} = ticked();
    bar.hidden = !length;
    status.textContent = length ? `${length} ${length === 1 ? "action" : "actions"} ticked` : "";
    if (!length) shown.hidden = true;
    if (!shown.hidden) shown.textContent = policy();
  }

  form.addEventListener("change", update);
  // As one value, because an address with hundreds of them is refused.
  form.addEventListener("submit", event => {
    event.preventDefault();
    const url = new URL(form.getAttribute("action"), location.href);  // form.action: the boxes, by their name
    url.search = new URLSearchParams({actions: ticked().map(input => input.value).join(" ")});
    location.assign(url);
  });
  addEventListener("pageshow", update);
  update();
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
  // Beside a heading, not in it: a heading is read out as one text.
  if (element.tagName === "PRE") element.prepend(button); else (element.closest("h1") ?? element).after(button);
});

// --- where a screen is too narrow for a picture, its list is open

document.querySelectorAll(".drawn + .as-list").forEach(list => {
  if (getComputedStyle(list.previousElementSibling).display === "none") list.open = true;
});
