"""What the scripts of the unattended refresh do; test_workflows has what holds for all of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).parent.parent
TEXT = (CHECKOUT / ".github" / "workflows" / "refresh.yml").read_text(encoding="utf-8")
JOBS: dict[str, Any] = yaml.safe_load(TEXT)["jobs"]
SCRIPTS = {
    step["name"]: step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step
}


@pytest.mark.skipif(shutil.which("jq") is None, reason="the runners have jq")
@pytest.mark.parametrize(
    ("report", "outcome"), [('{"outcome": "changed"}', "changed"), (None, "unchanged")]
)
def test_a_run_that_built_nothing_has_changed_nothing(tmp_path, report, outcome):
    (tmp_path / "mirror").mkdir()
    if report:
        (tmp_path / "mirror" / "catalog.changes.json").write_text(report)
    environment = {**os.environ, "GITHUB_OUTPUT": str(tmp_path / "output")}

    subprocess.run(
        ["bash", "-e", "-c", SCRIPTS["Read the report"]], cwd=tmp_path, env=environment, check=True
    )

    assert (tmp_path / "output").read_text().splitlines()[0] == f"outcome={outcome}"


@pytest.fixture
def repository(tmp_path) -> Path:
    """A clone of a repository that takes pushes, and a `gh` that notes what it is asked."""
    git(tmp_path, "init", "--quiet", "--bare", "origin")
    git(tmp_path, "clone", "--quiet", "origin", "clone")
    clone = tmp_path / "clone"
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "Start")
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(
        "#!/bin/sh\n"
        f'echo "$*" >> "{tmp_path}/asked"\n'
        f'if [ "$2" = list ]; then cat "{tmp_path}/open"; else cp body.md "{tmp_path}/body"; fi\n'
    )
    gh.chmod(0o755)
    (tmp_path / "report.md").write_text("# Report\n\n1 added: `s3:New`\n", encoding="utf-8")
    return clone


def git(folder: Path, *words: str) -> str:
    settings = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    done = subprocess.run(
        ["git", *settings, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def propose(repository: Path, already_open: int) -> list[str]:
    """Run the script of the last step, and give what `gh` was asked."""
    folder = repository.parent
    (folder / "open").write_text(f"{already_open}\n")
    (folder / "asked").unlink(missing_ok=True)
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "DATE": "2026-11-22",
        "REPORT": str(folder / "report.md"),
        "RUN": "https://github.example.com/runs/1",
    }
    script = SCRIPTS["Open a pull request with the report"]
    # As GitHub runs a script.
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
    subprocess.run(command, cwd=repository, env=environment, capture_output=True, check=True)
    return (folder / "asked").read_text().splitlines()


def test_a_pull_request_holds_the_report_and_nothing_else(repository):
    asked = propose(repository, 0)

    assert asked == [
        "pr list --head refresh/2026-11-22 --json number --jq length",
        "pr create --head refresh/2026-11-22 --title AWS's pages of 2026-11-22 --body-file body.md",
    ]
    assert (repository.parent / "body").read_text(encoding="utf-8") == (
        "The catalog is an artifact of https://github.example.com/runs/1\n\n"
        "# Report\n\n1 added: `s3:New`\n"
    )
    origin = repository.parent / "origin"
    changed = git(origin, "show", "--name-only", "--format=%s", "refresh/2026-11-22")
    assert changed.split("\n\n") == [
        "Report what AWS changed up to 2026-11-22",
        "reports/2026-11-22.md\n",
    ]


def test_a_second_run_of_the_day_renews_the_pull_request(repository):
    branch = git(repository, "branch", "--show-current").strip()
    propose(repository, 0)
    git(repository, "switch", "--quiet", branch)
    git(repository, "branch", "--quiet", "-D", "refresh/2026-11-22")
    (repository.parent / "report.md").write_text("# Another\n", encoding="utf-8")

    assert propose(repository, 1)[1:] == ["pr edit refresh/2026-11-22 --body-file body.md"]

    origin = repository.parent / "origin"
    assert git(origin, "show", "refresh/2026-11-22:reports/2026-11-22.md") == "# Another\n"


# --- what is published, and of what


def run_script(name: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does, with a `make` that notes how it was called."""
    made = folder / "bin" / "make"
    made.parent.mkdir(exist_ok=True)
    made.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$*" "$FETCH_ARGS" "$BUILD_ARGS" > made\nls mirror >> made\n'
    )
    made.chmod(0o755)
    path = f"{made.parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", SCRIPTS[name]]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("is_there", [True, False])
def test_nothing_is_built_without_a_catalog_to_compare_with(tmp_path, is_there):
    (tmp_path / "mirror").mkdir()
    if is_there:
        (tmp_path / "mirror" / "catalog.db").touch()

    done = run_script("Look for the catalog to compare with", tmp_path)

    said = "::error::No mirror/catalog.db in the cache: run again with 'first' to publish without "
    assert (done.returncode, done.stdout) == ((0, "") if is_there else (1, f"{said}one.\n"))


def test_only_who_asks_for_a_first_catalog_goes_without_that_look():
    steps = JOBS["refresh"]["steps"]
    (look,) = [step for step in steps if "compare with" in step.get("name", "")]
    named = [step.get("name", step.get("uses", "")) for step in steps]

    assert look["if"] == "${{ !inputs.first }}"
    assert named.index(look["name"]) < named.index("Fetch, build and guard")
    assert re.findall(r"first:\n(?: +\w+: .*\n)+", TEXT)[0].endswith("default: false\n")


def test_a_run_hands_its_options_on_and_begins_without_older_reports(tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    for name in ("catalog.db", "catalog.refused.db", "catalog.changes.json"):
        (mirror / name).touch()

    done = run_script(
        "Fetch, build and guard",
        tmp_path,
        FETCH_ARGS="--accept-smaller",
        BUILD_ARGS="--accept-shrink connect",
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "made").read_text().splitlines() == [
        "update",
        "--accept-smaller",
        "--accept-shrink connect",
        "catalog.db",
    ]


@pytest.mark.parametrize(
    "options",
    [
        "; id",
        "$(id)",
        "`id`",
        "a & b",
        "a | b",
        "> x",
        "'x",
        '"x',
        "\\x",
        "a\nb",
        "*",
        "~",
        "#",
        "{a}",
    ],
)
@pytest.mark.parametrize("variable", ["FETCH_ARGS", "BUILD_ARGS"])
def test_options_that_a_shell_would_read_are_refused(tmp_path, variable, options):
    (tmp_path / "mirror").mkdir()
    variables = {"FETCH_ARGS": "", "BUILD_ARGS": "", variable: options}

    done = run_script("Fetch, build and guard", tmp_path, **variables)

    said = "::error::Options are letters, digits, blanks and ._/=:,- alone.\n"
    assert (done.returncode, done.stdout) == (2, said)
    assert not (tmp_path / "made").exists()


def test_what_a_run_installs_is_in_the_lock_with_its_hashes():
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")

    assert "--require-hashes" in makefile
    assert "pip install" not in TEXT
