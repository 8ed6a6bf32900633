"""What counts as a policy at all: in files of many other kinds there is none."""

from __future__ import annotations

import pytest

from iam_catalog.policy.read.files import read_documents

OTHERS = {
    "package.json": '{"name": "x", "version": "1.2.3", "id": "a", "action": "b", "license": "MIT"}',
    "tsconfig.json": '{"compilerOptions": {"strict": true}, "include": ["src"]}',
    "openapi.json": '{"openapi": "3.0.0", "info": {"version": "1", "title": "x"}, "paths": {}}',
    "event.json": '{"version": "0", "id": "1", "resources": [], "detail": {"action": "x"}}',
    "machine.json": '{"Version": "1.0", "StartAt": "A", "States": {"A": {"Resource": "x"}}}',
    "roles.json": '{"effect": "allow", "action": "read", "resource": "x"}',
    "query.json": '{"Statement": "select 1", "Database": "x"}',
    "firewall.json": '{"Name": "x", "Statement": {"GeoMatchStatement": {}}, "Action": {}}',
    "schema.json": '{"type": "object", "properties": {"Action": {}, "Resource": {}}}',
    "compose.yaml": 'version: "3"\nservices: {web: {image: x}}\n',
    "manifest.yaml": "apiVersion: v1\nkind: Pod\nspec: {tolerations: [{effect: NoSchedule}]}\n",
    "workflow.yml": "name: ci\non: [push]\njobs: {a: {steps: [{uses: x@v1, id: y}]}}\n",
    "rules.yaml": "kind: Role\nrules: [{resources: [pods], verbs: [get]}]\n---\nversion: 2\n",
}


@pytest.mark.parametrize("file", OTHERS)
def test_files_of_other_kinds_have_no_policy(file):
    assert list(read_documents(file, OTHERS[file].encode())) == []


@pytest.mark.parametrize(
    "text",
    [
        '{"Statement": []}',
        '{"Statement": {"Sid": "x"}}',
        '{"Version": "2012-10-17"}',
        '{"version": "2008-10-17", "Statements": []}',
        '{"statement": [{"effect": "Allow", "action": "a:b"}]}',
        '{"Effect": "Allow", "Action": "a:b"}',
        '{"Action": "a:b", "Resource": "*"}',
        '{"Principal": "*", "Resource": "*"}',
    ],
)
def test_what_has_the_elements_of_a_policy_is_meant_as_one(text):
    assert len(list(read_documents("x.json", text.encode()))) == 1


@pytest.mark.parametrize("text", ['{"Effect": "Allow"}', '{"Action": "x", "NotAction": "y"}'])
def test_one_element_alone_makes_no_policy(text):
    assert list(read_documents("x.json", text.encode())) == []


def test_a_misspelt_policy_inside_of_another_value_is_one():
    text = '{"PolicyDocument": {"Version": "2012-10-17", "Statment": []}}'

    assert [each.title for each in read_documents("x.json", text.encode())] == ["PolicyDocument"]


@pytest.mark.parametrize("name", ["iamRoleStatements", "PolicyStatements", "statements"])
def test_statements_under_a_name_that_says_so_are_a_policy(name):
    text = f'{{"x": {{"{name}": [\n{{"Effect": "Allow", "Action": "a:b"}}]}}}}'
    (document,) = read_documents("x.json", text.encode())

    assert (document.title, document.value) == (
        f"x.{name}",
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:b"}]},
    )
