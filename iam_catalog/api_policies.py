"""One-call forms of the questions about policies, patterns and ARNs; see `iam_catalog.api`."""

from __future__ import annotations

from iam_catalog.api import shared_catalog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from iam_catalog.policy.check.findings import Finding
    from iam_catalog.policy.explain.policy import ExplainedPolicy
    from iam_catalog.policy.records import Kind
    from iam_catalog.policy.samples import NamedActions, PolicyUse, Sample
    from iam_catalog.policy.write.complete import CompletedPolicy
    from iam_catalog.policy.write.policy import WrittenPolicies
    from iam_catalog.records import ArnMatch, Change


def sample_policies() -> list[Sample]:
    """The sample policies of the catalog, by document and in its order.

    >>> [(each.policy, each.statements) for each in sample_policies()][:2]  # doctest: +ELLIPSIS
    [('add-session-manager-...:29', 3), ('minimal-iam-permissions-for-ssm:24', 1)]
    """
    return shared_catalog().sample_policies()


def policies_using(action: str) -> list[PolicyUse]:
    """The places in sample policies that name *action*, also by a pattern that matches it.

    Also for an action that the catalog does not document; case is ignored. Raises
    `MalformedActionName`.

    >>> [use.pattern for use in policies_using("ec2:DescribeVpcs")]
    ['ec2:Describe*']
    """
    return shared_catalog().policies_using(action)


def actions_of_policy(policy: str) -> list[NamedActions]:
    """What a sample policy names, statement by statement, with what the catalog documents of it.

    *policy* as `sample_policies` gives it, or the name of a document with one policy. Raises
    `UnknownPolicy`.

    >>> [(each.pattern, each.documented) for each in actions_of_policy(
    ...     "minimal-iam-permissions-for-ssm")][-2:]
    [('ssm:UpdateInstanceInformation', None), ('ec2:Describe*', None)]
    """
    return shared_catalog().actions_of_policy(policy)


def expand(*patterns: str) -> list[str]:
    """The current actions that any of *patterns* matches, in AWS's spelling, sorted.

    `*` is any text and `?` one character, anywhere in a name; case is ignored. None for a pattern
    of a held service that matches nothing, also where a source of it leaves its actions out.
    Raises `UnknownServicePrefix` for a service that the catalog does not hold, and
    `MalformedPattern`.

    >>> expand("connect:List*ances", "CONNECT:Get*Token", "connect:StopC?ntact")
    ['connect:GetFederationToken', 'connect:ListInstances', 'connect:StopContact']
    """
    return shared_catalog().expand(*patterns)


def changes_of_patterns(*patterns: str, since: str | None = None) -> list[Change]:
    """The actions that *patterns* gained (`added`) or lost (`removed`), by date.

    As collections of *since* and later brought them. Raises `MalformedDate`, `MalformedPattern`,
    and `UnknownServicePrefix` for a service that the catalog does not hold and never held.

    >>> changes_of_patterns("connect:*", since="2019-08-12")
    []
    """
    return shared_catalog().changes_of_patterns(*patterns, since=since)


def shrink(actions: Iterable[str], *, shortest: bool = False) -> list[str]:
    """The fewest patterns that match exactly *actions* on this catalog, sorted.

    A pattern is the start of a name up to the end of a word, or with *shortest* up to any letter;
    it never stands for more than a service. Patterns among *actions* stay as they are, unless
    another one covers them, and so do names that the catalog does not hold. Every answer was
    expanded again before it is given. Raises `MalformedActionName` or `MalformedPattern`.

    >>> shrink(["connect:ListInstances", "connect:*Contact", "connect:StopContact"])
    ['connect:*Contact', 'connect:ListInstances']
    """
    return shared_catalog().shrink(actions, shortest=shortest)


def match_arn(arn: str) -> list[ArnMatch]:
    """The resource types that an ARN can be, the most specific first.

    It may hold wildcards and policy variables, and `*` alone is an ARN. One record for each format
    that fits. Raises `MalformedArn` for what is none, and `UnknownServicePrefix` where nothing
    fits and the catalog does not hold the service.

    >>> [found.resource_type for found in match_arn("arn:aws:connect:*:*:instance/*/contact/*")]
    ['connect:contact']
    """
    return shared_catalog().match_arn(arn)


def actions_for_arn(arn: str) -> list[str]:
    """The actions that take one of the resource types that an ARN can be, sorted.

    Raises `MalformedArn` or `UnknownServicePrefix`, as `match_arn` does.

    >>> actions_for_arn("arn:aws:connect:*:*:instance/*/contact/*")
    ['connect:StartOutboundVoiceContact', 'connect:StopContact']
    """
    return shared_catalog().actions_for_arn(arn)


