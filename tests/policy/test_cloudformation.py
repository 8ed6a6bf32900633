"""Templates: which policies they hold, and what is known of them before a deployment."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest

from iam_catalog.policy.grammar.document import grammar_findings
from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.read import statements
from iam_catalog.policy.read.cloudformation import resolve
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.json_text import Place, RepeatedNames, read_json
from iam_catalog.policy.read.source import line_of
from iam_catalog.policy.read.statements import as_document

TEMPLATE = dedent("""\
    AWSTemplateFormatVersion: '2010-09-09'
    Conditions:
      Live: !Equals [!Ref Stage, production]
    Resources:
      Reader:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Version: 2012-10-17
            Statement:
              Effect: Allow
              Principal: {Service: !Sub 'lambda.${AWS::URLSuffix}'}
              Action: sts:AssumeRole
          Policies:
            - PolicyName: read
              PolicyDocument:
                Version: 2012-10-17
                Statement:
                  - Effect: Allow
                    Action: s3:GetObject
                    Resource: !Sub '${Bucket.Arn}/*'
                  - !If [Live, {Effect: Deny, Action: 's3:*', Resource: '*'}, !Ref AWS::NoValue]
      Key:
        Type: AWS::KMS::Key
        Properties:
          KeyPolicy:
            Version: 2012-10-17
            Statment: []
      Firewall:
        Type: AWS::WAFv2::WebACL
        Properties:
          Rules: [{Statement: {GeoMatchStatement: {}}}]
      Guard:
        Type: AWS::Organizations::Policy
        Properties:
          Type: SERVICE_CONTROL_POLICY
          Content:
            Version: 2012-10-17
            Statement: {Effect: Deny, Action: '*', Resource: '*'}
      Tags:
        Type: AWS::Organizations::Policy
        Properties: {Type: TAG_POLICY, Content: {Statement: [], Version: x}}
      Function:
        Type: AWS::Serverless::Function
        Properties:
          Policies:
            - Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]
    """)


def documents(content: str, file: str = "x.yaml") -> list[PolicyDocument]:
    return list(read_documents(file, content.encode()))


def test_every_policy_of_a_template_is_found_with_its_logical_id():
    assert [(each.title, each.kind, each.line) for each in documents(TEMPLATE)] == [
        ("Reader.AssumeRolePolicyDocument", "trust", 8),
        ("Reader.Policies[0].PolicyDocument", "identity", 16),
        ("Key.KeyPolicy", "resource", 26),
        ("Guard.Content", "scp", 37),
        ("Function.Policies[0]", "identity", 47),
    ]


def test_findings_have_the_lines_of_the_template():
    key = documents(TEMPLATE)[2]

    assert [(each.code, line_of(key, each.path)) for each in grammar_findings(key)] == [
        ("unknown-element", 28),
        ("missing-statement", 26),
    ]


def test_functions_are_worked_out_as_far_as_the_template_tells():
    role, read = documents(TEMPLATE)[:2]

    assert role.value == {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.${AWS::URLSuffix}"},
            "Action": "sts:AssumeRole",
        },
    }
    assert read.value == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${Bucket.Arn}/*"},
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
        ],
    }
    assert [each.code for each in grammar_findings(role) + grammar_findings(read)] == []


def test_properties_that_are_a_statement_are_a_policy_of_one():
    text = dedent("""\
        Resources:
          Bus:
            Type: AWS::Events::EventBusPolicy
            Properties:
              StatementId: example
              Statement:
                Effect: Allow
                Principal: {AWS: !Ref AWS::AccountId}
                Action: events:PutEvents
                Resource: '*'
                Id: x
        """)
    (bus,) = documents(text)

    assert (bus.title, bus.line) == ("Bus", 4)
    assert [(each.code, line_of(bus, each.path)) for each in grammar_findings(bus)] == [
        ("unknown-element", 11)
    ]


def test_a_logical_id_is_no_property():
    text = dedent("""\
        Resources:
          Statement: {Type: AWS::SNS::Topic}
          Version: {Type: AWS::SNS::Topic}
          ResourcePolicy:
            Type: AWS::SecretsManager::ResourcePolicy
            Properties:
              ResourcePolicy: {Version: 2012-10-17, Statement: []}
        """)

    assert [(each.title, each.line) for each in documents(text)] == [
        ("ResourcePolicy.ResourcePolicy", 7)
    ]


def test_the_resource_policy_of_an_api_in_sam_is_none():
    text = dedent("""\
        Resources:
          Api:
            Type: AWS::Serverless::Api
            Properties:
              Auth: {ResourcePolicy: {IpRangeBlacklist: [192.0.2.0/24]}}
          Function:
            Type: AWS::Serverless::Function
            Properties:
              Policies: {Version: 2012-10-17, Statement: []}
        """)

    assert [each.title for each in documents(text)] == ["Function.Policies"]


def test_templates_in_json_have_the_long_forms():
    text = json.dumps(
        {
            "Resources": {
                "Queue": {
                    "Type": "AWS::SQS::QueuePolicy",
                    "Properties": {
                        "PolicyDocument": {
                            "Statement": [{"Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}]
                        }
                    },
                }
            }
        }
    )
    (document,) = documents(text, "x.template")

    assert (document.title, document.kind) == ("Queue.PolicyDocument", "resource")
    assert document.value == {"Statement": [{"Resource": "${Queue.Arn}"}]}


def test_a_policy_inside_of_fn_sub_is_read():
    policy = '{"Version": "2012-10-17", "Statement": [{"Resource": "${A}/${!aws:username}"}]}'
    text = json.dumps(
        {
            "Resources": {
                "Secret": {
                    "Type": "AWS::SecretsManager::ResourcePolicy",
                    "Properties": {"ResourcePolicy": {"Fn::Sub": policy}},
                }
            }
        }
    )
    (document,) = documents(text, "x.json")

    assert document.title == "Secret.ResourcePolicy.Fn::Sub"
    assert document.value == {
        "Version": "2012-10-17",
        "Statement": [{"Resource": "${A}/${aws:username}"}],
    }


KNOWN: list[tuple[Any, Any]] = [
    ({"Fn::Sub": "a"}, "a"),
    ({"Fn::Sub": "a/${!aws:username}"}, "a/${aws:username}"),
    ({"Fn::Sub": ["a/${b}", {"b": "c"}]}, "a/c"),
    ({"Fn::Join": ["/", ["a", {"Fn::Sub": "b"}]]}, "a/b"),
    ({"Fn::If": ["C", {"Ref": "AWS::NoValue"}, ["a"]]}, ["a"]),
    ({"Fn::ToJsonString": {"a": {"Fn::Sub": "b"}}}, {"a": "b"}),
    ({"Ref": "a", "b": 1}, {"Ref": "a", "b": 1}),
    ({"Bool": {"aws:x": "true"}}, {"Bool": {"aws:x": "true"}}),
]
UNKNOWN: list[tuple[Any, str]] = [
    ({"Ref": "Bucket"}, "${Bucket}"),
    ({"Ref": []}, "${Ref}"),
    ({"Fn::GetAtt": ["Bucket", "Arn"]}, "${Bucket.Arn}"),
    ({"Fn::GetAtt": "Bucket.Arn"}, "${Bucket.Arn}"),
    ({"Fn::Sub": "arn:aws:s3:::${Bucket}/*"}, "arn:aws:s3:::${Bucket}/*"),
    ({"Fn::Sub": ["${a}-${b}", {"a": "x", "b": {"Ref": "C"}}]}, "x-${C}"),
    ({"Fn::Sub": ["${a}", {"a": 1}]}, "${a}"),
    ({"Fn::Sub": {}}, "${Fn::Sub}"),
    ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3"]]}, "arn:${AWS::Partition}:s3"),
    ({"Fn::Join": ["", {"Ref": "List"}]}, "${Fn::Join}"),
    ({"Fn::If": ["C", "a", "b"]}, "${Fn::If}"),
    ({"Fn::Select": [0, ["a"]]}, "${Fn::Select}"),
    ({"Fn::ImportValue": "a"}, "${Fn::ImportValue}"),
    ({"Fn::Anything": "a"}, "${Fn::Anything}"),
]


@pytest.mark.parametrize(("value", "known"), KNOWN)
def test_what_the_template_tells_is_known(value, known):
    resolved = resolve(value)

    assert resolved == known
    assert not isinstance(resolved, Unresolved)


@pytest.mark.parametrize(("value", "text"), UNKNOWN)
def test_what_it_does_not_tell_stands_as_a_variable(value, text):
    resolved = resolve(value)

    assert resolved == text
    assert isinstance(resolved, Unresolved)


def test_repeated_names_stay_known():
    value = resolve(read_json('{"a": {"Ref": "x"}, "a": {"Ref": "y"}}', Place("x")))

    assert value == {"a": "${y}"}
    assert isinstance(value, RepeatedNames)
    assert value.repeated == ("a",)


def test_functions_can_not_grow_without_end():
    value: Any = "x" * 10
    for _ in range(60):
        value = {"Fn::Sub": ["${a}" * 8, {"a": value}]}

    assert resolve(value) == "${Fn::Sub}" * 8**4 or resolve(value) == "${Fn::Sub}"
    assert len(str(resolve(value))) <= 100_000


@pytest.mark.parametrize(
    "resource",
    [
        '{"Ref": "Bucket"}',
        '{"Ref" : "Bucket"}',
        '{"\\u0052ef": "Bucket"}',
        '{"Fn::Sub": "${Bucket.Arn}/*"}',
        '{"Fn\\u003a:Sub": "${Bucket.Arn}/*"}',
    ],
)
def test_a_function_is_known_however_json_writes_its_name(resource):
    text = f'{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": {resource}}}}}'

    assert as_document(text).value == as_document(json.loads(text)).value
    assert isinstance(as_document(text).value["Statement"]["Resource"], Unresolved)


def test_functions_are_looked_for_only_where_a_text_can_have_them(monkeypatch):
    text = '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'
    monkeypatch.setattr(statements, "has_functions", pytest.fail)

    assert as_document(text).value == json.loads(text)
