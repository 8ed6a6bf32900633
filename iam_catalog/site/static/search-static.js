// Search without a server, in a static export: the results of a server, in the same order, from an
// index that is loaded when somebody first types.
"use strict";

globalThis.catalogSearch = (() => {
  const MOST = 50;  // of a kind, on the page of results
  const here = document.currentScript.src;
  const loading = {}, loaded = {};
  let kinds = null;

  // A script, because browsers refuse to fetch a file of a page that they opened as a file.
  function load(name) {
    loading[name] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(`${name}.js`, here).href;
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => { delete loading[name]; reject(new Error(name)); });
      document.head.append(script);
    });
    return loading[name];
  }

  function take(name, value) {
    loaded[name] = value;
    kinds = null;
  }

  // --- words, as SQLite's unicode61 and the catalog's own index have them

  function words(text) {
    return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
  }

  // As they are written, which is how the titles of policies are searched.
  function written(text) {
    return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  }

  // A run of capitals is one word, and its last letter starts the next one: list acls, create db instance.
  function nameWords(name) {
    const spaced = name
      .replace(/([^\p{Lu}])(?=\p{Lu})/gu, "$1 ")
      .replace(/(\p{Lu})(?=\p{Lu}\p{Ll})(?!\p{Lu}s(?!\p{Ll}))/gu, "$1 ");
    return words(spaced);
  }

  function count(text, word) {
    let found = 0;
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) found += 1;
    return found;
  }

  // --- the index: for each name its own words and all words, each with a blank before it

  function* spelledOut(names) {
    for (const [prefix, group] of names) {
      for (const each of group) yield prefix ? `${prefix}:${each}` : each;
    }
  }

  // Keys that no page lists, which come behind those that are ranked.
  function unlistedEntries({names, description}) {
    return [...spelledOut(names)].map(name => ({
      name, description, all: ` ${[...words(name), ...nameWords(name)].join(" ")}`,
    }));
  }

  // *others* are the words of all names of a service.
  function made({kind, names, descriptions, documents, words: others, unlisted}) {
    const texts = descriptions ?? loaded.descriptions?.[kind] ?? [];
    const entries = [];
    let total = 0;
    for (const name of spelledOut(names)) {
      const description = texts[entries.length] ?? null;
      const said = [description, documents?.[entries.length]].filter(Boolean);
      const inName = others ? words(others[entries.length]) : nameWords(name);
      const own = documents ? written(name) : [...words(name), ...inName];
      const more = said.flatMap(documents ? written : words);
      total += own.length + more.length;
      entries.push({
        name, description, own: ` ${own.join(" ")}`,
        all: ` ${[...own, ...more].join(" ")}`, size: own.length + more.length,
      });
    }
    return {
      kind, entries, average: total / (entries.length || 1), policies: Boolean(documents),
      unlisted: unlisted ? unlistedEntries(unlisted) : [],
    };
  }

  // FTS5's bm25 (https://www.sqlite.org/fts5.html#the_bm25_function), without its sign.
  function weights({entries}, starts) {
    return starts.map(start => {
      const holders = entries.reduce((number, each) => number + each.all.includes(start), 0);
      const weight = Math.log((entries.length - holders + 0.5) / (holders + 0.5));
      return weight > 0 ? weight : 1e-6;
    });
  }

  function score(entry, starts, weight, average) {
    const length = 1.2 * (1 - 0.75 + 0.75 * entry.size / average);
    return starts.reduce((sum, start, index) => {
      const often = count(entry.all, start);
      return sum + weight[index] * (often * 2.2) / (often + length);
    }, 0);
  }

  function ranked(index, starts, found) {
    const weight = weights(index, starts);
    return found
      .map(entry => ({
        entry, named: starts.every(start => entry.own.includes(start)),
        score: score(entry, starts, weight, index.average),
      }))
      .sort((one, other) => other.named - one.named || other.score - one.score)
      .slice(0, MOST)
      .map(({entry}) => entry);
  }

  // Whether a name is nothing but these letters, with its prefix or behind it.
  function hasOnly(name, letters) {
    return [name, name.slice(name.indexOf(":") + 1)].some(each => written(each).join("") === letters);
  }

  function having(entries, starts) {
    return entries.filter(each => starts.every(start => each.all.includes(start)));
  }

  // Sample policies stay in the order of their documents, as on a server.
  function foundIn(index, text, limit) {
    const starts = (index.policies ? written : words)(text).map(word => ` ${word}`);
    if (!starts.length) return [];
    const found = having(index.entries, starts);
    const shown = [
      ...index.policies ? found : ranked(index, starts, found),
      ...having(index.unlisted, written(text).map(word => ` ${word}`)),
    ];
    const letters = written(text).join("");
    const only = new Set(shown.filter(({name}) => hasOnly(name, letters)));
    return shown
      .sort((one, other) => only.has(other) - only.has(one))
      .slice(0, limit)
      .map(({name, description}) => ({
        kind: index.kind, name, description, address: address(index.kind, name),
      }));
  }

  // --- addresses: the rule of places.py, but for the names whose files stand in the index

  function spelled(text) {
    return text.replace(/[^A-Za-z0-9_.@-]+/g, signs => [...new TextEncoder().encode(signs)]
      .map(byte => `~${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""));
  }

  function address(kind, name) {
    const word = kind.replaceAll(" ", "-");
    const split = ["action", "resource-type", "condition-key"].includes(word) && name.includes(":");
    const parts = split ? [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)] : [name];
    const unusual = loaded.names.unusual[word] ?? {};
    const path = Object.hasOwn(unusual, name) ? unusual[name] : `${word}/${parts.map(spelled).join("/")}.html`;
    return new URL(`../${path}`, here).href;
  }

  // At most `limit` of each kind; what has just this name comes first.
  async function find(text, limit) {
    await load("names");
    kinds ??= loaded.names.kinds.map(made);
    const found = kinds.flatMap(index => foundIn(index, text, limit));
    const same = each => each.name.toLowerCase() === text.toLowerCase();
    return [...found.filter(same), ...found.filter(each => !same(each))];
  }

  return {find, load, take, MOST};
})();

// --- the page of results, which reads as that of a server

(() => {
  const {MOST} = catalogSearch;
  const place = document.querySelector("[data-results]");
  if (!place) return;
  const status = place.querySelector("[role=status]");
  const text = (new URLSearchParams(location.search).get("q") ?? "").trim();

  function element(name, content, className) {
    const made = document.createElement(name);
    made.append(...content);
    if (className) made.className = className;
    return made;
  }

  // As on the other pages: behind separators, and between the words of a long name.
  function breakable(name) {
    const separators = /(?<=[:/.,_@])(?=.)(?!(?<=:):)|(?=\$\{)/;
    const parts = name.length > 20
      ? name.split(new RegExp(`${separators.source}|(?<=[a-z0-9])(?=[A-Z])`))
      : name.split(separators);
    return parts.flatMap((part, index) => index ? [document.createElement("wbr"), part] : [part]);
  }

  function item({kind, name, description, address}) {
    const policy = kind === "policy";
    const link = element("a", policy ? [description || name] : [element("code", breakable(name))]);
    link.href = address;
    return element("li", [link, " ", element("span", [policy ? "sample policy" : description ?? ""], "description")]);
  }

  function plural(kind) {
    return kind === "policy" ? "policies" : `${kind}s`;
  }

  function number(kind, {length}) {
    if (length >= MOST) return `${length} or more ${plural(kind)}`;
    return `${length} ${length === 1 ? kind : plural(kind)}`;
  }

  function section([kind, results], index) {
    const title = element("h2", [number(kind, results)]);
    title.id = `results-${index + 1}`;
    const made = element("section", [title, element("ul", results.map(item), "results")]);
    made.setAttribute("aria-labelledby", title.id);
    return made;
  }

  function contents(groups) {
    const made = element("nav", [element("ul", groups.map(([kind, results], index) => {
      const link = element("a", [number(kind, results)]);
      link.href = `#results-${index + 1}`;
      return element("li", [link]);
    }))], "inside");
    made.setAttribute("aria-label", "On this page");
    return made;
  }

  // The results by kind, the kind of the best one first.
  function grouped(results) {
    const found = new Map();
    for (const each of results) found.set(each.kind, [...found.get(each.kind) ?? [], each]);
    return [...found];
  }

  function summary(groups) {
    if (!groups.length) {
      return `Nothing in this catalog has all the words of “${text}”. Words may be cut short: creat inst finds CreateInstance.`;
    }
    return groups.map(([kind, results]) => number(kind, results)).join(", ");
  }

  async function show() {
    document.querySelector("#q").value = text;
    if (!text) {
      status.textContent = "Type a word or a name: a service, an action, a resource type, a condition key, or the title of a policy.";
      return;
    }
    document.title = `${text} - ${document.title}`;
    status.textContent = "Searching …";
    await Promise.all(["names", "descriptions"].map(catalogSearch.load));
    const groups = grouped(await catalogSearch.find(text, MOST));
    status.textContent = summary(groups);
    status.className = groups.length ? "unseen" : "";  // the headings show what it tells
    place.append(...groups.length > 1 ? [contents(groups)] : [], ...groups.map(section));
  }

  show().catch(() => { status.textContent = "The search index can not be loaded: copy the folder static with the pages."; });
})();
