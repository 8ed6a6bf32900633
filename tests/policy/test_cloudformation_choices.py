"""Parts of a policy that conditions of a template choose, and policies that are only included."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from iam_catalog.policy.grammar.document import grammar_findings
from iam_catalog.policy.model import PolicyDocument, Unresolved
from iam_catalog.policy.read.cloudformation import alternatives
from iam_catalog.policy.read.files import read_documents
from iam_catalog.policy.read.kinds import is_managed
from iam_catalog.policy.read.statements import as_document

IF = {"Fn::If": ["C", "a", "b"]}
NOTHING = {"Ref": "AWS::NoValue"}


def documents(content: str, file: str = "x.yaml") -> list[PolicyDocument]:
    return list(read_documents(file, dedent(content).encode()))


def policy_of(statement: str) -> PolicyDocument:
    (document,) = documents(
        f"""\
        Resources:
          P:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument: {{Version: 2012-10-17, Statement: {statement}}}
        """
    )
    return document


def nested(names: list[str]) -> Any:
    value: Any = "x"
    for name in names:
        value = {"Fn::If": [name, value, name]}
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 1}, ()),
        (IF, ("a", "b")),
        ({"x": IF, "y": IF}, ({"x": "a", "y": "a"}, {"x": "b", "y": "b"})),
        ([{"Fn::If": ["C", ["a", "b"], NOTHING]}, "c"], ([["a", "b"], "c"], ["c"])),
        ({"x": {"Fn::If": ["C", NOTHING, IF]}}, ({}, {"x": "b"})),
        ({"Fn::If": ["C", IF, "b"]}, ("a", "b")),
        ({"Fn::Join": ["/", ["x", IF]]}, ("x/a", "x/b")),
        (nested(["A", "B"]), ("x", "A", "B")),
        ({"Fn::If": [{"Ref": "C"}, "a", "b"]}, ()),
        ({"Fn::If": ["C", "a"]}, ()),
    ],
)
def test_every_choice_makes_a_value_of_its_own(value, expected):
    assert alternatives(value) == expected


def test_a_condition_of_the_resource_holds_wherever_its_policy_exists():
    assert alternatives([IF, {"Fn::If": ["D", "c", "d"]}], "C") == (["a", "c"], ["a", "d"])


EQUALS = {"Fn::Equals": [{"Ref": "Stage"}, "live"]}


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"C": EQUALS}, [["a", "c"], ["a"], ["c"], []]),
        ({"C": EQUALS, "D": {"Fn::Not": [{"Condition": "C"}]}}, [["a"], ["c"]]),
        ({"C": EQUALS, "D": {"Fn::Not": [EQUALS]}}, [["a"], ["c"]]),
        ({"C": EQUALS, "D": EQUALS}, [["a", "c"], []]),
        ({"C": EQUALS, "D": {"Fn::Equals": [{"Ref": "Stage"}, "test"]}}, [["a"], ["c"], []]),
        ({"C": EQUALS, "D": {"Fn::And": [{"Condition": "C"}, {"Condition": "E"}]}},
         [["a", "c"], ["a"], []]),
        ({"C": EQUALS, "D": {"Fn::Or": [{"Condition": "C"}, {"Condition": "E"}]}},
         [["a", "c"], ["c"], []]),
        ({"C": {"Fn::Not": "x"}, "D": 7}, [["a", "c"], ["a"], ["c"], []]),
    ],
)  # fmt: skip
def test_conditions_that_exclude_each_other_are_not_combined(conditions, expected):
    value = [{"Fn::If": ["C", "a", NOTHING]}, {"Fn::If": ["D", "c", NOTHING]}]

    assert list(alternatives(value, None, conditions)) == expected


def test_of_many_conditions_every_branch_is_looked_at():
    items = [{"Fn::If": [f"C{number}", f"a{number}", f"b{number}"]} for number in range(20)]
    found = alternatives(items)

    assert len(found) == 42
    assert {item for each in found for item in each} == {
        f"{letter}{number}" for letter in "ab" for number in range(20)
    }


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        ("[{Effect: !If [C, Permit, Deny], Action: 'a:b', Resource: '*'}]", {"effect-value"}),
        ("[{Effect: Deny, Resource: '*', Action: ['a:b', !If [C, ['c:d', 'e:f'], 'c:d']]}]",
         {"wrong-type"}),
        ("[{Effect: Deny, Resource: '*', Action: !If [C, ['c:d', 'e:f'], 'c:d']}]", set()),
        ("[!If [C, [{Effect: Deny, Action: 'a:b', Resource: '*'}], !Ref AWS::NoValue]]",
         {"wrong-type", "missing-statement"}),
        ("!If [C, [{Effect: Deny, Action: 'a:b', Resource: '*'}], !Ref Other]", set()),
        ("[{Effect: Allow, Action: 'a:b', Resource: !If [C, [], '*']}]", {"empty-list"}),
    ],
)  # fmt: skip
def test_a_branch_that_is_wrong_is_seen_in_every_element(statement, codes):
    document = policy_of(statement)
    values = [PolicyDocument("x", None, value, (), 1, "", 1) for value in document.alternatives]

    assert {each.code for value in values for each in grammar_findings(value)} == codes


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{Fn::Transform: {Name: AWS::Include}}", "${Fn::Transform}"),
        ("{Version: 2012-10-17, Fn::Transform: {Name: AWS::Include}}", "${Fn::Transform}"),
        ("!Ref Document", "${Document}"),
        ("!ImportValue x", "${Fn::ImportValue}"),
        ("'{{resolve:ssm:policy}}'", "${{{resolve:ssm:policy}}}"),
    ],
)
def test_a_policy_that_the_template_does_not_have_is_unknown(written, value):
    (document,) = documents(
        f"""\
        Resources:
          P:
            Type: AWS::IAM::ManagedPolicy
            Properties: {{PolicyDocument: {written}}}
        """
    )

    assert (document.title, document.value) == ("P.PolicyDocument", value)
    assert isinstance(document.value, Unresolved)
    assert [each.code for each in grammar_findings(document)] == ["unresolved-policy"]


def test_included_properties_of_a_policy_are_unknown():
    found = documents(
        """\
        Resources:
          P: {Type: AWS::IAM::ManagedPolicy, Properties: {Fn::Transform: {Name: AWS::Include}}}
          T: {Type: AWS::SNS::Topic, Properties: {Fn::Transform: {Name: AWS::Include}}}
          R: {Type: AWS::IAM::Role, Properties: {Policies: [{Fn::Transform: {Name: AWS::Include}}]}}
          Q:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              Fn::Transform: {Name: AWS::Include}
              PolicyDocument: {Version: 2012-10-17, Statement: []}
        """
    )

    assert [(each.title, each.value) for each in found] == [
        ("P", "${Fn::Transform}"),
        ("R.Policies[0]", "${Fn::Transform}"),
        ("Q.PolicyDocument", {"Version": "2012-10-17", "Statement": []}),
    ]


@pytest.mark.parametrize("written", ["[{Version: 2012-10-17, Statement: []}]", "no policy"])
def test_a_policy_of_another_type_is_handed_on_as_it_is(written):
    (document,) = documents(
        f"""\
        Resources:
          P: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {written}}}}}
        """
    )

    assert [each.code for each in grammar_findings(document)] == ["policy-type"]


def test_resources_of_a_loop_are_resources():
    (document,) = documents(
        """\
        Resources:
          Fn::ForEach::Queues:
            - Name
            - [a, b]
            - Policy${Name}:
                Type: AWS::SQS::QueuePolicy
                Properties: {PolicyDocument: {Version: 2012-10-17, Statement: []}}
        """
    )

    assert (document.title, document.kind, document.line) == (
        "Policy${Name}.PolicyDocument",
        "resource",
        7,
    )


SAM = """\
    Resources:
      Api:
        Type: AWS::Serverless::Api
        Properties:
          Domain: {Policy: {Version: 2012-10-17, Statement: []}}
          Auth: {ResourcePolicy: {CustomStatements: [{Effect: Allow, Action: 'a:b'}]}}
          DefinitionBody: {x-amazon-apigateway-policy: {Version: 2012-10-17, Statement: []}}
      Function:
        Type: AWS::Serverless::Function
        Properties:
          AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: []}
          Policies: [ReadOnly, {Statement: !Ref Statements}, {Statement: [!If [C, !Ref A, !Ref B]]}]
      Rest:
        Type: AWS::ApiGateway::RestApi
        Properties:
          Body: {x-amazon-apigateway-policy: {Version: 2012-10-17, Statement: []}}
    """


def test_the_property_decides_the_kind():
    assert [(each.title, each.kind) for each in documents(SAM)] == [
        ("Api.Domain.Policy", "resource"),
        ("Api.Auth.ResourcePolicy.CustomStatements", "resource"),
        ("Api.DefinitionBody.x-amazon-apigateway-policy", "resource"),
        ("Function.AssumeRolePolicyDocument", "trust"),
        ("Function.Policies[1]", "identity"),
        ("Function.Policies[2]", "identity"),
        ("Rest.Body.x-amazon-apigateway-policy", "resource"),
    ]


TEMPLATE = "Resources: {P: {Type: %s, Properties: {PolicyDocument: {Statement: []}}}}"


@pytest.mark.parametrize(
    ("file", "text", "managed"),
    [
        ("x.yaml", TEMPLATE % "AWS::IAM::ManagedPolicy", True),
        ("x.yaml", TEMPLATE % "AWS::IAM::RolePolicy", False),
        ("x.json", '{"PolicyVersion": {"Document": {"Version": "2012-10-17"}}}', True),
        ("x.tf", 'resource "aws_iam_policy" "p" {\n x = jsonencode({Statement = []})\n}', True),
        ("x.json", '{"Statement": []}', False),
    ],
)
def test_the_place_says_what_is_a_managed_policy(file, text, managed):
    (document,) = documents(text, file)

    assert is_managed(document) is managed


def test_functions_in_a_fragment_in_json_are_read_as_in_yaml():
    text = (
        '{"Statement": [{"Resource": {"Fn::Sub": "${A}/x"}, "Action": {"Fn::If": ["C", "a", 1]}}]}'
    )
    statement = {"Resource": "${A}/x", "Action": "${Fn::If}"}
    (read,) = documents(text, "x.json")

    for document in (read, as_document(text), as_document(read.value)):
        assert document.value == {"Statement": [statement]}
        assert isinstance(document.value["Statement"][0]["Resource"], Unresolved)
    assert read.alternatives == as_document(text).alternatives
    assert [each["Statement"][0]["Action"] for each in read.alternatives] == ["a", 1]


def test_text_that_only_looks_like_a_variable_is_text():
    (document,) = documents("Statement: {Action: a, Resource: 'x/${AWS::AccountId}'}")

    assert not isinstance(document.value["Statement"]["Resource"], Unresolved)


SERVERLESS = """\
    service: demo
    provider:
      iam:
        role:
          statements:
            - Effect: Allow
              Action: s3:GetObject
              Resource: arn:aws:s3:::${self:custom.bucket}/*
    functions:
      f:
        iamRoleStatements: [{Effect: Allow, Action: 'a:b', Resource: !GetAtt T.Arn}]
    resources:
      Resources:
        P:
          Type: AWS::IAM::ManagedPolicy
          Properties: {PolicyDocument: {Version: 2012-10-17, Statement: []}}
    """


def test_statements_and_resources_of_serverless_are_read():
    found = documents(SERVERLESS, "serverless.yml")

    assert [(each.title, each.kind, each.line) for each in found] == [
        ("P.PolicyDocument", "identity", 16),
        ("provider.iam.role.statements", None, 5),
        ("functions.f.iamRoleStatements", None, 11),
    ]
    resources = [each.value["Statement"][0]["Resource"] for each in found[1:]]
    assert resources == ["arn:aws:s3:::${self:custom.bucket}/*", "${T.Arn}"]
    assert all(isinstance(each, Unresolved) for each in resources)
