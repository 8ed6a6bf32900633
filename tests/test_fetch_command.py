"""`python -m scraper fetch`: options, lines and exit codes; and a build from what was fetched."""

from __future__ import annotations

import datetime
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import fetch_server as serving
import pytest
from click.testing import CliRunner
from fetch_server import DOCS, KEYS, MARKDOWN, REFERENCE, Server

from iam_catalog import Catalog
from scraper.cli import ScraperGroup, cli
from scraper.cli.fetch import fetch
from scraper.fetch.progress import Progress

STORE = f"{DOCS}list_store.md"
DEFAULT = Path(__file__).parent.parent.parent / "shared" / "corpora"
CORPORA = Path(os.environ.get("IAM_CATALOG_CORPORA") or DEFAULT)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        serving.fill(server)
        yield server


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mirror"


def run(server: Server, mirror: Path, *more: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    addresses = {"docs": DOCS, "keys": KEYS, "reference": REFERENCE}
    options = [f"--{name}-url={server.address}{path}" for name, path in addresses.items()]
    group = ScraperGroup("scraper", commands={"fetch": fetch})
    arguments = ["fetch", *options, "--mirror", str(mirror), *map(str, more)]
    result = CliRunner().invoke(group, arguments, prog_name="python -m scraper")
    return result.exit_code, result.stdout, result.stderr


def today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def test_a_fetch_says_what_it_did(server: Server, mirror: Path) -> None:
    received = sum(len(text.content) for text in server.texts.values())

    code, printed, talk = run(server, mirror, "--connections", "1")

    assert (code, printed) == (0, "")
    assert talk.splitlines() == [
        f"{server.site.docs}reference_policies_actions-resources-contextkeys.md: 4 listed",
        f"{server.site.reference}v1/service-list.json: 4 listed",
        "10 of 10 files, the last one mapping.json",
        f"{mirror / today()}: complete; 10 new; {received:,} bytes received",
    ]


def test_global_condition_keys_that_no_check_knows_are_named_once(
    server: Server, mirror: Path
) -> None:
    text = serving.GLOBAL_KEYS + "\n### aws:NewKey\n\n<h3 id='x'>\n  aws:NewTag/tag-key</h3>\n"
    server.put(f"{KEYS}{serving.KEYS_NAME}.md", text, MARKDOWN)
    said = f"{server.site.keys}{serving.KEYS_NAME}.md: the checks of policies do not know "

    talks = [run(server, mirror)[2].splitlines() for _ in range(2)]

    assert [[line for line in talk if "know" in line] for talk in talks] == [
        [f"{said}aws:NewKey, aws:NewTag"],
        [],
    ]


def test_quiet_says_nothing(server: Server, mirror: Path) -> None:
    assert run(server, mirror, "--quiet") == (0, "", "")


def test_what_was_not_kept_is_an_error(server: Server, mirror: Path) -> None:
    server.put(STORE, "# Sorry\n", MARKDOWN)

    code, printed, talk = run(server, mirror, "--source", "docs", "--service", "store", "--quiet")

    assert (code, printed) == (1, "")
    assert talk == (
        f"Error: {server.address}{STORE}: error-page: no service authorization page: the title is "
        "'Sorry'; expected one such as 'Actions, Resources, and Condition Keys for …'.\n"
    )
    assert not (mirror / today()).exists()


def test_a_day_without_a_page_is_said_to_be_partial(server: Server, mirror: Path) -> None:
    server.put(STORE, "# Sorry\n", MARKDOWN)

    code, _, talk = run(server, mirror, "--source", "docs")

    assert code == 1
    lines = talk.splitlines()
    assert lines[-2] == (
        "Error: 1 text was not kept; those that are not pages are in "
        f"'{mirror / '.fetch' / 'refused'}'."
    )
    assert lines[-1].startswith(f"{mirror / today()}: partial; 4 new; ")
    assert talk.count("error-page") == 1


def test_a_folder_says_the_date_by_its_name(server: Server, mirror: Path, tmp_path: Path) -> None:
    folder = tmp_path / "2026-08"
    folder.mkdir()
    (folder / "list_store.md").write_bytes(server.texts[STORE].content)

    code, _, talk = run(server, mirror, "--from-dir", folder)

    assert (code, talk.splitlines()[-1]) == (
        0,
        f"{mirror / '2026-08-31'}: partial; 1 new; 0 bytes received",
    )
    assert server.log.paths == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--date", "2026-08-31"], "--date: bad-name: only with --from-dir: what a server sends"),
        (["--from-dir", ".", "--date", "August"], "--date: bad-name: 'August' is not a date"),
        (["--from-dir", "."], "--from-dir: bad-name: the folder '.' is named by no date"),
        (["--docs-url", "http://docs.example.com/"], "foreign-host: expected an https address."),
        (["--from-dir", "none", "--date", "2026-08-31"], "none: gone: no folder: name one"),
    ],
)
def test_options_that_do_not_fit(
    server: Server, mirror: Path, arguments: list[str], message: str
) -> None:
    code, printed, talk = run(server, mirror, *arguments)

    assert (code, printed, message in talk) == (1, "", True)
    assert server.log.paths == []


