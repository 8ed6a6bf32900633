"""Documents that are broken in any way are answered: places are inside of them, nothing raises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_catalog import build_small_catalog
from test_lsp_completion import ALL, CURSOR

from iam_catalog.lsp import answers
from iam_catalog.lsp.complete import offers_at
from iam_catalog.lsp.diagnose import Project, Projects, located_findings
from iam_catalog.lsp.documents import OpenDocument
from iam_catalog.lsp.fixes import fixes_at
from iam_catalog.lsp.held import HeldCatalog
from iam_catalog.lsp.hover import hover_at
from iam_catalog.lsp.outline import page_of, symbols_of

INSERTED = [*"{}[]()\":,\n\r\t #-|>'$\\*=é😀", "${", "<<EOF\n", "- ", "store:", "/*", "```"]
CHANGE = st.tuples(st.floats(0, 1), st.integers(0, 6), st.sampled_from(["", *INSERTED]))
PLACE = st.floats(0, 1)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> HeldCatalog:
    return HeldCatalog(build_small_catalog(tmp_path_factory.mktemp("small")))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder: Path = tmp_path_factory.mktemp("project")
    return Projects().of(str(folder / "policy.json"), folder)


def _broken(text: str, changes: list[tuple[float, int, str]]) -> str:
    for where, removed, inserted in changes:
        at = int(where * len(text))
        text = text[:at] + inserted + text[at + removed :]
    return text


@given(st.sampled_from(ALL), st.lists(CHANGE, min_size=1, max_size=4), st.lists(PLACE, min_size=3))
@settings(max_examples=150)
def test_every_answer_to_a_broken_document_is_inside_of_it(
    held: HeldCatalog, project: Project, case, changes, places
) -> None:
    text = _broken(case.text.replace(CURSOR, ""), changes)
    document = OpenDocument(f"file:///project/{case.file}", "", 1, text)

    found = located_findings(held, document, project)
    answers.symbols(document, symbols_of(document))

    assert all(0 <= each.start <= each.end <= len(text) for each in found)
    for offset in [int(place * len(text)) for place in places]:
        hover_at(held, document, offset)
        page_of(held, document, offset)
        offers = offers_at(held, document, offset)
        if offers is not None:
            assert offers.edit.start <= offset <= offers.edit.end
            assert "\n" not in text[offers.edit.start : offers.edit.end]
        for fix in fixes_at(held, document, found, offset, offset, project):
            assert all(0 <= each.start <= each.end <= len(text) for each in fix.edits)


@given(st.text("ab😀é\r\n", max_size=30), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_positions_and_offsets_are_each_others_inverse(text, encoding) -> None:
    document = OpenDocument("file:///project/a.json", "", 1, text, encoding)

    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] != "\r\n":  # no position is between them
            assert document.offset(document.position(offset)) == offset
