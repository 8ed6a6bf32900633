// Search without a server, in a static export: the results of a server, in the same order, from an
// index that is loaded when somebody first types.
"use strict";

globalThis.catalogSearch = (() => {
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

  function made({kind, names, descriptions}) {
    const texts = descriptions ?? loaded.descriptions?.[kind] ?? [];
    const entries = [];
    let total = 0;
    for (const [prefix, group] of names) {
      for (const each of group) {
        const name = prefix ? `${prefix}:${each}` : each;
        const description = texts[entries.length] ?? null;
        const own = [...words(name), ...nameWords(name)];
        const more = description ? words(description) : [];
        total += own.length + more.length;
        entries.push({
          name, description, own: ` ${own.join(" ")}`,
          all: ` ${[...own, ...more].join(" ")}`, size: own.length + more.length,
        });
      }
    }
    return {kind, entries, average: total / (entries.length || 1)};
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

  function foundIn(index, starts, limit) {
    const found = index.entries.filter(each => starts.every(start => each.all.includes(start)));
    if (!found.length) return [];
    const weight = weights(index, starts);
    return found
      .map(entry => ({
        entry, named: starts.every(start => entry.own.includes(start)),
        score: score(entry, starts, weight, index.average),
      }))
      .sort((one, other) => other.named - one.named || other.score - one.score)
      .slice(0, limit)
      .map(({entry}) => ({
        kind: index.kind, name: entry.name, description: entry.description,
        address: address(index.kind, entry.name),
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
    const starts = words(text).map(word => ` ${word}`);
    const found = starts.length ? kinds.flatMap(index => foundIn(index, starts, limit)) : [];
    const same = each => each.name.toLowerCase() === text.toLowerCase();
    return [...found.filter(same), ...found.filter(each => !same(each))];
  }

  return {find, load, take};
})();

// --- the page of results

(() => {
  const MOST = 50;
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

  function breakable(name) {
    const parts = name.split(/(?<=[:/.,_@-])(?=.)|(?<=[a-z0-9])(?=[A-Z])|(?=\$\{)/);
    return parts.flatMap((part, index) => index ? [document.createElement("wbr"), part] : [part]);
  }

  function item({name, description, address}) {
    const link = element("a", [element("code", breakable(name))]);
    link.href = address;
    return element("li", description ? [link, " ", element("span", [description], "description")] : [link]);
  }

  function section(kind, results) {
    const plural = kind === "policy" ? "policies" : `${kind}s`;
    const more = results.length >= MOST ? " and maybe more" : "";
    const title = `${results.length} ${results.length === 1 ? kind : plural}${more}`;
    return element("section", [element("h2", [title]), element("ul", results.map(item), "results")]);
  }

  async function show() {
    document.querySelector("#q").value = text;
    if (!text) { status.textContent = "Type a word or a name."; return; }
    document.title = `${text} - ${document.title}`;
    status.textContent = "Searching …";
    await Promise.all(["names", "descriptions"].map(catalogSearch.load));
    const results = await catalogSearch.find(text, MOST);
    const found = [...new Set(results.map(each => each.kind))];
    status.textContent = results.length
      ? (results.length === 1 ? "1 result" : `${results.length} results`)
      : `Nothing in this catalog has all the words of “${text}”. Words may be cut short: creat inst finds CreateInstance.`;
    place.append(...found.sort().map(kind => section(kind, results.filter(each => each.kind === kind))));
  }

  show().catch(() => { status.textContent = "The search index can not be loaded: copy the folder static with the pages."; });
})();
