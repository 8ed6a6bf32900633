"""The file of a page: one that every file system, web server and reader takes, once for a name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam_catalog.export.site.places import Places, path_of

NAMES = st.text(st.sampled_from("aAbB:/\\.~$*{}<>|?\"' _-@%Éé\u0301\U0001f600\x00\x1b"), max_size=8)
KINDS = st.sampled_from(["action", "resource-type", "condition-key", "service", "page"])
RESERVED = r"(?i:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)"


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        ("action", "s3:GetObject", "action/s3/GetObject.html"),
        ("service", "execute-api", "service/execute-api.html"),
        (
            "condition-key",
            "aws:RequestTag/${TagKey}",
            "condition-key/aws/RequestTag~2F~24~7BTagKey~7D.html",
        ),
        ("resource-type", "lambda:function alias", "resource-type/lambda/function~20alias.html"),
        ("access-level", "Permissions management", "access-level/Permissions~20management.html"),
        ("page", "amazonconnect@2019-08-12", "page/amazonconnect@2019-08-12.html"),
        ("page", "list_é.json", "page/list_~C3~A9.json.html"),
        ("condition-key", "a:b:c*", "condition-key/a/b~3Ac~2A.html"),
        ("condition-key", "plain", "condition-key/plain.html"),
        ("service", "a:b", "service/a~3Ab.html"),
    ],
)
def test_a_name_is_a_path_that_can_be_read(kind: str, name: str, path: str) -> None:
    assert path_of(kind, name) == path


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("con", "service/~63on.html"),
        ("Aux.js", "service/~41ux.js.html"),
        ("console", "service/console.html"),
        ("..", "service/~2E~2E.html"),
        (".git", "service/~2Egit.html"),
        ("_layouts", "service/~5Flayouts.html"),
        ("a.", "service/a~2E.html"),
        ("", "service/~.html"),
    ],
)
def test_no_part_is_hidden_or_a_device(name: str, path: str) -> None:
    assert path_of("service", name) == path


def test_a_long_name_is_cut_off_and_told_apart() -> None:
    one, other = (path_of("service", "a" * 300 + end) for end in "xy")

    assert one != other
    assert re.fullmatch(r"service/a{100}~~[0-9a-f]{12}\.html", one)


def test_names_that_differ_only_in_case_have_files_that_differ_in_more() -> None:
    places = Places({}, {"resource-type": ["a:box", "a:Box"]})

    assert places.find("resource-type", "a:Box") == "resource-type/a/Box.html"
    assert re.fullmatch(
        r"resource-type/a/box~~[0-9a-f]{12}\.html", places.find("resource-type", "a:box") or ""
    )


def test_an_action_is_found_in_any_case_and_a_resource_type_in_its_own() -> None:
    places = Places({}, {"action": ["s3:GetObject"], "resource-type": ["s3:bucket"]})

    assert places.find("action", "S3:getobject") == "action/s3/GetObject.html"
    assert places.find("resource-type", "s3:Bucket") is None


@given(st.sets(st.tuples(KINDS, NAMES), max_size=20))
def test_every_name_has_a_file_of_its_own_on_every_file_system(names: set[tuple[str, str]]) -> None:
    places = Places({}, {kind: [each for of, each in names if of == kind] for kind in dict(names)})

    paths = [places.names[kind][name] for kind, name in names]

    assert len({path.lower() for path in paths}) == len(names)
    for path in paths:
        for part in path.split("/"):
            assert re.fullmatch(r"[A-Za-z0-9~@-][A-Za-z0-9~@._-]*(?<!\.)", part)
            assert not re.match(RESERVED, part)
            assert len(part) < 130
