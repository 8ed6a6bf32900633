"""A page of the site is a file and a template, which nothing else names."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from site_catalog import build_site_catalog

from iam_catalog.site import pages
from iam_catalog.site.pages import PAGES

CHECKOUT = Path(__file__).parents[2]
GUIDE = CHECKOUT / "docs" / "dev" / "add-a-page.md"
SITE = CHECKOUT / "iam_catalog" / "site"
ASK = """
import asyncio, sys
from iam_catalog.cli import serve

async def ask():
    site = serve.make_site(sys.argv[1], sys.argv[2])
    await site.invoke_startup()
    for address in ("/catalog/-/condition-keys", "/catalog/-/condition-keys.json"):
        answer = await site.client.get(address)
        print(answer.status_code, "orders:Channel" in answer.text.replace("<wbr>", ""))

asyncio.run(ask())
"""


def test_each_file_is_one_page_with_a_template_of_its_own() -> None:
    names = {path.stem for path in Path(pages.__file__).parent.glob("*.py")} - {"__init__"}

    assert {page.template for page in PAGES} == {f"{name}.html" for name in names}
    assert all((SITE / "templates" / page.template).exists() for page in PAGES)


def test_no_address_fits_two_pages() -> None:
    addresses = [re.sub(r"\(\?P<name>\.\+\?\)", "x", page.path) for page in PAGES]

    fitting = {
        address: [page.path for page in PAGES if re.fullmatch(page.path, address)]
        for address in addresses
    }

    assert {address: paths for address, paths in fitting.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("language", ["python", "html"])
def test_the_guide_has_the_page_in_two_files(language: str) -> None:
    assert len(blocks(language)) == 1


def blocks(language: str) -> list[str]:
    found = re.findall(rf"   ```{language}\n(.*?)   ```", GUIDE.read_text("utf-8"), re.DOTALL)
    return [re.sub("^   ", "", text, flags=re.MULTILINE) for text in found]


def test_the_page_of_the_guide_is_served_at_once(tmp_path: Path) -> None:
    database = build_site_catalog(tmp_path)
    package = tmp_path / "checkout" / "iam_catalog"
    shutil.copytree(SITE.parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    page, template = blocks("python")[0], blocks("html")[0]
    (package / "site" / "pages" / "condition_keys.py").write_text(page, encoding="utf-8")
    (package / "site" / "templates" / "condition_keys.html").write_text(template, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", ASK, database, str(CHECKOUT / "metadata.json")],
        cwd=package.parent,  # where Python looks first
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == ["200 True", "200 True"]
