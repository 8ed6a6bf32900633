// Search without a server, in a static export: the results of a server, in the same order, from an
// index that is loaded when somebody first types.
"use strict";

globalThis.catalogSearch = (() => {
  const MOST = 50;  // on a page of results
  const here = document.currentScript.src;
  const mark = document.currentScript.dataset?.index;  // of the text of the index, in its address
  const loading = {}, loaded = {};
  let index = null;
  let only = {kind: null, prefixes: null};  // what results are limited to

  // A script, because browsers refuse to fetch a file of a page that they opened as a file.
  function load(name) {
    loading[name] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(`${name}.js${mark ? `?${mark}` : ""}`, here).href;
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => { delete loading[name]; reject(new Error(name)); });
      document.head.append(script);
    });
    return loading[name];
  }

  function take(name, value) {
    loaded[name] = value;
    index = null;
  }

  // --- words: of texts, of what SQLite's unicode61 reads in them, and of camel-case names

  function words(text) {
    return text.match(/[\p{L}\p{N}]+/gu) ?? [];
  }

  function folded(word) {
    return word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  }

  function indexed(text) {
    return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
  }

  // Of what is typed; the names in the index have marks where their words begin.
  function nameWords(name) {
    const spaced = name
      .replace(/([^\p{Lu}])(?=\p{Lu})/gu, "$1 ")
      .replace(/(\p{Lu})(?=\p{Lu}\p{Ll})(?!\p{Lu}s(?!\p{Ll}))/gu, "$1 ");
    return words(spaced).map(word => word.toLowerCase());
  }

  function letters(text) {
    return words(text.toLowerCase()).join("");
  }

  function afterPrefix(name) {
    return name.slice(name.indexOf(":") + 1);
  }

  // --- the index, made of what the export wrote

  function entry(kind, prefix, marked, extra = "") {
    const {mark} = loaded.names;
    const bare = marked.replaceAll(mark, "");
    const name = prefix ? `${prefix}:${bare}` : bare;
    const inName = indexed(prefix ? `${prefix} ${marked.replaceAll(mark, " ")}` : marked.replaceAll(mark, " "));
    const own = [...indexed(name), ...extra ? indexed(extra) : inName];
    return {
      kind, name, lower: name.toLowerCase(), inName: extra ? own : inName,
      own: ` ${own.join(" ")} `, bare: letters(afterPrefix(name).replace(/\$\{[^}]*\}/g, "")), letters: letters(name),
    };
  }

  function made() {
    const {names, descriptions} = loaded;
    const entries = [];
    for (const {kind, names: grouped, descriptions: early, words: extra} of names.kinds) {
      const texts = early ?? descriptions?.descriptions[kind] ?? [];
      let place = 0;
      for (const [prefix, group] of grouped) {
        for (const marked of group) {
          const each = entry(kind, prefix, marked, extra?.[place]);
          const level = Number(descriptions?.levels.of[entries.length] ?? 0);
          each.description = texts[place] ?? null;
          each.access_level = level ? descriptions.levels.names[level - 1] : null;
          each.all = each.description ? `${each.own}${indexed(each.description).join(" ")} ` : each.own;
          entries.push(each);
          place += 1;
        }
      }
    }
    const split = marked => {
      const colon = marked.indexOf(":");
      return colon < 0 ? ["", marked] : [marked.slice(0, colon).replaceAll(names.mark, ""), marked.slice(colon + 1)];
    };
    const unlisted = names.unlisted.map(marked => ({
      ...entry("condition key", ...split(marked)), description: names.rules.global_key, access_level: null,
    }));
    const removed = names.removed.map(([marked, description, access_level]) => ({
      ...entry("action", ...split(marked)), description, access_level,
    }));
    const policies = names.policies.map(([name, description, all]) => ({
      kind: "policy", name, lower: name.toLowerCase(), description, access_level: null, all,
    }));
    const byName = new Map(entries.filter(each => each.kind === "action").map(each => [each.lower, each]));
    const services = new Map(entries.filter(each => each.kind === "service").map(each => [each.lower, each]));
    const operations = names.operations.map(([prefix, marked, action, position]) => ({
      prefix: prefix.toLowerCase(), lower: marked.replaceAll(names.mark, "").toLowerCase(), position,
      action: byName.get(action.toLowerCase()), inName: indexed(marked.replaceAll(names.mark, " ")),
    })).filter(each => each.action);
    return {entries, unlisted, removed, policies, byName, services, operations, vocabulary: null};
  }

  // --- the ranking of facts/search.py, by the points and rules in the index

  const [FULL, SERVICE, EXACT, NUMBER, WORDS, START, STARTS, TEXT, TEXTS, TITLES] = Array(10).keys();

  function numbers(word) {
    const hissing = text => /(?:ss|x|ch|sh)$/.test(text);
    if (word.length > 3 && word.endsWith("s") && !word.endsWith("ss")) {
      if (word.endsWith("ies")) return [word, `${word.slice(0, -3)}y`];
      if (hissing(word.slice(0, -2)) && word.endsWith("es")) return [word, word.slice(0, -2)];
      return [word, word.slice(0, -1)];
    }
    if (word.endsWith("y")) return [word, `${word.slice(0, -1)}ies`];
    return [word, hissing(word) ? `${word}es` : `${word}s`];
  }

  function product(choices) {
    return choices.reduce((all, each) => all.flatMap(start => each.map(one => [...start, one])), [[]]);
  }

  function queryOf(text, typed, blanks) {
    const {most_forms} = loaded.names.rules;
    const ways = typed.map(word => {
      const parts = nameWords(word);
      return {word: word.toLowerCase(), parts: parts.length ? parts : [word.toLowerCase()]};
    });
    const parts = ways.flatMap(each => each.parts);
    const free = parts.length <= most_forms ? parts : parts.slice(-1);
    const fixed = parts.slice(0, parts.length - free.length).join("");
    return {
      text: text.toLowerCase(), words: typed, blanks, letters: typed.join("").toLowerCase(), ways,
      numbers: new Set(product(free.map(numbers)).map(each => fixed + each.join(""))),
      whole: tests(ways, typed, " ", false), starts: tests(ways, typed, "", true),
    };
  }

  // Each word in one of several ways, or all words written together.
  function tests(ways, typed, end, inNumbers) {
    const sought = word => ` ${folded(word)}${end}`;
    return {
      together: typed.length > 1 ? sought(typed.join("")) : null,
      each: ways.map(({word, parts}) => [
        ...(inNumbers ? numbers(word) : [word]).map(each => [sought(each)]), parts.map(sought),
      ]),
    };
  }

  function fits({together, each}, text) {
    return (together !== null && text.includes(together))
      || each.every(ways => ways.some(way => way.every(word => text.includes(word))));
  }

  function placeOf(query, {name, lower, bare, letters: all}, whole) {
    const {start_points, together_points} = loaded.names.rules;
    if (lower === query.text) return [FULL, 0];
    if (query.letters === bare || (query.letters.endsWith(bare) && query.letters === all)) return [EXACT, 0];
    if (query.numbers.has(bare)) return [NUMBER, 0];
    const place = bare.indexOf(query.letters);
    let points = place < 0 ? 0 : place ? together_points : start_points;
    // Where a word of the name ends.
    if (place === 0 && !/^\p{Ll}/u.test(afterPrefix(name).slice(query.letters.length))) points += together_points;
    if (whole) return [WORDS, points];
    return [place ? STARTS : START, points];
  }

  function pointsOf(table, name) {
    return table && Object.hasOwn(table, name) ? table[name] : 0;
  }

  function placed(place, each, more = 0, inexact = false) {
    const {rules, used, points} = loaded.names;
    const prefix = each.lower.includes(":") ? each.lower.slice(0, each.lower.indexOf(":")) : each.lower;
    const own = pointsOf(points[each.kind], each.lower);
    let service = each.kind === "policy" ? 0 : pointsOf(used, prefix);
    const rest = [[...each.name].length, each.lower, rules.kinds.indexOf(each.kind), each.name];
    if (place === EXACT || place === NUMBER) {
      service += Math.min(own, 0);
      return {each, order: [0, place, inexact ? -service : -service - rules.exact_points, Number(inexact), -own, ...rest]};
    }
    const weight = -service - own - more - pointsOf(rules.points_of_kind, each.kind);
    return {each, order: [0, place, weight, 0, 0, ...rest]};
  }

  function atPlace(query, each, whole) {
    const [place, points] = placeOf(query, each, whole);
    return placed(place === NUMBER && query.blanks ? EXACT : place, each, points, place === NUMBER);
  }

  function compared({order: one}, {order: other}) {
    for (let at = 0; at < one.length; at += 1) {
      if (one[at] !== other[at]) return one[at] < other[at] ? -1 : 1;
    }
    return 0;
  }

  function inOrder(found) {
    const best = new Map();
    for (const each of found.sort(compared)) {
      const key = `${each.each.kind} ${each.each.name}`;
      if (!best.has(key)) best.set(key, each);
    }
    return [...best.values()];
  }

  function prefixOf(name) {
    return name.includes(":") ? name.slice(0, name.indexOf(":")) : name;
  }

  function isOf(prefixes, name) {
    return !prefixes || prefixes.has(prefixOf(name));
  }

  // Of the kind and the service that are asked for; an operation can be of another service.
  function wanted(kind, prefix) {
    return (!only.kind || kind === only.kind) && (!only.prefixes || (kind !== "policy" && only.prefixes.has(prefix)));
  }

  function limited(found) {
    return found.filter(({each}) => wanted(each.kind, prefixOf(each.lower)));
  }

  function named(query, prefixes) {
    const found = [];
    for (const each of [...index.entries, ...index.unlisted]) {
      if (isOf(prefixes, each.lower) && fits(query.starts, each.own)) {
        found.push(atPlace(query, each, fits(query.whole, each.own)));
      }
    }
    if (!prefixes) found.push(...index.policies.filter(({lower}) => lower === query.text).map(each => placed(FULL, each)));
    if (query.text.includes(":")) {
      found.push(...index.removed
        .filter(({lower}) => lower === query.text && isOf(prefixes, lower)).map(each => placed(FULL, each)));
    }
    return [...found, ...byOperation(query, prefixes)].filter(({each}) => !only.kind || each.kind === only.kind);
  }

  function byOperation(query, prefixes) {
    const found = index.operations.filter(({lower}) => lower === query.letters);
    for (let cut = 1; cut < query.words.length; cut += 1) {
      const rest = query.words.slice(cut).join("").toLowerCase();
      const operations = index.operations.filter(({lower}) => lower === rest);
      if (!operations.length) continue;
      const services = called(query.words.slice(0, cut).join(" ")).map(each => each.toLowerCase());
      found.push(...operations.filter(({prefix}) => services.includes(prefix)));
    }
    return found.filter(({prefix}) => isOf(prefixes, prefix))
      .map(({action, position}) => placed(position === 1 ? EXACT : NUMBER, action));
  }

  // The prefixes of the services that go by a text.
  function called(text) {
    const {services} = loaded.names;
    const name = text.trim().toLowerCase().replace(/[ _-]/g, "");
    const bare = ["amazon", "aws"].reduce(
      (rest, maker) => (rest.startsWith(maker) && rest.slice(maker.length)) || rest, name,
    );
    if (Object.hasOwn(services, name)) return services[name];
    return Object.hasOwn(services, bare) ? services[bare] : [];
  }

  function servicesCalled(text) {
    return called(text).map(prefix => index.services.get(prefix.toLowerCase()))
      .filter(each => each && wanted("service", each.lower)).map(each => placed(SERVICE, each));
  }

  function withinService(query) {
    const {words: all} = query;
    for (let cut = all.length - 1; cut > 0; cut -= 1) {
      for (const [service, rest] of [[all.slice(0, cut), all.slice(cut)], [all.slice(-cut), all.slice(0, -cut)]]) {
        const prefixes = new Set(called(service.join(" ")).map(each => each.toLowerCase()));
        if (!prefixes.size || (only.prefixes && ![...prefixes].some(each => only.prefixes.has(each)))) continue;
        const found = named(queryOf("", rest, query.blanks), prefixes).filter(({each}) => each.kind !== "service");
        if (found.length) return found;
      }
    }
    return [];
  }

  function described(query) {
    return index.entries.filter(({all, kind, lower}) => wanted(kind, prefixOf(lower)) && fits(query.starts, all))
      .map(each => placed(fits(query.whole, each.all) ? TEXT : TEXTS, each));
  }

  function titled(query) {
    const kind = loaded.names.rules.kinds.indexOf("policy");
    return index.policies
      .map((each, place) => ({each, order: [0, TITLES, place, 0, 0, 0, "", kind, each.name]}))
      .filter(({each}) => wanted("policy", "") && query.ways.every(({word}) => each.all.includes(` ${word}`)));
  }

  // --- ARNs and patterns

  function expression(text, one) {
    return text.replace(/[.*+?^${}()|[\]\\]/g, one);
  }

  // A placeholder has any text; in the parts before the resource, any without a colon.
  function fittingArn(text) {
    const arns = loaded.descriptions?.arns ?? [];
    const escaped = part => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const found = [];
    for (const [type, format] of arns) {
      const pieces = format.split(/\$\{[^}]*\}/);
      if (!pieces[0].startsWith("arn:")) continue;
      let source = escaped(pieces[0]);
      for (const [place, piece] of pieces.slice(1).entries()) {
        const before = pieces.slice(0, place + 1).join("");
        source += (before.split(":").length > 5 ? ".+" : "[^:]*") + escaped(piece);
      }
      if (!new RegExp(`^${source}$`, "s").test(text)) continue;
      const service = format.split(":")[2];
      const names = !service.includes("$");
      found.push({type, order: [Number(!names), -pieces.join("").length, Number(!type.startsWith(`${service}:`)), type]});
    }
    const types = new Map(index.entries.filter(each => each.kind === "resource type").map(each => [each.name, each]));
    return [...new Set(found.sort(compared).map(({type}) => type))].map(type => ({each: types.get(type)}));
  }

  function fittingPattern(text) {
    const source = expression(text.toLowerCase(), sign => ({"*": ".*", "?": "."})[sign] ?? `\\${sign}`);
    const pattern = new RegExp(`^${source}$`, "su");
    return inOrder([...index.byName.values()].filter(({lower}) => pattern.test(lower)).map(each => placed(WORDS, each)));
  }

  // --- what may have been meant

  function instead(query) {
    const started = index.operations
      .filter(({lower, prefix}) => wanted("action", prefix) && lower.startsWith(query.letters))
      .map(({action}) => placed(START, action));
    const removed = index.removed
      .filter(({own, lower}) => wanted("action", prefixOf(lower)) && fits(query.starts, own))
      .map(each => atPlace(query, each, fits(query.whole, each.own)));
    const found = [...started, ...removed];
    return found.length ? found : mistyped(query);
  }

  function vocabulary() {
    index.vocabulary ??= [...new Set([...index.entries, ...index.unlisted, ...index.operations]
      .flatMap(({inName}) => inName))].sort();
    return index.vocabulary;
  }

  function changedLetters(one, other, most) {
    let before = [], row = [...Array(other.length + 1).keys()];
    for (let place = 0; place < one.length; place += 1) {
      const above = before;
      before = row;
      row = [place + 1];
      for (let at = 0; at < other.length; at += 1) {
        let cost = Math.min(before[at] + (one[place] !== other[at]), before[at + 1] + 1, row[at] + 1);
        if (place && at && one[place] === other[at - 1] && one[place - 1] === other[at]) {
          cost = Math.min(cost, above[at - 1] + 1);
        }
        row.push(cost);
      }
      if (Math.min(...row) > most) return most + 1;
    }
    return row.at(-1);
  }

  function near(word) {
    const {short, alternatives} = loaded.names.rules;
    const most = word.length <= short ? 1 : 2;
    const own = new Set(word);
    return vocabulary()
      .filter(each => each.length > 1 && Math.abs(each.length - word.length) <= most)
      .filter(each => {
        const theirs = new Set(each);
        return [...own].filter(x => !theirs.has(x)).length + [...theirs].filter(x => !own.has(x)).length <= 2 * most;
      })
      .map(each => ({word: each, order: [
        changedLetters(word, each, most), Number(each[0] !== word[0]), Math.abs(each.length - word.length), each,
      ]}))
      .filter(({order}) => order[0] > 0 && order[0] <= most)
      .sort(compared).slice(0, alternatives)
      .map(({word: each, order}) => [order[0], each]);
  }

  function isStart(word) {
    return vocabulary().some(each => each.startsWith(word));
  }

  function segments(word) {
    if (isStart(word)) return [word];
    for (let end = word.length - 3; end > 2; end -= 1) {
      if (vocabulary().includes(word.slice(0, end))) return [word.slice(0, end), ...segments(word.slice(end))];
    }
    return [word];
  }

  function mistyped(query) {
    const {most_mistyped, alternatives} = loaded.names.rules;
    const all = query.ways.flatMap(({parts}) => parts)
      .flatMap(each => near(each).length ? [each] : segments(each));
    const unknown = [...all.keys()].filter(place => !isStart(all[place]));
    const found = [];
    for (const places of unknown.length ? [unknown] : [...all.keys()].map(place => [place])) {
      if (places.length > most_mistyped) continue;
      const most = Math.floor(alternatives / Math.max(places.length, 1));
      const choices = all.map((word, place) => places.includes(place) ? near(word).slice(0, most) : [[0, word]]);
      for (const choice of product(choices)) {
        const distance = choice.reduce((sum, [number]) => sum + number, 0);
        const meant = queryOf("", choice.map(([, word]) => word), true);
        const direct = [...servicesCalled(meant.words.join(" ")), ...named(meant, only.prefixes)];
        for (const {each, order} of direct.length ? direct : withinService(meant)) {
          found.push({each, order: [distance, ...order.slice(1)]});
        }
      }
    }
    return found;
  }

  function ranked(text, most) {
    const {rules} = loaded.names;
    if (text.startsWith("{")) return [];
    if (text.toLowerCase().startsWith("arn:")) {
      const found = limited(fittingArn(text));
      if (found.length) return found;
    } else if (text.includes(":") && /[*?]/.test(text) && !text.includes(" ")) {
      const found = limited(fittingPattern(text));
      if (found.length) return found;
    }
    const typed = words(text).slice(0, rules.most_words);
    if (!typed.length) return [];
    const query = queryOf(text, typed, typed.length > 1 && !text.includes(":"));
    let found = [...servicesCalled(text), ...named(query, only.prefixes)];
    if (!found.length) found = withinService(query);
    let best = inOrder(found);
    if (best.length < most) best = inOrder([...best, ...described(query), ...titled(query)]);
    return best.length ? best : inOrder(instead(query));
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

  // As a server reads them: `resource-types` is a kind, too, and a service goes by any of its names.
  function kindNamed(text) {
    const folded = text.trim().toLowerCase().replace(/[-_]/g, " ");
    return loaded.names.rules.kinds.find(each => [each, `${each}s`, each.replace(/y$/, "ies")].includes(folded)) ?? null;
  }

  function serviceNamed(text) {
    return (called(text)[0] ?? text.trim()).toLowerCase();
  }

  // The best `limit` behind the first `offset`, of one kind and service where that is asked for.
  async function find(text, limit, {offset = 0, kind = null, service = null} = {}) {
    await load("names");
    index ??= made();
    only = {
      kind: kind ? kindNamed(kind) : null,
      prefixes: service ? new Set([serviceNamed(service)]) : null,
    };
    const asked = text.trim().slice(0, loaded.names.rules.longest);
    return ranked(asked, offset + limit).slice(offset, offset + limit).map(({each}) => ({
      kind: each.kind, name: each.name, description: each.description, access_level: each.access_level,
      address: address(each.kind, each.name),
    }));
  }

  return {find, load, take, MOST, kinds: () => loaded.names.rules.kinds};
})();

