"""Facts about AWS IAM actions: `dependent_actions("connect:CreateInstance")` and its kind."""

from iam_catalog.api import (
    Catalog,
    action,
    actions,
    condition_keys,
    dependent_actions,
    required_by,
    resource_type,
    resource_types,
    search,
    service,
    services,
)
from iam_catalog.errors import (
    CatalogError,
    CatalogNotFound,
    CatalogOutdated,
    MalformedActionName,
    NotACatalog,
    UnknownAccessLevel,
    UnknownAction,
    UnknownConditionKey,
    UnknownResourceType,
    UnknownServicePrefix,
)

__version__ = "0.1.0"

__all__ = [
    "Catalog",
    "CatalogError",
    "CatalogNotFound",
    "CatalogOutdated",
    "MalformedActionName",
    "NotACatalog",
    "UnknownAccessLevel",
    "UnknownAction",
    "UnknownConditionKey",
    "UnknownResourceType",
    "UnknownServicePrefix",
    "action",
    "actions",
    "condition_keys",
    "dependent_actions",
    "required_by",
    "resource_type",
    "resource_types",
    "search",
    "service",
    "services",
]
