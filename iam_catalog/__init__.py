"""Facts about AWS IAM actions: `dependent_actions("connect:CreateInstance")` and its kind.

Importing the package loads nothing of it: a public name is loaded when it is first used.
"""

__version__ = "0.1.0"

__all__ = [
    "About",
    "Action",
    "ActionRow",
    "ActionSummary",
    "ArnMatch",
    "Aside",
    "AuthorizedAction",
    "Catalog",
    "CatalogError",
    "CatalogNotFound",
    "CatalogOutdated",
    "Change",
    "CompletedPolicy",
    "ConditionKey",
    "Dataset",
    "Dependent",
    "DependentAction",
    "Disagreement",
    "Evidence",
    "ExplainedItem",
    "ExplainedPolicy",
    "ExplainedResource",
    "ExplainedService",
    "ExplainedStatement",
    "Finding",
    "GrantedAction",
    "KeyWithUses",
    "Kind",
    "LevelOfActions",
    "MalformedActionName",
    "MalformedArn",
    "MalformedDate",
    "MalformedPattern",
    "MissingAction",
    "NamedActions",
    "NotACatalog",
    "Operation",
    "Page",
    "PassedOver",
    "PolicyUse",
    "ResourceType",
    "Sample",
    "SearchResult",
    "Service",
    "Severity",
    "Source",
    "UnknownAccessLevel",
    "UnknownAction",
    "UnknownChangeKind",
    "UnknownConditionKey",
    "UnknownDependents",
    "UnknownName",
    "UnknownOperation",
    "UnknownPolicy",
    "UnknownResourceType",
    "UnknownServicePrefix",
    "UnreadablePolicy",
    "WrittenPolicies",
    "action",
    "actions",
    "actions_for_arn",
    "actions_of_operation",
    "actions_of_policy",
    "changes",
    "changes_of_patterns",
    "check_policy",
    "complete_policy",
    "condition_key",
    "condition_keys",
    "dependent_actions",
    "dependents_state",
    "disagreements",
    "documented_on",
    "expand",
    "expand_policy",
    "explain_policy",
    "invert",
    "invert_policy",
    "keys_of_action",
    "match_arn",
    "operation",
    "operations_documented_on",
    "operations_of_action",
    "policies_using",
    "required_by",
    "resource_type",
    "resource_types",
    "sample_policies",
    "search",
    "service",
    "services",
    "shrink",
    "shrink_policy",
    "write_policy",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iam_catalog.catalog import Catalog
    from iam_catalog.errors import (
        CatalogError,
        CatalogNotFound,
        CatalogOutdated,
        MalformedActionName,
        MalformedArn,
        MalformedDate,
        MalformedPattern,
        NotACatalog,
        UnknownAccessLevel,
        UnknownAction,
        UnknownChangeKind,
        UnknownConditionKey,
        UnknownName,
        UnknownOperation,
        UnknownPolicy,
        UnknownResourceType,
        UnknownServicePrefix,
        UnreadablePolicy,
    )
    from iam_catalog.policy.check.findings import Evidence, Finding, Severity
    from iam_catalog.policy.explain.policy import (
        Aside,
        ExplainedItem,
        ExplainedPolicy,
        ExplainedResource,
        ExplainedService,
        ExplainedStatement,
        LevelOfActions,
    )
    from iam_catalog.policy.model import Kind
    from iam_catalog.policy.samples import NamedActions, PolicyUse, Sample
    from iam_catalog.policy.write.complete import CompletedPolicy, MissingAction, UnknownDependents
    from iam_catalog.policy.write.grants import GrantedAction
    from iam_catalog.policy.write.policy import Dependent, PassedOver, WrittenPolicies
    from iam_catalog.records import (
        About,
        Action,
        ActionRow,
        ActionSummary,
        ArnMatch,
        AuthorizedAction,
        Change,
        ConditionKey,
        Dataset,
        DependentAction,
        Disagreement,
        KeyWithUses,
        Operation,
        Page,
        ResourceType,
        SearchResult,
        Service,
        Source,
    )

    # The one-call forms have the types of the methods of a catalog.
    _asked = Catalog()
    action = _asked.action
    actions = _asked.actions
    actions_for_arn = _asked.actions_for_arn
    actions_of_operation = _asked.actions_of_operation
    actions_of_policy = _asked.actions_of_policy
    changes = _asked.changes
    changes_of_patterns = _asked.changes_of_patterns
    check_policy = _asked.check_policy
    complete_policy = _asked.complete_policy
    condition_key = _asked.condition_key
    condition_keys = _asked.condition_keys
    dependent_actions = _asked.dependent_actions
    dependents_state = _asked.dependents_state
    disagreements = _asked.disagreements
    documented_on = _asked.documented_on
    expand = _asked.expand
    expand_policy = _asked.expand_policy
    explain_policy = _asked.explain_policy
    invert = _asked.invert
    invert_policy = _asked.invert_policy
    keys_of_action = _asked.keys_of_action
    match_arn = _asked.match_arn
    operation = _asked.operation
    operations_documented_on = _asked.operations_documented_on
    operations_of_action = _asked.operations_of_action
    policies_using = _asked.policies_using
    required_by = _asked.required_by
    resource_type = _asked.resource_type
    resource_types = _asked.resource_types
    sample_policies = _asked.sample_policies
    search = _asked.search
    service = _asked.service
    services = _asked.services
    shrink = _asked.shrink
    shrink_policy = _asked.shrink_policy
    write_policy = _asked.write_policy
else:

    def __getattr__(name: str) -> object:
        """Load a public name (PEP 562): most programs use one or two, and each loads modules.

        Hidden from type checkers, so that these find names which do not exist.
        """
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from iam_catalog import catalog, errors

        if name.islower():
            found: object = catalog.one_call(name)
        elif name == "Catalog":
            found = catalog.Catalog
        elif hasattr(errors, name):
            found = getattr(errors, name)
        else:
            found = _record(name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


_RECORDS = (
    "records",
    "policy.check.findings",
    "policy.explain.policy",
    "policy.model",
    "policy.samples",
    "policy.write.complete",
    "policy.write.grants",
    "policy.write.policy",
)
"""The modules that define the types of answers."""


def _record(name: str) -> object:
    """Return a type of answers, from the first module that has it."""
    from importlib import import_module

    for place in _RECORDS:
        module = import_module(f"{__name__}.{place}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