// --- the page of results, which reads as that of a server; and what a missing page may have been

(() => {
  const {MOST} = catalogSearch;
  const place = document.querySelector("[data-results], [data-missing]");
  if (!place) return;
  const isMissing = "missing" in place.dataset;
  const status = place.querySelector("[role=status]");
  const asked = new URLSearchParams(isMissing ? "" : location.search);
  const value = name => (asked.get(name) ?? "").trim();
  const text = value("q"), kind = value("kind"), service = value("service");
  const page = Math.min(Math.max(parseInt(value("page"), 10) || 1, 1), 100);
  const list = element("ol", [], "results");
  list.setAttribute("aria-label", "Results");

  // The kind and the name in the address of a page, as places.py and a server write it.
  function addressed(path) {
    let plain = path;
    try {
      plain = decodeURIComponent(path.replace(/~([0-9A-F]{2})/g, "%$1"));
    } catch { /* not an address of ours */ }
    const parts = plain.replace(/\.(html|json|atom)$/i, "").replace(/~~[0-9a-f]{12}$/, "").split("/").filter(Boolean);
    const place = parts.findLastIndex(part => /^(action|resource-type|condition-key|service|access-level|policy|page)$/i.test(part));
    const named = place < 0 ? parts.slice(-1) : parts.slice(place + 1);
    const kind = parts[place]?.toLowerCase().replaceAll("-", " ");
    return [kind, named.length === 2 ? named.join(":") : named.join("/")];
  }

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

  function item({kind, name, description, access_level: level, address}) {
    const policy = kind === "policy";
    const link = element("a", policy ? [description || name] : [element("code", breakable(name))]);
    link.href = address;
    const head = [link, " ", element("span", [policy ? "sample policy" : kind], "kind")];
    if (level) head.push(" ", element("span", [level], `level level-${level.split(" ")[0].toLowerCase()}`));
    return element("li", [element("span", head), " ", element("span", [policy ? "" : description ?? ""], "description")]);
  }

  const WITHOUT = "Nothing in this catalog has all the words of “{}”, or words like them. Words may be cut short: creat inst finds CreateInstance.";

  // The same page with another kind, service or page of results.
  function link(words, changes, className) {
    const url = new URL(location.pathname, location.href);
    const values = {q: text, kind, service, ...changes};
    for (const [name, each] of Object.entries(values)) if (each) url.searchParams.set(name, each);
    const made = element("a", words, className);
    made.href = url.href;
    return made;
  }

  function choices(name, current, words) {
    return element("ul", words.map(([each, shown]) => {
      const made = link(shown, {[name]: each});
      if (each === current) made.setAttribute("aria-current", "true");
      return element("li", [made]);
    }));
  }

  function narrowing(results) {
    const nav = element("nav", [], "inside");
    nav.setAttribute("aria-label", "Narrow the results");
    const plural = each => (each === "policy" ? "policies" : `${each}s`);
    nav.append(choices("kind", kind, [["", ["everything"]], ...catalogSearch.kinds().map(each => [each, [plural(each)]])]));
    const prefixes = results.filter(each => each.kind !== "policy").map(({name}) => name.split(":")[0]);
    const services = [...new Set([...(service ? [service] : []), ...prefixes])].slice(0, 8);
    if (services.length > 1 || service) {
      nav.append(choices("service", service, [["", ["all services"]], ...services.map(each => [each, [element("code", [each])]])]));
    }
    return nav;
  }

  function pager(hasMore) {
    const links = [];
    if (page > 1) links.push(link(["Better ones"], {page: page > 2 ? page - 1 : ""}));
    if (hasMore) links.push(link(["More"], {page: page + 1}));
    const nav = element("nav", [element("ul", links.map(each => element("li", [each])))], "pager");
    nav.setAttribute("aria-label", "Pages of results");
    return links.length ? nav : "";
  }

  function number({length}, hasMore) {
    if (page > 1 || hasMore) return `Results ${MOST * (page - 1) + 1} to ${MOST * (page - 1) + length}`;
    return length === 1 ? "1 result" : `${length} results`;
  }

  async function suggest() {
    await Promise.all(["names", "descriptions"].map(catalogSearch.load));
    const [kind, text] = addressed(location.pathname);
    const all = text ? await catalogSearch.find(text, MOST) : [];
    const found = [...all.filter(each => each.kind === kind), ...all.filter(each => each.kind !== kind)].slice(0, 10);
    if (!found.length) { status.textContent = "Search for what it was about."; return; }
    status.textContent = `The address has the words “${text}”. Perhaps it was one of these:`;
    list.append(...found.map(item));
    place.append(list);
  }

  async function show() {
    document.querySelector("#q").value = text;
    if (!text) {
      status.textContent = "Type a word or a name: a service, an action, an API operation, a resource type, a condition key, or the title of a policy.";
      return;
    }
    document.title = `${text} - ${document.title}`;
    status.textContent = "Searching …";
    await Promise.all(["names", "descriptions"].map(catalogSearch.load));
    const results = await catalogSearch.find(text, MOST + 1, {offset: MOST * (page - 1), kind, service});
    const found = results.slice(0, MOST), hasMore = results.length > MOST && page < 100;
    const [best] = found, isList = kind || service || page > 1;
    if (!isList && best && text.includes(":") && best.name.toLowerCase() === text.toLowerCase()) location.replace(best.address);
    list.append(...found.map(item));
    list.start = MOST * (page - 1) + 1;
    if (found.length || kind || service) status.before(narrowing(found));
    if (found.length) place.append(list, pager(hasMore));
    if (text.startsWith("{")) status.textContent = "That reads as a policy: iam-catalog check checks it.";
    else if (found.length) status.textContent = number(found, hasMore);
    else status.textContent = (isList ? WITHOUT.replace(", or words like them", "") : WITHOUT).replace("{}", () => text);
  }

  (isMissing ? suggest() : show()).catch(() => { status.textContent = "The search index cannot be loaded: copy the folder static with the pages."; });
})();
