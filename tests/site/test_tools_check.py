"""The policy checker of the site: a text in, findings beside its lines out, and nothing kept."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from typing import Any

import pytest
from datasette.app import Datasette
from tool_catalog import build_tool_catalog, get, opened, post, send, soup_of, text_of

from iam_catalog.datasette_plugin.security import LONGEST_BODY
from iam_catalog.errors import UnreadablePolicy
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.statements import as_document
from iam_catalog.site import render
from iam_catalog.site.findings import checker_of
from iam_catalog.site.pages.tool_check import LONGEST_POLICY

CHECK, JSON = "tools/check", "application/json"
POLICY = """{
  "Version": "2012-10-17",

  "Statement": [
    {
      "Effect": "Alow",
      "Action": "store:ListShelves",
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": ["store:CreateShelf", "store:Nothing"],
      "Resource": "key-name"
    }
  ]
}"""
CLEAN = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
"Action": "store:PutShelfPolicy", "Resource": "arn:aws:store:us-east-1:111122223333:shelf/a"}]}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with opened(build_tool_catalog(tmp_path_factory.mktemp("tools"))) as site:
        yield site


def lines_with_findings(page: Any) -> dict[int, list[str]]:
    """The codes of the findings that stand below each line of the listing."""
    return {
        int(line["data-line"]): [link.get_text() for link in line.select("a[href*='/tools/rule/']")]
        for line in soup_of(page).select(".lines > li.found")
    }


async def test_findings_stand_below_the_line_that_they_are_about(site):
    page = await post(site, CHECK, {"policy": POLICY})

    assert page.status_code == 200
    assert lines_with_findings(page) == {
        6: ["effect-value"],
        12: ["unknown-action", "missing-dependent-actions"],
        13: ["malformed-arn"],
    }


async def test_the_lines_of_the_policy_are_numbered_and_whole(site):
    page = await post(site, CHECK, {"policy": POLICY})

    lines = soup_of(page).select(".lines > li")
    assert [line["data-line"] for line in lines] == [str(n) for n in range(1, 17)]
    assert shown_lines(page) == POLICY.split("\n")


async def test_severity_is_told_by_word_and_shape(site):
    page = await post(site, CHECK, {"policy": POLICY})

    told = [
        (each.strong.get_text(), each.svg["class"][-1]) for each in soup_of(page).select(".finding")
    ]
    assert told == [
        ("Error:", "shape-error"),
        ("Warning:", "shape-warning"),
        ("Note:", "shape-info"),
        ("Error:", "shape-error"),
    ]
    outlines = {each.select_one(".body").name: each for each in soup_of(page).select(".shape")}
    assert len(outlines) >= 2


async def test_the_summary_counts_and_leads_to_the_first_of_each_severity(site):
    page = await post(site, CHECK, {"policy": POLICY})

    soup = soup_of(page)
    assert soup.title.string.startswith("2 errors, 1 warning, 1 note - Check a policy")
    assert [(link.get_text(), link["href"]) for link in soup.select(".tally a")] == [
        ("2 errors", "#finding-1"),
        ("1 warning", "#finding-2"),
        ("1 note", "#finding-3"),
    ]
    assert all(soup.select_one(link["href"]) for link in soup.select(".tally a"))


async def test_every_code_is_explained_and_evidence_linked(site):
    page = await post(site, CHECK, {"policy": POLICY})

    soup = soup_of(page)
    for link in soup.select(".finding a[href*='/tools/rule/']"):
        assert soup.select_one(f"#code-{link.get_text()}") is not None
        assert (await site.client.get(link["href"])).status_code == 200
    assert "/catalog/-/page/store@2020-03-04" in {a["href"] for a in soup.select(".finding a")}


async def test_the_policy_stays_in_the_form_with_its_empty_lines(site):
    page = await post(site, CHECK, {"policy": POLICY.replace("\n", "\r\n"), "kind": "identity"})

    soup = soup_of(page)
    assert soup.select_one("#policy").get_text() == "\n" + POLICY
    assert soup.select_one("#kind [selected]")["value"] == "identity"


async def test_a_clean_policy_has_no_findings_and_no_verdict(site):
    text = text_of(await post(site, CHECK, {"policy": CLEAN}))

    assert "Nothing found" in text
    assert "That is no verdict" in text


async def test_the_same_policy_can_be_had_in_words(site):
    page = await post(site, CHECK, {"policy": CLEAN, "show": "words"})

    assert "Statement 1 Allows 1 action on 1 resource." in text_of(page)
    linked = {link["href"] for link in soup_of(page).select("main a")}
    assert "/catalog/-/action/store:PutShelfPolicy" in linked


async def test_the_same_policy_can_be_completed(site):
    page = await post(site, CHECK, {"policy": POLICY.replace("Alow", "Allow"), "show": "missing"})

    added = json.loads(soup_of(page).select_one("#added-1").get_text())
    assert sorted(name for each in added for name in each["Action"]) == [
        "iam:CreateServiceLinkedRole",
        "iam:PassRole",
        "store:TagShelf",
    ]


async def test_a_policy_that_can_not_be_completed_says_why_and_is_checked_all_the_same(site):
    trust = CLEAN.replace('"Effect"', '"Principal": "*", "Effect"')
    answer = (await post(site, f"{CHECK}.json", {"policy": trust, "show": "missing"})).json()

    assert answer["policies"][0]["completed"] is None
    assert "Expected an identity policy" in answer["policies"][0]["left_out"]
    assert answer["counts"]["error"] == 0


async def test_each_policy_of_a_text_has_its_own_title_and_lines(site):
    text = f"# One\n\n```json\n{CLEAN}\n```\n\n# Two\n\n```json\n{POLICY}\n```\n"
    page = await post(site, CHECK, {"policy": text})

    assert "2 policies" in text_of(page)
    assert lines_with_findings(page).keys() == {16, 22, 23}
    assert [
        (each.get_text(), each.parent["data-line"]) for each in soup_of(page).select(".lines .over")
    ] == [
        ("One", "4"),
        ("Two", "11"),
    ]


async def test_the_kind_that_is_asked_for_counts_where_the_form_says_none(site):
    answer = await post(site, f"{CHECK}.json", {"policy": CLEAN, "kind": "resource"})

    codes = {each["code"] for each in answer.json()["policies"][0]["findings"]}
    assert "missing-principal" in codes


@pytest.mark.parametrize("field", ["kind", "show"])
async def test_a_word_that_means_nothing_is_an_error_with_the_words_that_do(site, field):
    page = await post(site, CHECK, {"policy": CLEAN, field: "<script>"})

    assert page.status_code == 400
    assert f"{field} is '<script>': expected one of" in text_of(page)


# --- JSON


async def test_a_file_as_the_body_is_answered_in_json_with_the_values_of_the_address(site):
    answer = await send(site, f"{CHECK}.json?show=words", CLEAN.encode(), JSON)

    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["counts"] == {"error": 0, "warning": 0, "info": 0}
    assert answer.json()["policies"][0]["explained"]["kind"] == "identity"
    assert "text" not in answer.json()


async def test_a_form_and_a_file_give_the_same_findings(site):
    by_form = await post(site, f"{CHECK}.json", {"policy": POLICY})
    by_body = await send(site, f"{CHECK}.json", POLICY.encode(), "text/plain; charset=utf-8")

    assert by_form.json() == by_body.json()
    assert by_form.json()["policies"][0]["findings"][0] == {
        "code": "effect-value",
        "severity": "error",
        "text": "The effect 'Alow' is neither Allow nor Deny.",
        "path": ["Statement", 0, "Effect"],
        "evidence": [],
        "suggestion": None,
        "line": 6,
        "place": "Statement[0].Effect",
    }


async def test_another_type_of_body_is_refused_with_those_that_are_read(site):
    answer = await send(site, f"{CHECK}.json", b"--x", "multipart/form-data; boundary=x")

    assert answer.status_code == 415
    assert "'multipart/form-data'" in answer.json()["error"]
    assert "application/json" in answer.json()["error"]


async def test_a_form_without_a_policy_says_what_to_send(site):
    answer = await send(site, f"{CHECK}.json", POLICY.encode(), "application/x-www-form-urlencoded")

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("The form has no 'policy'")


# --- what `check` refuses

REFUSED = {
    "no JSON": b'{"Statement": [}',
    "deep nesting": b'{"Statement": ' + b"[" * 300 + b"]" * 300 + b"}",
    "not UTF-8": b'{"Statement": "\xff"}',
    "a NUL": b'{"Statement": "\x00"}',
    "half a pair": b'{"Statement": "\\ud800"}',
    "NaN": b'{"Statement": NaN}',
    "a YAML bomb": b"Version: 1\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
    + b"".join(
        b"%c: &%c [%s]\n" % (n, n, b", ".join([b"*%c" % (n - 1)] * 10)) for n in range(98, 106)
    )
    + b"Statement: *i\n",
    "too many statements": b'{"Statement": [' + b"1," * 20_000 + b"1]}",
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
async def test_what_the_command_refuses_is_refused_with_the_same_words(site, content):
    with pytest.raises(UnreadablePolicy) as refused:
        list(read_documents("policy", content))

    answer = await send(site, f"{CHECK}.json", content, "text/plain")

    assert (answer.status_code, answer.json()["error"]) == (400, str(refused.value))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (b"%ff%fe%7b", "it is not"),
        (b"%7B%22Statement%22%3A+%22%FF%22%7D", "is not UTF-8 text (byte 0xff)"),
        (b"%7B%0D%0A%22Statement%22%3A+%22%00%22%7D", "null characters"),
        (b"", "it is empty"),
        (b"%20%0d%0a", "it is empty"),
    ],
)
async def test_a_form_is_refused_for_the_bytes_that_were_typed(site, typed, expected):
    page = await send(site, CHECK, b"policy=" + typed, "application/x-www-form-urlencoded")

    assert page.status_code == 400
    assert expected in text_of(page)
    assert "Cannot read policies from 'policy'" in text_of(page)


async def test_an_error_leaves_the_text_in_the_form_and_leads_to_it(site):
    page = await post(site, CHECK, {"policy": '{"Statement": [\n}'})

    soup = soup_of(page)
    assert "line 2 column 1" in soup.select_one(".problem").get_text()
    field = soup.select_one(soup.select_one(".problem a")["href"])
    assert field.get_text() == '\n{"Statement": [\n}'
    assert field["aria-describedby"] == "kept-nowhere problem"


@pytest.mark.parametrize("text", ["Hello.", '{"a": 1}'])
async def test_a_text_without_any_policy_is_refused(site, text):
    page = await post(site, CHECK, {"policy": text})

    assert page.status_code == 400
    assert "it has no policy" in text_of(page)


async def test_more_policies_than_a_page_can_show_are_refused(site):
    lines = "\n".join(['{"Statement": []}'] * 2_001)
    answer = await send(site, f"{CHECK}.json", lines.encode(), "text/plain")

    assert answer.status_code == 400
    assert "line 2001: it has more than 2000 policies" in answer.json()["error"]


async def test_a_longer_form_than_a_policy_needs_is_refused_before_it_is_read(site):
    page = await post(site, CHECK, {"policy": "x" * LONGEST_POLICY})

    assert page.status_code == 413
    assert f"send at most {LONGEST_POLICY:,}" in text_of(page)


async def test_a_body_far_above_the_limit_is_refused_at_once(site):
    page = await send(site, CHECK, b"x" * (LONGEST_POLICY + LONGEST_BODY + 1), "text/plain")

    assert page.status_code == 413


async def test_a_policy_that_asks_for_too_much_work_is_stopped(site, monkeypatch):
    monkeypatch.setattr("iam_catalog.site.render.STEPS", 1)
    time_limit = render.time_limit
    monkeypatch.setattr(render, "time_limit", lambda connection, _: time_limit(connection, 0))

    page = await post(site, CHECK, {"policy": CLEAN, "show": "words"})

    assert page.status_code == 503
    assert "ask for less at once" in text_of(page)


# --- nothing is kept


async def test_the_policy_is_in_no_address_no_cache_and_no_log(site, caplog, capfd):
    secret = "Hush12345"
    page = await post(site, CHECK, {"policy": POLICY.replace("key-name", secret)})
    again = await get(site, CHECK)

    assert secret in page.text
    assert page.headers["cache-control"] == "no-store"
    assert all(
        secret not in tag.get(name, "")
        for tag in soup_of(page).find_all()
        for name in ("href", "action", "src")
    )
    assert secret not in again.text
    assert secret not in caplog.text + "".join(capfd.readouterr())


async def test_a_policy_in_the_address_is_not_read(site):
    page = await get(site, CHECK, policy=POLICY)

    assert page.status_code == 200
    assert "store:Nothing" not in page.text


def test_a_thread_keeps_what_it_read_of_the_catalog_and_nothing_of_a_policy(tmp_path):
    path = build_tool_catalog(tmp_path)
    with closing(sqlite3.connect(path)) as first, closing(sqlite3.connect(path)) as second:
        checker = checker_of(first)
        checker.findings(as_document(POLICY.replace("store:Nothing", "store:Hush*")))
        facts = checker._readers.facts
        assert "store" in facts._services
        assert "store:hush*" in repr(facts._expanded)

        assert checker_of(first) is checker
        assert checker._readers.facts is facts
        assert [facts._expanded, facts.arns._answers, facts._unheld] == [{}, {}, {}]
        assert checker_of(second) is not checker


# --- what is marked, linked and proposed

ONE_LINE = json.dumps(json.loads(POLICY))


def shown_lines(page: Any) -> list[str]:
    """The texts of the listing, with their blanks."""
    codes = re.findall('<code>(<span class="indent.*?)</code>', page.text)
    return [unescape(re.sub("<[^>]*>", "", code)) for code in codes]


async def test_what_a_finding_is_about_is_marked_in_its_line(site):
    page = await post(site, CHECK, {"policy": POLICY})

    assert [each.get_text() for each in soup_of(page).select(".lines mark")] == [
        "Alow",
        "store:CreateShelf",
        "store:Nothing",
        "key-name",
    ]


async def test_a_policy_in_one_line_is_shown_indented_with_findings_at_these_lines(site):
    page = await post(site, CHECK, {"policy": ONE_LINE})
    answer = await post(site, f"{CHECK}.json", {"policy": ONE_LINE})

    assert shown_lines(page) == json.dumps(json.loads(POLICY), indent=2).split("\n")
    assert lines_with_findings(page) == {
        5: ["effect-value"],
        12: ["missing-dependent-actions"],
        13: ["unknown-action"],
        15: ["malformed-arn"],
    }
    assert soup_of(page).select_one("#policy").get_text() == f"\n{ONE_LINE}"
    lines = {each["line"] for each in answer.json()["policies"][0]["findings"]}
    assert lines == {1}  # of the text as it was sent


async def test_names_that_stand_twice_are_shown_twice_in_an_indented_policy(site):
    text = '{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": [], "Id": "a, b: {c}"}'
    page = await post(site, CHECK, {"policy": text})

    assert shown_lines(page) == [
        "{",
        '  "Version": "2012-10-17",',
        '  "Version": "2012-10-17",',
        '  "Statement": [],',
        '  "Id": "a, b: {c}"',
        "}",
    ]


def plan_of(*policies: str) -> str:
    resources = [
        {
            "address": f"aws_iam_policy.p{number}",
            "mode": "managed",
            "type": "aws_iam_policy",
            "values": {"policy": policy},
        }
        for number, policy in enumerate(policies)
    ]
    return json.dumps(
        {"format_version": "1.2", "planned_values": {"root_module": {"resources": resources}}}
    )


async def test_each_policy_of_a_plan_is_shown_by_itself(site):
    page = await post(site, CHECK, {"policy": plan_of(CLEAN, ONE_LINE)})

    soup = soup_of(page)
    assert [each.get_text() for each in soup.select(".piece")] == [
        "aws_iam_policy.p0.policy",
        "aws_iam_policy.p1.policy",
    ]
    assert "store:Nothing" in [each.get_text() for each in soup.select(".lines mark")]
    assert len({each["id"] for each in soup.select("[id]")}) == len(soup.select("[id]"))


async def test_of_a_large_plan_the_policies_without_findings_are_counted(site):
    page = await post(site, CHECK, {"policy": plan_of(ONE_LINE, *[CLEAN] * 60)})

    assert "Nothing was found in 60 more policies" in text_of(page)
    assert len(soup_of(page).select(".piece")) == 1


async def test_a_plan_of_megabytes_is_taken(site):
    filler = json.dumps({"a": "x" * 3_000_000})
    page = await post(site, CHECK, {"policy": plan_of(CLEAN, filler)})

    assert page.status_code == 200
    assert "Nothing found" in text_of(page)


async def test_actions_in_findings_lead_to_their_pages_and_codes_to_the_rules(site):
    page = await post(site, CHECK, {"policy": POLICY})

    linked = {link["href"] for link in soup_of(page).select(".finding a")}
    assert {
        "/catalog/-/action/store:CreateShelf",
        "/catalog/-/tools/rule/unknown-action",
    } <= linked


def fixes(page: Any) -> list[tuple[list[str], list[str]]]:
    return [
        (
            [line.code.get_text() for line in fix.select("del")],
            [line.code.get_text() for line in fix.select("ins")],
        )
        for fix in soup_of(page).select(".fix")
    ]


MISSPELLED = """{
  "Statement": [
    {"Efect": "x", "Effect": "allow", "Action": "store:ListShelve", "Resource": "*",
     "Condition": {"StringEqual": {"aws:SorceIp": "203.0.113.0"}}}
  ]
}"""


async def test_a_suggestion_is_shown_as_the_lines_that_it_changes(site):
    page = await post(site, CHECK, {"policy": MISSPELLED})

    assert ([], ['"Version": "2012-10-17",']) in fixes(page)
    third = MISSPELLED.split("\n")[2].strip()
    assert ([third], [third.replace('"allow"', '"Allow"')]) in fixes(page)
    fourth = MISSPELLED.split("\n")[3].strip()
    assert ([fourth], [fourth.replace("StringEqual", "StringEquals")]) in fixes(page)
    assert ([fourth], [fourth.replace("SorceIp", "SourceIp")]) in fixes(page)


@pytest.mark.parametrize("before", ["", "\U0001f642 \u00e9\n\n```json\n"])
async def test_a_change_has_the_offsets_that_javascript_counts(site, before):
    text = before + MISSPELLED
    page = await post(site, CHECK, {"policy": text})

    units = text.encode("utf-16-le")
    found = soup_of(page).select(".fix[data-start]")
    assert len(found) >= 4
    for fix in found:
        start, end = int(fix["data-start"]), int(fix["data-end"])
        assert units[2 * start : 2 * end].decode("utf-16-le") == fix["data-was"]


async def test_every_change_of_a_policy_makes_a_policy_without_that_finding(site):
    page = await post(site, CHECK, {"policy": MISSPELLED})

    for fix in soup_of(page).select(".fix"):
        code = fix.parent.select_one("a[href*='/tools/rule/']").get_text()
        start, end = int(fix["data-start"]), int(fix["data-end"])
        changed = MISSPELLED[:start] + fix["data-text"] + MISSPELLED[end:]
        answer = (await post(site, f"{CHECK}.json", {"policy": changed})).json()
        assert code not in [each["code"] for each in answer["policies"][0]["findings"]]


async def test_what_is_a_string_of_a_plan_has_changes_to_read_and_none_to_make(site):
    page = await post(site, CHECK, {"policy": plan_of(MISSPELLED)})

    assert len(fixes(page)) >= 4
    assert soup_of(page).select(".fix[data-start]") == []
