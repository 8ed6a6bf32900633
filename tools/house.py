"""Measure the structure of the code: `python -m tools.house` prints one line for each figure.

Numbers follow from a good structure, and not the reverse: they show where to look.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGES = ("iam_catalog", "scraper")
PLUGINS = (
    "iam_catalog/cli",
    "iam_catalog/export",
    "iam_catalog/policy/check/rules",
    "iam_catalog/policy/check/reports",
    "iam_catalog/schema/declarations",
    "iam_catalog/site/pages",
    "scraper/cli",
    "scraper/datasets",
    "scraper/formats",
    "scraper/guards",
)
"""Folders in which each module is one of many of a kind."""
SQL = re.compile(r"\b(execute|executemany|executescript)\(")
VERB = re.compile(r"(?i)(an?|the|what|which|how|whether|where|when|one|all|those|these|it)\b")
"""How a docstring of a function opens that does not open with a verb."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A file of Python."""

    path: str
    name: str
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        """Yield every function and method, nested ones included."""
        yield from (node for node in ast.walk(self.tree) if isinstance(node, Function))


def modules() -> list[Module]:
    """Read all modules of both packages, sorted by path."""
    found = []
    for package in PACKAGES:
        for path in sorted((CHECKOUT / package).rglob("*.py")):
            place = path.relative_to(CHECKOUT)
            name = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
            text = path.read_text(encoding="utf-8")
            found.append(Module(place.as_posix(), name, text, ast.parse(text)))
    return found


def imports(module: Module, names: set[str], nodes: Iterator[ast.AST]) -> set[str]:
    """Return those of *names* that *nodes* of a module import."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            full = {f"{base}.{alias.name}" for alias in node.names}
            found |= (full & names) or ({base} & names)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & names
    return found - {module.name}


def at_top(module: Module) -> Iterator[ast.AST]:
    """Yield the statements that run at import."""
    yield from module.tree.body


def within_functions(module: Module) -> int:
    """Count the imports inside functions."""
    return sum(
        isinstance(node, ast.Import | ast.ImportFrom)
        for function in module.functions()
        for node in ast.walk(function)
    )


def longest_chain(graph: dict[str, set[str]]) -> int:
    """Count the modules of the longest chain of imports at the top; a circle counts once."""
    lengths: dict[str, int] = {}

    def length(name: str, above: frozenset[str]) -> int:
        if name in above:
            return 0
        if name not in lengths:
            below = [length(each, above | {name}) for each in graph[name]]
            lengths[name] = 1 + max(below, default=0)
        return lengths[name]

    return max(length(name, frozenset()) for name in graph)


def measures() -> dict[str, object]:
    """Return each figure by what it counts."""
    found = modules()
    names = {each.name for each in found}
    anywhere = {each.name: imports(each, names, ast.walk(each.tree)) for each in found}
    top = {each.name: imports(each, names, at_top(each)) for each in found}
    importers = Counter(name for each in anywhere.values() for name in each)
    functions = [function for each in found for function in each.functions()]
    plain = [each for each in functions if not each.name.startswith("__")]
    classes = Counter(
        node.name
        for each in found
        for node in ast.walk(each.tree)
        if isinstance(node, ast.ClassDef)
    )
    documents = [text for each in functions if (text := ast.get_docstring(each))]
    folders = Counter(Path(each.path).parent.as_posix() for each in found)
    flat = {name: number for name, number in folders.items() if name not in PLUGINS}
    core = [each for each in found if Path(each.path).parent.as_posix() not in PLUGINS]
    single = [
        each.name
        for each in core
        if importers[each.name] == 1 and not each.path.endswith(("__init__.py", "__main__.py"))
    ]
    lengths = {each.name: (each.end_lineno or 0) - each.lineno + 1 for each in functions}
    longest = max(lengths, key=lengths.__getitem__)
    comments = sum(
        line.lstrip().startswith("#") for each in found for line in each.text.split("\n")
    )
    lines = sum(each.text.count("\n") for each in found)
    return {
        "modules": len(found),
        "modules without plug-ins": len(core),
        "lines": lines,
        "largest folder that is no plug-in folder": max(flat.items(), key=lambda item: item[1]),
        "private functions, %": round(
            100 * sum(each.name.startswith("_") for each in plain) / len(plain)
        ),
        "modules imported by one other alone, no plug-ins": len(single),
        "names of several classes": sum(number > 1 for number in classes.values()),
        "longest chain of imports": longest_chain(top),
        "imports inside functions": sum(map(within_functions, found)),
        "modules with SQL": [
            sum(bool(SQL.search(each.text)) for each in found if each.path.startswith(package))
            for package in PACKAGES
        ],
        "longest function, lines": (longest, lengths[longest]),
        "docstrings of functions that open without a verb, %": round(
            100 * sum(bool(VERB.match(text)) for text in documents) / len(documents)
        ),
        "lines of comment for 100 lines": round(100 * comments / lines, 1),
    }


def main() -> None:
    """Print the figures."""
    for name, figure in measures().items():
        print(f"{name}: {figure}")


if __name__ == "__main__":
    main()