def check_policy(policy: object, *, kind: Kind | None = None) -> list[Finding]:
    """What is found in a policy, in the order of its statements.

    *policy* is the value of a policy, such as a dict, or its JSON text; of a text the findings have
    lines, too. *kind* says what it is attached to, where its form does not. Each finding has a code
    of `iam_catalog.policy.check.registry`, and says what the policy states and what the catalog
    holds, with the rows that it rests on; none is a verdict. Raises `UnreadablePolicy` for a text
    that is no JSON.

    >>> statement = {"Effect": "Allow", "Action": "connect:StopContacts", "Resource": "*"}
    >>> policy = {"Version": "2012-10-17", "Statement": statement}
    >>> [(found.code, found.suggestion) for found in check_policy(policy)]
    [('unknown-action', 'connect:StopContact')]
    """
    return shared_catalog().check_policy(policy, kind=kind)


def explain_policy(policy: object, *, kind: Kind | None = None) -> ExplainedPolicy:
    """What a policy says, in words and as records.

    *policy* is the value of a policy, such as a dict, or its JSON text; *kind* says what it is
    attached to, where its form does not. Statements come in the order of the policy, actions by
    name; statements and conditions that can not be read are named as such. Raises
    `UnreadablePolicy` for a text that is no JSON.

    >>> statement = {"Effect": "Allow", "Action": "connect:List*", "Resource": "*"}
    >>> explain_policy({"Statement": statement}).statements[0].text
    'Allows 1 action on every resource.'
    """
    return shared_catalog().explain_policy(policy, kind=kind)


def complete_policy(
    policy: object, *, transitive: bool = False, values: Mapping[str, str] | None = None
) -> CompletedPolicy:
    """The dependent actions that an identity policy lacks, and the policy with them.

    *policy* is the value of a policy, such as a dict, or its JSON text. With *transitive*, the
    dependent actions of dependent actions count, too. Resources are those that the policy names
    for the action that may need them, else AWS's ARN formats, with the placeholders that *values*
    say nothing of; where the catalog does not know what an action takes, `${Resource}` stands for
    all of it. What a statement denies on every resource and without a condition is named as
    missing, but not added.

    Raises `CatalogError` for what is no identity policy, and `UnreadablePolicy` for a text that is
    no JSON.

    >>> completed = complete_policy(
    ...     {"Statement": {"Effect": "Allow", "Action": "connect:CreateInstance", "Resource": "*"}}
    ... )
    >>> "ds:CreateAlias" in [each.dependent_action for each in completed.missing]
    True
    """
    return shared_catalog().complete_policy(policy, transitive=transitive, values=values)


def write_policy(
    actions: Iterable[str] = (),
    *,
    arns: Iterable[str] = (),
    access_levels: Iterable[str] = (),
    service_prefix: str | None = None,
    with_dependent_actions: bool = False,
    with_optional_types: bool = False,
    shrink: bool = False,
    kind: str = "managed",
    values: Mapping[str, str] | None = None,
) -> WrittenPolicies:
    """The smallest policy for *actions*, which may be patterns, and for *access_levels*.

    Access levels, each the primary one of an action, mean the actions that take the most specific
    resource types that *arns* can be, or those of a *service_prefix*, or both. Where no ARN is of
    a resource type, its ARN format stands with the placeholders that *values* say nothing of.
    With *with_dependent_actions*, what AWS lists as dependent of these actions comes too;
    with *with_optional_types*, so do resource types that need not be given. With *shrink*, the
    actions of a statement are written as wildcards that match the same ones in this catalog, but
    those that manage permissions stay by name.
    *kind* is `managed`, `inline-user`, `inline-group` or `inline-role`: what does not fit into one
    managed policy comes as several.

    Raises `UnknownAction`, `UnknownAccessLevel`, `UnknownServicePrefix`, `MalformedArn`, or
    `CatalogError` where nothing is asked for, an ARN is of no resource type, or *kind* lets no
    policy be so large.

    >>> written = write_policy(["connect:StopContact"], values={"Partition": "aws"})
    >>> written.policies[0]["Statement"][0]["Resource"]
    ['arn:aws:connect::${Account}:instance/${InstanceId}/contact/${ContactId}']
    """
    return shared_catalog().write_policy(
        actions,
        arns=arns,
        access_levels=access_levels,
        service_prefix=service_prefix,
        with_dependent_actions=with_dependent_actions,
        with_optional_types=with_optional_types,
        shrink=shrink,
        kind=kind,
        values=values,
    )
