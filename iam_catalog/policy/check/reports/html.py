"""Write a report in one file of HTML, which needs no other file, no script and no network.

Findings are below their file, the ignored ones at the end with their reasons. A browser shows it
light or dark, as its user wants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape

from iam_catalog import __version__
from iam_catalog.policy.check.findings import SEVERITIES, Finding
from iam_catalog.policy.check.ignores import Ignore
from iam_catalog.policy.check.registry import CODES
from iam_catalog.policy.check.run import CheckRun, evidence_lines, place_words
from iam_catalog.words import printable

ENDINGS = (".html", ".htm")

_STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfc; --raised: #f4f4f1; --line: #d9d9d3;
  --ink: #1c1d21; --soft: #55575f; --accent: #0b5bd3; --error: #a61b3c; --warning: #97500a;
  --info: #1f6391; --good: #2f6f4f }
@media (prefers-color-scheme: dark) { :root { --paper: #16171a; --raised: #1f2024;
  --line: #3a3c43; --ink: #e9e9e6; --soft: #b0b2ba; --accent: #86b4ff; --error: #ff93a8;
  --warning: #f0b070; --info: #85c2ee; --good: #7fd0a3 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 100%/1.5 system-ui, sans-serif }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2.5rem) 3rem }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem }
h2 { font-size: 1.2rem; margin: 2rem 0 .6rem }
a { color: var(--accent) }
code, .place { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .92em;
  overflow-wrap: anywhere }
.soft, .place, footer { color: var(--soft) }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .8rem;
  margin: 1.2rem 0; padding: 0; list-style: none }
.totals li { border: 1px solid var(--line); border-radius: 8px; background: var(--raised);
  padding: .6rem 1rem }
.totals strong { display: block; font-size: 1.6rem; line-height: 1.2 }
.error { color: var(--error) } .warning { color: var(--warning) } .info { color: var(--info) }
.good { color: var(--good) }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0;
  border-bottom: 1px solid var(--line) }
td:first-child, th:first-child { text-align: right; width: 5rem }
details { border: 1px solid var(--line); border-radius: 8px; margin: .8rem 0 }
summary { cursor: pointer; padding: .6rem 1rem; background: var(--raised); border-radius: 8px;
  overflow-wrap: anywhere }
details ol { list-style: none; margin: 0; padding: 0 1rem }
details li { padding: .8rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere }
details li:first-child { border-top: 0 }
p { margin: .15rem 0 } .severity { font-weight: 700 }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
@media print { details { break-inside: avoid } }
"""
_HEAD = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>IAM policies checked</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>IAM policies checked</h1>
"""


def pieces(run: CheckRun) -> Iterator[str]:
    """Yield the page."""
    files: dict[str, list[Finding]] = {}
    ignored: list[tuple[Finding, Ignore]] = []
    codes: Counter[str] = Counter()
    for finding, ignore, _ in run.reported():
        if ignore is not None:
            ignored.append((finding, ignore))
            continue
        codes[finding.code] += 1
        files.setdefault(finding.file or "-", []).append(finding)
    yield _HEAD
    yield from _totals(run)
    yield from _unread(run)
    yield from _codes(codes, {each.code: each.severity for own in files.values() for each in own})
    yield "<h2>Findings by file</h2>\n" if files else ""
    for file, found in files.items():
        yield from _file(file, found)
    yield from _ignored(ignored)
    yield (
        "<footer><p>No finding does not mean that a policy is secure.</p>"
        f"<p>iam-catalog {_text(__version__)}</p></footer>\n</main>\n</body>\n</html>\n"
    )


def _totals(run: CheckRun) -> Iterator[str]:
    yield f"<p>{_text(run.summary())}.</p>\n"
    if run.catalog_date:
        yield f'<p class="soft">Facts of AWS as of {_text(run.catalog_date)}.</p>\n'
    yield '<ul class="totals">\n'
    for severity in reversed(SEVERITIES):
        number = run.counts[severity]
        noun = severity if severity == "info" or number == 1 else f"{severity}s"
        color = severity if number else "good"
        yield f'<li><strong class="{color}">{number:,}</strong> {noun}</li>\n'
    yield "</ul>\n"


def _unread(run: CheckRun) -> Iterator[str]:
    if not run.unread:
        return
    yield f'<h2 class="error">Not read: {run.unread:,}</h2>\n<ul>\n'
    for unread in run.unreadable:
        yield f"<li>{_text(unread.text)}</li>\n"
    yield "</ul>\n"


def _codes(codes: Counter[str], severities: dict[str, str]) -> Iterator[str]:
    """Yield the table of codes, the most severe first."""
    if not codes:
        return
    yield "<h2>Findings by code</h2>\n<table>\n<thead><tr><th scope='col'>Findings</th>"
    yield "<th scope='col'>Severity</th><th scope='col'>Code</th></tr></thead>\n<tbody>\n"
    order = [*map(str, SEVERITIES)]
    for code, number in sorted(
        codes.items(), key=lambda item: (-order.index(severities[item[0]]), -item[1], item[0])
    ):
        severity = severities[code]
        yield f'<tr><td>{number:,}</td><td class="{severity}">{severity}</td>'
        yield f"<td><code>{_text(code)}</code><p>{_text(CODES[code].meaning)}</p></td></tr>\n"
    yield "</tbody>\n</table>\n"


def _file(file: str, found: list[Finding]) -> Iterator[str]:
    yield f"<details open><summary><code>{_text(file)}</code>: {len(found):,}</summary>\n<ol>\n"
    for finding in found:
        yield f"<li>{_finding(finding)}</li>\n"
    yield "</ol>\n</details>\n"


def _ignored(ignored: list[tuple[Finding, Ignore]]) -> Iterator[str]:
    if not ignored:
        return
    yield f"<details><summary>Ignored: {len(ignored):,}</summary>\n<ol>\n"
    for finding, ignore in ignored:
        yield f"<li>{_finding(finding)}<p>Ignored: {_text(ignore.reason)}</p></li>\n"
    yield "</ol>\n</details>\n"


def _finding(finding: Finding) -> str:
    place = place_words(finding)
    where = f"line {finding.line}" + (f", {place}" if place else "")
    severity = f'<span class="severity {finding.severity}">{finding.severity}</span>'
    lines = [
        f"<p>{severity} {_text(finding.text)} {_code(finding.code)}</p>",
        f'<p class="place">{_text(where)}</p>',
    ]
    if finding.suggestion:
        lines.append(f"<p>Instead: <code>{_text(finding.suggestion)}</code></p>")
    lines += [f'<p class="soft">See {_text(line)}</p>' for line in evidence_lines(finding)]
    return "".join(lines)


def _code(code: str) -> str:
    """Return a code, as a link to the section of AWS's documentation that its rule rests on."""
    source = CODES[code].source
    text = f"<code>{_text(code)}</code>"
    return f'<a href="{_text(source)}" rel="noreferrer">{text}</a>' if source else text


def _text(text: str) -> str:
    return escape(printable(text))
