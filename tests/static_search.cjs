// Runs the search of a static export as a page would: node static_search.cjs FOLDER < queries.json
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");
const {pathToFileURL, fileURLToPath} = require("node:url");

const folder = path.resolve(process.argv[2]);
const scripts = path.join(folder, "static", "search-static.js");
const document = {
  currentScript: {src: pathToFileURL(scripts).href},
  querySelector: () => null,
  createElement: () => ({addEventListener(event, act) { this[event] = act; }}),
  head: {append(script) { run(fileURLToPath(script.src)); script.load(); }},
};
const context = vm.createContext({document, URL, TextEncoder});

function run(file) {
  vm.runInContext(fs.readFileSync(file, "utf8"), context, {filename: file});
}

async function answer() {
  const {queries, limit, loaded, ...limits} = JSON.parse(fs.readFileSync(0, "utf8"));
  run(scripts);
  for (const name of loaded) await context.catalogSearch.load(name);
  const answers = [];
  for (const query of queries) {
    const started = performance.now();
    const results = await context.catalogSearch.find(query, limit, limits);
    const taken = performance.now() - started;
    answers.push({taken, results: results.map(each => ({
      ...each, address: path.relative(folder, fileURLToPath(each.address)),
    }))});
  }
  process.stdout.write(JSON.stringify(answers));
}

answer();
