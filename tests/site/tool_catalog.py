"""A catalog of two small services with sample policies, to ask the tools and pages of policies.

One document is an ordinary guide; of the other one every text is hostile.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from click.testing import CliRunner
from datasette.app import Datasette
from httpx import Response
from sites import close
from small_catalog import write_data

from scraper.cli import cli

GUIDE = """# Guide

## Shelves

```json
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": ["store:List*", "store:createshelf", "store:Nothing"], ①
      "Resource": "key-name"
    },
    {"Effect": "Deny", "NotAction": ["depot:Look", "other:Do"], "Resource": "*"}
  ]
}
```

**1** Of shelves\\.

```json
, {"Effect": "Allow", "Action": "store:ListShelves"}
```

## Trust

```json
{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
 "Action": "sts:AssumeRole"}}
```
"""
HOSTILE = """# <script>alert(1)</script>

```json
{"Version": "2012-10-17", "Statement": [
  {"Sid": "</textarea><script>alert(2)</script>", "Effect": "Allow",
   "Action": ["<img src=x onerror=alert(3)>:*", "store:ListShelves"], ①
   "Resource": "javascript:alert(4)\\u001b[31m\\u202e"}]}
```

**1** </code></li><script>alert(5)</script>
"""
DOCUMENTS = {
    "policies/guide.md": (
        GUIDE,
        {"title": "Guide", "url": "https://docs.example.com/guide", "publisher": "Example"},
    ),
    "policies/hostile.md": (
        HOSTILE,
        {"title": "<b onclick=alert(6)>", "url": "javascript:alert(7)", "publisher": '"><script>'},
    ),
}


def build_tool_catalog(folder: Path) -> str:
    """Write the pages and documents into *folder*, and give the path of their catalog."""
    data = write_data(folder / "data")
    manifest = json.loads((data / "manifest.json").read_text("utf-8"))
    for path, (text, facts) in DOCUMENTS.items():
        target = data / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, "utf-8")
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        manifest["files"].append({"path": path, "sha256": sha256, "date": None, **facts})
    (data / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    output = str(folder / "catalog.db")
    result = CliRunner().invoke(cli, ["build", "--data", str(data), "--output", output])
    assert result.exit_code == 0, result.output
    return output


@contextmanager
def opened(path: str) -> Iterator[Datasette]:
    """A site of the catalog at *path*, closed in the end."""
    site = Datasette([], immutables=[path])
    yield site
    for database in site.databases.values():
        database.close()
    close(site)


async def get(site: Datasette, page: str, **asked: Any) -> Response:
    """What the site answers at the address of a page of the catalog."""
    return await site.client.get(f"/catalog/-/{page}", params=asked)


async def post(site: Datasette, page: str, data: dict[str, Any]) -> Response:
    """What the site answers to a form."""
    return await site.client.post(f"/catalog/-/{page}", data=data)


async def send(site: Datasette, page: str, body: bytes, kind: str) -> Response:
    """What the site answers to a body of the content type *kind*."""
    return await site.client.post(
        f"/catalog/-/{page}", content=body, headers={"content-type": kind.encode("latin-1")}
    )


def soup_of(response: Response) -> BeautifulSoup:
    return BeautifulSoup(response.text, "html.parser")


def text_of(response: Response) -> str:
    """The text of the main part of a page, with one blank wherever there are some."""
    main = soup_of(response).find("main")
    assert main is not None
    for each in main.find_all("wbr"):
        each.decompose()
    main.smooth()
    return " ".join(main.get_text().split())
