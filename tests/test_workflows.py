"""What holds for every workflow: pinned actions, sound scripts, few rights, no secrets."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).parent.parent
FILES = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
JOBS: dict[str, dict[str, Any]] = {
    f"{workflow}.{name}": job
    for workflow, text in TEXTS.items()
    for name, job in yaml.safe_load(text)["jobs"].items()
}
SCRIPTS = {
    f"{name}: {step['name']}": step["run"]
    for name, job in JOBS.items()
    for step in job["steps"]
    if "run" in step
}


def test_the_workflows_are_these():
    assert list(TEXTS) == ["refresh", "release", "test"]


@pytest.mark.parametrize("workflow", TEXTS)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(workflow):
    lines = re.findall(r"uses: (.*)", TEXTS[workflow])

    assert lines
    assert [
        line
        for line in lines
        if not re.fullmatch(r"(actions|pypa)/[\w/-]+@[0-9a-f]{40} # v[\d.]+", line)
    ] == []


def test_an_action_has_one_commit_in_all_workflows():
    commits: dict[str, set[str]] = {}
    for text in TEXTS.values():
        for action, commit in re.findall(r"uses: ([\w/-]+)@(\S+)", text):
            commits.setdefault(action, set()).add(commit)

    assert {action: found for action, found in commits.items() if len(found) > 1} == {}


def test_a_job_may_do_no_more_than_it_has_to():
    assert {workflow: yaml.safe_load(text)["permissions"] for workflow, text in TEXTS.items()} == {
        workflow: {} for workflow in TEXTS
    }
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "refresh.refresh": {"contents": "read"},
        "refresh.propose": {"contents": "write", "pull-requests": "write"},
        "release.build": {"contents": "read"},
        "release.publish": {"id-token": "write"},
        "release.announce": {"contents": "write"},
        "test.locked": {"contents": "read"},
        "test.lowest": {"contents": "read"},
    }


@pytest.mark.parametrize("name", JOBS)
def test_a_job_ends_in_bounded_time_and_no_code_of_the_checkout_sees_its_token(name):
    job = JOBS[name]
    checkouts = [step for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]

    assert 0 < job["timeout-minutes"] <= 90
    if job["permissions"] == {"contents": "read"}:
        assert [step["with"]["persist-credentials"] for step in checkouts] == [False]
    else:
        assert not any("make " in step.get("run", "") for step in job["steps"])


@pytest.mark.parametrize("workflow", TEXTS)
def test_no_secret_but_the_token_of_the_run_is_used(workflow):
    assert re.findall(r"secrets\.\w+", TEXTS[workflow]) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_sound_and_takes_what_others_wrote_from_variables_only(name):
    script = SCRIPTS[name]
    checked = subprocess.run(["bash", "-n", "-c", script], capture_output=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, b"")
    assert "${{" not in script


def test_every_target_that_is_made_exists():
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    made = [
        line for text in SCRIPTS.values() for line in re.findall(r"^make (.+)$", text, re.MULTILINE)
    ]
    targets = [word for line in made for word in line.split()]

    assert targets == ["update", "full", "wheel", "test-lowest"]
    assert [each for each in targets if not re.search(rf"^{each}:", makefile, re.MULTILINE)] == []


def test_tests_run_with_every_python_that_is_supported():
    pyproject = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    versions = JOBS["test.locked"]["strategy"]["matrix"]["python"]

    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    assert f'requires-python = ">={versions[0]}"' in pyproject


@pytest.mark.parametrize(("tag", "code"), [("v1.2.3", 0), ("v1.2.4", 1), ("1.2.3", 1)])
def test_a_release_has_the_version_of_its_tag(tmp_path, tag, code):
    (tmp_path / "iam_catalog").mkdir()
    (tmp_path / "iam_catalog" / "__init__.py").write_text('"""Text."""\n__version__ = "1.2.3"\n')

    done = subprocess.run(
        ["bash", "-e", "-c", SCRIPTS["release.build: Compare the tag with the version"]],
        cwd=tmp_path,
        env={"GITHUB_REF_NAME": tag, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    expected = f"The tag is '{tag}', but the version in the code is '1.2.3'.\n" if code else ""
    assert (done.returncode, done.stderr) == (code, expected)
