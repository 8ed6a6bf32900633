"""Declare resource types, ARN formats and condition keys."""

from __future__ import annotations

from iam_catalog.schema.declarations.sources import PLACE, PREFIX, SOURCE, URL
from iam_catalog.schema.model import BOOLEAN, INTEGER, STRING, Column, Table

ROW_KEY = "Key of this row: the source, the line if it has any, and a running number."
CONDITION_KEY = "The condition key."
CELL_POSITION = Column("position", INTEGER, "Place in the row's cell, counted from 1.")

RESOURCE_TYPES = Table(
    "resource_types",
    "resources",
    "The resource types that the sources define. Their ARN formats are in arn_formats, and the "
    "actions that take them in the view action_resource_types.",
    (
        Column(
            "resource_type", STRING, "Full name of the resource type, prefix:name; its case counts."
        ),
        Column("service_prefix", STRING, PREFIX, nocase=True, references="services.service_prefix"),
        Column(
            "name", STRING, "The name that the source uses, for example instance; its case counts."
        ),
        URL,
        Column(
            "incomplete",
            BOOLEAN,
            "1 where ARN formats or condition keys of the resource type may be missing, because "
            "AWS describes it on several pages and the public dataset keeps one; else 0.",
        ),
        PLACE,
        *SOURCE,
    ),
    key=("resource_type",),
    past=True,
    label="resource_type",
    facets=("service_prefix",),
    sort="resource_type",
)

ARN_FORMATS = Table(
    "arn_formats",
    "resources",
    "The ARN formats of the resource types, one row each because a type can have several, whole "
    "and split at the colons.",
    (
        Column("arn_format", STRING, ROW_KEY),
        Column(
            "resource_type",
            STRING,
            "Resource type that has this ARN format.",
            references="resource_types.resource_type",
        ),
        Column(
            "format",
            STRING,
            "The ARN format as the source writes it; ${…} stands for what a policy fills in.",
        ),
        Column(
            "partition",
            STRING,
            "Second part of the ARN, mostly ${Partition}; empty where the format leaves it out or "
            "cannot be split.",
            null=True,
            filled=True,
        ),
        Column(
            "service",
            STRING,
            "Third part of the ARN: the service's name in ARNs, which is not always its prefix in "
            "actions; empty where the format leaves it out or cannot be split.",
            null=True,
            filled=True,
        ),
        Column(
            "region",
            STRING,
            "Fourth part of the ARN; empty where the resource has no Region or the format cannot "
            "be split.",
            null=True,
            filled=True,
        ),
        Column(
            "account",
            STRING,
            "Fifth part of the ARN; empty where the resource has no account or the format cannot "
            "be split.",
            null=True,
            filled=True,
        ),
        Column(
            "resource",
            STRING,
            "All after the fifth colon of the ARN; empty where the format cannot be split.",
            null=True,
            filled=True,
        ),
        *SOURCE,
    ),
    key=("arn_format",),
    past=True,
    label="format",
    facets=("service", "partition"),
    sort="resource_type",
)

CONDITION_KEYS = Table(
    "condition_keys",
    "resources",
    "The condition keys that the sources define or that actions name, one row each whatever their "
    "case. No key of a service here means that its source defines none only where the source's "
    "condition_keys_state is none.",
    (
        Column(
            "condition_key",
            STRING,
            "Name of the condition key in AWS's spelling; ${…} stands for what a policy fills in; "
            "upper and lower case count as equal.",
            nocase=True,
        ),
        Column(
            "type",
            STRING,
            "Type of the key's values, in the words of the source that defines it, for example "
            "String; empty where no source defines the key.",
            null=True,
        ),
        Column(
            "description",
            STRING,
            "What the key compares, in AWS's words; empty where no source defines the key.",
            null=True,
        ),
    ),
    key=("condition_key",),
    label="condition_key",
    facets=("type",),
    sort="condition_key",
)

CONDITION_KEY_DEFINITIONS = Table(
    "condition_key_definitions",
    "resources",
    "Every definition of a condition key: a key that several sources define, or one source twice "
    "in other cases, has a row for each.",
    (
        Column("definition", STRING, ROW_KEY),
        Column(
            "condition_key",
            STRING,
            "The condition key that is defined.",
            nocase=True,
            references="condition_keys.condition_key",
        ),
        Column("key_as_written", STRING, "The key in the spelling of this definition."),
        Column(
            "service_prefix",
            STRING,
            "Service whose source defines the key.",
            nocase=True,
            references="services.service_prefix",
        ),
        Column(
            "type",
            STRING,
            "Type of the key's values in the source's words, for example String; empty where the "
            "source gives none.",
            null=True,
            filled=True,
        ),
        Column(
            "description",
            STRING,
            "What the key compares, in the source's words; empty where the source does not say.",
            null=True,
            filled=True,
        ),
        URL,
        PLACE,
        *SOURCE,
    ),
    key=("definition",),
    past=True,
    label="definition",
    facets=("service_prefix", "type"),
    sort="condition_key",
)

RESOURCE_TYPE_CONDITION_KEYS = Table(
    "resource_type_condition_keys",
    "resources",
    "The condition keys of the resource types{{; the view condition_key_uses reads better}}.",
    (
        Column(
            "resource_type",
            STRING,
            "Resource type that has the key.",
            references="resource_types.resource_type",
        ),
        CELL_POSITION,
        Column(
            "condition_key",
            STRING,
            CONDITION_KEY,
            nocase=True,
            references="condition_keys.condition_key",
        ),
        *SOURCE,
    ),
    key=("resource_type", "position"),
    past=True,
    hidden=True,
)
