"""Cases of rules as text: `cases/CODE.md` has policies that fail, and others that are nearly equal.

A file starts with `# CODE`. Each section `## Fails` or `## Passes` has a policy, fenced as `json`
or `yaml`, and what `iam-catalog check` prints of it, fenced as `text`. Above the policy can be:

- `Catalog: datasets.` Without it the catalog is that of `check_services`.
- `Options: --kind trust.` More options of the command.
- `Repeat: Statement[0].Resource, 2001 times.` The last item of that list is repeated before the
  policy is checked, each time with its number for `{n}`.
- a file of ignores, fenced as `toml`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from click.testing import CliRunner

from iam_catalog.cli.main import cli

FOLDER = Path(__file__).parent / "cases"
MOST_SHOWN = 12
"""Of more findings than so many, only those of the code are written down."""

_SECTION = re.compile(
    r"## (?P<verdict>Fails|Passes)\n(?P<before>.*?)```(?P<syntax>json|yaml)\n(?P<policy>.*?)```\n"
    r"\n```text\n(?P<printed>.*?)```\n",
    re.DOTALL,
)
_SETTING = re.compile(r"^(Catalog|Options|Repeat): (.*)\.$", re.MULTILINE)
_REPEAT = re.compile(r"(?P<path>\S+), (?P<times>\d+) times")
_IGNORES = re.compile(r"```toml\n(.*?)```\n", re.DOTALL)


@dataclass(frozen=True)
class Case:
    """One policy of a file of cases, with what is printed of it."""

    code: str
    verdict: Literal["Fails", "Passes"]
    before: str
    """What stands above the policy."""
    syntax: Literal["json", "yaml"]
    policy: str
    printed: str

    @property
    def settings(self) -> dict[str, str]:
        return dict(_SETTING.findall(self.before))

    @property
    def catalog(self) -> str:
        return self.settings.get("Catalog", "services")

    @property
    def options(self) -> list[str]:
        return self.settings.get("Options", "").split()

    @property
    def command(self) -> str:
        return " ".join(["iam-catalog check", *self.options, self.file])

    @property
    def file(self) -> str:
        return f"policy.{self.syntax}"

    @property
    def ignores(self) -> str:
        found = _IGNORES.search(self.before)
        return found[1] if found else ""

    def text(self) -> str:
        """Return the policy with its list repeated, where the case asks for that."""
        if "Repeat" not in self.settings:
            return self.policy
        match = _REPEAT.fullmatch(self.settings["Repeat"])
        assert match, f"{self.code}: {self.settings['Repeat']!r} is not 'PATH, NUMBER times'"
        value = json.loads(self.policy)
        items: Any = value
        for step in re.findall(r"\w+", match["path"]):
            items = items[int(step) if step.isdigit() else step]
        item = json.dumps(items.pop())
        times = range(1, int(match["times"]) + 1)
        items.extend(json.loads(item.replace("{n}", str(number))) for number in times)
        return json.dumps(value, indent=2)

    def run(self, database: str, folder: Path) -> str:
        """Return what `iam-catalog check` prints of the policy in an empty folder."""
        (folder / self.file).write_text(self.text(), encoding="utf-8")
        if self.ignores:
            (folder / ".iam-catalog-ignore").write_text(self.ignores, encoding="utf-8")
        words = ["check", *self.options, self.file, "--database", database, "--format", "table"]
        result = CliRunner().invoke(cli, words, catch_exceptions=False)
        return self._shortened(result.stdout)

    def _shortened(self, printed: str) -> str:
        findings = re.split(r"^(?=\S)", printed, flags=re.MULTILINE)[1:]
        if len(findings) <= MOST_SHOWN:
            return printed
        own = [each for each in findings if f" [{self.code}]\n" in each]
        return "".join(own) + f"and {len(findings) - len(own):,} others\n"


def file_of(code: str) -> Path:
    return FOLDER / f"{code}.md"


def read_cases(code: str) -> list[Case]:
    """Return the cases of a code, in the order of its file."""
    text = file_of(code).read_text(encoding="utf-8")
    found = [Case(code, **match.groupdict()) for match in _SECTION.finditer(text)]
    assert len(found) == text.count("\n## "), f"{file_of(code)}: not every section has a policy"
    return found


def rewrite(case: Case, printed: str) -> None:
    """Write what is printed of a case into its file."""
    file = file_of(case.code)
    text = file.read_text(encoding="utf-8")
    before = f"```{case.syntax}\n{case.policy}```\n\n```text\n"
    assert text.count(f"{case.before}{before}{case.printed}```") == 1, f"{file}: two equal cases"
    text = text.replace(
        f"{case.before}{before}{case.printed}```", f"{case.before}{before}{printed}```"
    )
    file.write_text(text, encoding="utf-8")
