"""What assistants are told of the server is committed, so that a change of it is reviewed.

`pytest tests/assistants/test_assistant_definitions.py --rewrite-expected` writes it anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from assistant_clients import client_of
from jsonschema import Draft202012Validator
from small_catalog import build_small_catalog

EXPECTED = Path(__file__).parent / "definitions.json"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build_small_catalog(tmp_path_factory.mktemp("small"))


async def definitions(path: str) -> dict[str, Any]:
    async with client_of(path) as client:
        found = {
            "tools": (await client.list_tools()).tools,
            "resources": (await client.list_resources()).resources,
            "resource_templates": (await client.list_resource_templates()).resource_templates,
            "prompts": (await client.list_prompts()).prompts,
        }
        return {
            "instructions": client.instructions,
            **{
                name: [each.model_dump(by_alias=True, exclude_none=True) for each in items]
                for name, items in found.items()
            },
        }


def with_one_answer(found: dict[str, Any]) -> dict[str, Any]:
    """The definitions with the schema of answers written once: that of all tools."""
    answers = [tool["outputSchema"] for tool in found["tools"]]
    assert [each for each in answers if each != answers[0]] == []
    tools = [{**tool, "outputSchema": "answer"} for tool in found["tools"]]
    return {**found, "tools": tools, "answer": answers[0]}


async def test_the_definitions_are_those_that_were_reviewed(
    small: str, request: pytest.FixtureRequest
) -> None:
    found = with_one_answer(await definitions(small))
    if request.config.getoption("--rewrite-expected"):
        EXPECTED.write_text(f"{json.dumps(found, indent=1)}\n", encoding="utf-8")

    assert found == json.loads(EXPECTED.read_text(encoding="utf-8"))


async def test_every_parameter_says_what_it_is(small: str) -> None:
    for tool in (await definitions(small))["tools"]:
        Draft202012Validator.check_schema(tool["inputSchema"])
        Draft202012Validator.check_schema(tool["outputSchema"])
        for name, parameter in tool["inputSchema"]["properties"].items():
            assert parameter["description"], (tool["name"], name)


async def test_the_definitions_are_short(small: str) -> None:
    """An assistant has them in mind all the time: about 6,000 tokens of four characters."""
    tools = (await definitions(small))["tools"]

    assert len(json.dumps(tools, separators=(",", ":"))) < 24_000


async def test_no_definition_has_a_title_that_repeats_a_name(small: str) -> None:
    for tool in (await definitions(small))["tools"]:
        for schema in (tool["inputSchema"], tool["outputSchema"]):
            titled = [name for name, each in schema["properties"].items() if "title" in each]
            assert ("title" in schema, titled) == (False, [])


async def test_what_must_be_sent_is_marked_so(small: str) -> None:
    tools = {tool["name"]: tool for tool in (await definitions(small))["tools"]}

    assert {name: tool["inputSchema"]["required"] for name, tool in tools.items()} == {
        "search": ["text"],
        "action": ["name"],
        "actions": [],
        "expand": ["patterns"],
        "match_arn": ["arn"],
        "actions_for_arn": ["arn"],
        "operation": ["name"],
        "describe": ["kind", "name"],
        "check_policy": ["policy"],
        "explain_policy": ["policy"],
        "complete_policy": ["policy"],
        "write_policy": [],
        "changes": [],
    }