def test_an_empty_folder_publishes_nothing(server: Server, mirror: Path, tmp_path: Path) -> None:
    folder = tmp_path / "2026-08-31"
    folder.mkdir()

    code, _, talk = run(server, mirror, "--from-dir", folder)

    assert (code, talk) == (
        1,
        f"Error: {folder}: gone: no page could be kept; nothing was published.\n",
    )


def test_help_has_an_example() -> None:
    result = CliRunner().invoke(fetch, ["--help"])

    assert "python -m scraper fetch --service connect --service ssmmessages" in result.output


def test_a_build_reads_the_days_of_a_mirror(server: Server, mirror: Path, tmp_path: Path) -> None:
    """Two days, on the second of which a page is gone from the index."""
    saved = save(server, tmp_path / "saved")
    assert run(server, mirror, "--from-dir", saved, "--date", "2026-10-01")[0] == 0
    services = serving.SERVICES[:3]
    index = f"{DOCS}reference_policies_actions-resources-contextkeys.md"
    server.put(index, serving.index(services), MARKDOWN)
    prefixes = [prefix for _, prefix, _ in services]
    server.put(
        "/v1/service-list.json", serving.service_list(server.address, prefixes), serving.JSON
    )
    assert run(server, mirror, "--accept-smaller")[0] == 0
    output = tmp_path / "all.db"

    result = CliRunner().invoke(
        cli, ["build", "--no-cache", "--data", str(mirror), "--output", str(output)]
    )

    assert (result.exit_code, result.stderr.splitlines()[-1].rpartition(": ")[2]) == (
        0,
        "3 services, 3 actions, 0 resource types, 0 condition keys, 0 dependent actions",
    )
    with Catalog(output) as catalog:
        assert [each.service_prefix for each in catalog.services()] == ["depot", "mill", "store"]
        assert catalog.action("barn:ListShelves").removed == today()
        assert catalog.action("mill:ListShelves").source.url == (
            f"{server.address}{DOCS}list_mill.md"
        )


def save(server: Server, folder: Path) -> Path:
    for path, text in server.texts.items():
        target = folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.content)
    return folder


@pytest.mark.corpora
@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no folder {str(CORPORA)!r}")
def test_real_pages_and_json_files_are_served_and_kept(server: Server, mirror: Path) -> None:
    server.texts.clear()
    services = []
    for path in sorted((CORPORA / "markdown-2026" / "2026-08").glob("list_*.md")):
        content = path.read_bytes()
        server.put(f"{DOCS}{path.name}", content, MARKDOWN)
        title = content.partition(b"condition keys for ")[2].partition(b"\n")[0].decode()
        prefix = content.partition(b"(service prefix: `")[2].partition(b"`")[0].decode()
        services.append((title, prefix, path.stem.removeprefix("list_")))
    index = f"{DOCS}reference_policies_actions-resources-contextkeys.md"
    server.put(index, serving.index(services), MARKDOWN)
    files = sorted((CORPORA / "json" / "2026-02-04").glob("[a-d]*.json"))
    files = [path for path in files if "-index" not in path.name]
    for path in files:
        server.put(f"/v1/{path.stem}/{path.name}", path.read_bytes(), serving.JSON)
    listed = serving.service_list(server.address, [path.stem for path in files])
    server.put("/v1/service-list.json", listed, serving.JSON)
    server.put("/v1/mapping.json", '{"SDK": {}}', serving.JSON)
    server.put(f"{KEYS}reference_policies_condition-keys.md", serving.GLOBAL_KEYS, MARKDOWN)

    code, _, talk = run(server, mirror)

    count = len(services) + len(files) + 2
    assert (code, talk.splitlines()[-1].rpartition(";")[0]) == (
        0,
        f"{mirror / today()}: complete; {count} new",
    )
    manifest = json.loads((mirror / today() / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["files"]) == len(services) + len(files)


def test_a_log_gets_a_line_for_some_of_the_files() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.start(120)
    for number in range(120):
        progress.step(f"page{number}")
    progress.end()

    assert stream.getvalue().splitlines() == [
        "50 of 120 files, the last one page49",
        "100 of 120 files, the last one page99",
        "120 of 120 files, the last one page119",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    progress = Progress(stream)
    progress.say("[4] of 9: said")
    progress.start(2)
    progress.step("[connect]")
    progress.step("s3")
    progress.end()

    assert "[4] of 9: said\n" in stream.getvalue()
    assert "2/2" in stream.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_quiet_shows_nothing(stream: io.StringIO) -> None:
    progress = Progress(stream, quiet=True)
    progress.say("said")
    progress.start(1)
    progress.step("connect")
    progress.end()

    assert stream.getvalue() == ""
