"""Declare the sources of the catalog, what they disagree on, and what changed between them."""

from __future__ import annotations

from iam_catalog.schema.model import BOOLEAN, DATE, INTEGER, STRING, Column, Table

__all__ = ["DETAILS", "SECTIONS"]

PREFIX = (
    "What stands before the colon in the service's action names; upper and lower case count as "
    "equal."
)

SOURCE = (
    Column(
        "page",
        STRING,
        "Source that states this row, a page of AWS or what a public dataset says of a "
        "service: its slug, the dataset if it is one, and its date{{; links to its address at "
        "AWS, its licence and its sections}}.",
        references="pages.page",
    ),
    Column(
        "line",
        INTEGER,
        "Line of the page's source file where the row starts, counted from 1; empty in a "
        "public dataset, which has no lines.",
        null=True,
    ),
    Column(
        "first_seen",
        DATE,
        "Date (ISO 8601) of the oldest source that states the fact, where no source since has "
        "left it out; empty where the source's date is not known.",
        null=True,
    ),
    Column(
        "last_seen",
        DATE,
        "Date (ISO 8601) of the newest source that states the fact; empty where the source's "
        "date is not known.",
        null=True,
    ),
    Column(
        "valid_from",
        DATE,
        "Date (ISO 8601) since when the row reads as it does; empty where the source's date is "
        "not known.",
        null=True,
    ),
)
"""The columns of every fact: the source that states it, and when."""

PLACE = Column(
    "place",
    STRING,
    "Where in the public dataset: a file of it and a JSON Pointer (RFC 6901) in that; "
    "empty on a page of AWS, which has lines.",
    null=True,
    filled=True,
)

URL = Column(
    "url",
    STRING,
    "Address that the source links for it; empty where the source links none, or only a "
    "placeholder.",
    null=True,
    filled=True,
)

_FILE = Column("file", STRING, "The file, as its folder names it.")

SECTIONS = {
    "actions": "actions",
    "resource_types": "resource types",
    "condition_keys": "condition keys",
    "operations": "operations (API calls)",
}
"""The sections of a page, and what each is about. `pages` counts the rows of each."""

DETAILS = {
    "access_levels": "of the access levels of its actions",
    "descriptions": "in descriptions of its actions",
    "permission_only": "in permission-only marks of its actions",
    "row_pairing": "of the resource types of its actions, with the condition keys beside each",
    "required": "in marks of required resource types",
    "scenarios": "in rows of scenarios",
    "dependent_actions": "of dependent actions",
    "key_types": "of the types of its condition keys",
    "key_descriptions": "in descriptions of its condition keys",
    "addresses": "in addresses of the documentation of what its rows are about",
}
"""What the rows of a page can have a place for, as it reads after "What the source says"."""

STATES = ("parsed", "none", "not in source")
"""What a source says of a section or a detail. Only the first two say anything about AWS."""


def _states() -> list[Column]:
    """Declare the column of `STATES` of each section and detail."""
    texts = {
        section: f"of its {about}: parsed (they are in the catalog), none (the source says that "
        "there are none) or not in source (the source leaves them out, which says nothing about "
        "AWS)."
        for section, about in SECTIONS.items()
    }
    texts |= {
        detail: f"{about}: parsed (at least one is there), none (it has the place, and nothing is "
        "there) or not in source (it has no place for them, which says nothing about AWS)."
        for detail, about in DETAILS.items()
    }
    return [
        Column(f"{name}_state", STRING, f"What the source says {text}", values=STATES)
        for name, text in texts.items()
    ]


def _counts() -> list[Column]:
    """Declare how many rows each section has, and what became of them."""
    columns = []
    for section in SECTIONS:
        words = section.replace("_", " ")
        those = f"Number of those rows in the {words} section that"
        texts = {
            "rows": f"Number of rows in the source's {words} section.",
            "recorded": f"{those} are in the catalog.",
            "in_error": f"{those} could not be read; each is a row of problems.",
        }
        columns += [Column(f"{section}_{end}", INTEGER, text) for end, text in texts.items()]
    return columns


DATASETS = Table(
    "datasets",
    "sources",
    "The public datasets that the catalog was built from, each with where people find it, its "
    "licence and its digest; pages has what each says of a service. No row: AWS's own pages are "
    "the only sources.",
    (
        Column("dataset", STRING, "Key of the dataset: name and version."),
        Column("name", STRING, "Name under which its makers publish it."),
        Column(
            "version",
            STRING,
            "Version of the release; empty where it is not known.",
            null=True,
            filled=True,
        ),
        Column(
            "date",
            DATE,
            "Date (ISO 8601) of its data: as of it the dataset says what AWS has.",
            null=True,
        ),
        Column(
            "url",
            STRING,
            "Where people find the dataset, which is not an address of AWS; empty where it is not "
            "known.",
            null=True,
            filled=True,
        ),
        Column(
            "publisher",
            STRING,
            "Who publishes it; empty where it is not known.",
            null=True,
            filled=True,
        ),
        Column(
            "licence",
            STRING,
            "Licence of the dataset; empty where it is not stated.",
            null=True,
            filled=True,
        ),
        _FILE,
        Column("sha256", STRING, "SHA-256 of the file, as published."),
    ),
    key=("dataset",),
    label="dataset",
    sort="dataset",
)

PAGES = Table(
    "pages",
    "sources",
    "The sources that the catalog was built from: AWS's pages, and what public datasets say of "
    "each service; one row for each and for each form that it has had, with what each section of "
    "it says and what its rows have a place for. Only parsed and none say something about AWS; not "
    "in source means that the source leaves it out. A source is current while replaced is empty.",
    (
        Column(
            "page",
            STRING,
            "Key of the source: its slug, the public dataset if it is one, and its date; of the "
            "oldest collection that has the source in this form.",
        ),
        Column("title", STRING, "Title as the page has it; empty in a dataset.", null=True),
        Column(
            "slug",
            STRING,
            "The page's name in its address, without list_ and the ending; of a dataset the "
            "service prefix.",
        ),
        Column("service_prefix", STRING, PREFIX, nocase=True),
        Column(
            "service_name",
            STRING,
            "Name of the service in the page's title, or in the dataset.",
            null=True,
        ),
        Column("format", STRING, "How the source is written; each format has its own reader."),
        Column(
            "date",
            DATE,
            "Date (ISO 8601) of the oldest collection that has the source in this form; empty "
            "where it is not known.",
            null=True,
        ),
        Column(
            "last_date",
            DATE,
            "Date (ISO 8601) of the newest collection that still has it in this form; empty where "
            "it is not known.",
            null=True,
        ),
        Column(
            "replaced",
            DATE,
            "Date (ISO 8601) since which a newer source has taken its place, or it is withdrawn; "
            "empty while it is current.",
            null=True,
        ),
        Column(
            "lineage",
            STRING,
            "Key of the oldest source in the line that ends with this one: each took the place of "
            "the one before, and where they say the same, it is one interval of a fact.",
        ),
        *_states(),
        *_counts(),
        Column(
            "url",
            STRING,
            "Where a person can open AWS's page today, which may say something else by now; of a "
            "dataset the address of AWS's page of the service, where it has exactly one; empty "
            "where it is not known.",
            null=True,
        ),
        Column(
            "url_then",
            STRING,
            "Address of the page at its date; empty where it is not known.",
            null=True,
        ),
        Column(
            "dataset",
            STRING,
            "Public dataset that it is of, in the newest version that says so: name and version; "
            "empty for AWS's own pages.",
            null=True,
            references="datasets.dataset",
        ),
        Column(
            "incomplete",
            BOOLEAN,
            "1 where the dataset kept only one of AWS's several pages of the service, so that rows "
            "may be missing; actions and resource_types say of which names.",
        ),
        Column(
            "all_services",
            BOOLEAN,
            "1 where it was found in a collection that lists every service of AWS on its date, "
            "which is a complete day of pages or a public dataset.",
        ),
        Column(
            "publisher",
            STRING,
            "Who published the source; empty where it is not stated.",
            null=True,
        ),
        Column(
            "licence", STRING, "Licence of the source; empty where it is not stated.", null=True
        ),
        Column("file", STRING, "The source's file, as its folder names it."),
        Column("sha256", STRING, "SHA-256 of that file, in hexadecimal."),
    ),
    key=("page",),
    checks=tuple([f"{each}_rows = {each}_recorded + {each}_in_error" for each in SECTIONS]),
    label="page",
    facets=("date", "format", "actions_state", "dependent_actions_state"),
    sort="page",
)

PAGE_DATES = Table(
    "page_dates",
    "sources",
    "The collections that have each source, where several have it in the same form; pages has the "
    "first and the last of them.",
    (
        Column("page", STRING, "The source.", references="pages.page"),
        Column("date", DATE, "Date (ISO 8601) of a collection that has the source in this form."),
        Column(
            "dataset",
            STRING,
            "Public dataset that has it on that date: name and version; empty for AWS's own pages.",
            null=True,
            references="datasets.dataset",
        ),
    ),
    key=("page", "date"),
    hidden=True,
)

PROBLEMS = Table(
    "problems",
    "sources",
    "What was found wrong in the sources and accepted, each with its reason; a build stops at any "
    "other problem. No row: nothing was wrong.",
    (
        Column(
            "problem", STRING, "Key of this row: the source, else the file, and a running number."
        ),
        Column(
            "page",
            STRING,
            "Source that has the problem; empty where the file is not a source of a service, or is "
            "left out.",
            null=True,
            references="pages.page",
        ),
        _FILE,
        Column(
            "line",
            INTEGER,
            "Line of the page's source file, counted from 1; empty where the problem is the whole "
            "file's, and in a public dataset.",
            null=True,
        ),
        Column(
            "place",
            STRING,
            "Where in the public dataset: a file of it and a JSON Pointer (RFC 6901) in that; "
            "empty on a page of AWS.",
            null=True,
            filled=True,
        ),
        Column("kind", STRING, "Kind of the problem, from a fixed list."),
        Column("text", STRING, "The problem in one sentence."),
        Column("reason", STRING, "Why it was accepted."),
    ),
    key=("problem",),
    label="text",
    facets=("kind", "page"),
    sort="page",
)

DISAGREEMENTS = Table(
    "disagreements",
    "history",
    "What two current sources of a service state differently of one subject, one row for each "
    "statement with its source and line. The catalog unites them: it drops neither. No row means "
    "that no two sources disagree.",
    (
        Column(
            "disagreement",
            STRING,
            "Key of this row: the subject and a running number.",
            exported=False,
        ),
        Column("kind", STRING, "What the subject is: action or resource type."),
        Column("subject", STRING, "What the statement is about, by its key{{; a link}}."),
        Column("field", STRING, "What the sources state differently, for example resource types."),
        Column(
            "value",
            STRING,
            "What this source states, lists with commas; empty where it states that there is none.",
            null=True,
            filled=True,
        ),
        *SOURCE,
    ),
    key=("disagreement",),
    past=True,
    label="subject",
    facets=("kind", "field"),
    sort="subject",
)

CHANGES = Table(
    "changes",
    "history",
    "What newer sources added, removed and changed{{, the newest first}}. What a source has no "
    "place for is unknown and no change. Changes of wording alone have the field description.",
    (
        Column("id", INTEGER, "Running number, in the order of date and service.", exported=False),
        Column(
            "date",
            DATE,
            "Date (ISO 8601) of the collection that brought the change; empty where it is not "
            "known.",
            null=True,
        ),
        Column(
            "service_prefix",
            STRING,
            "Service of the subject{{; a link where the catalog still holds it}}.",
            nocase=True,
        ),
        Column(
            "change",
            STRING,
            "One of added, removed and changed.",
            values=("added", "removed", "changed"),
        ),
        Column(
            "kind",
            STRING,
            "What the subject is: action, resource type, condition key, operation or service.",
        ),
        Column(
            "subject",
            STRING,
            "What changed, by its key, a condition key with its service{{; a link where the "
            "catalog still holds it}}.",
        ),
        Column(
            "field",
            STRING,
            "What of it changed, for example access level or description; empty where the whole "
            "subject was added or removed.",
            null=True,
        ),
        Column(
            "old_value",
            STRING,
            "What sources stated before, lists with commas; empty where there was none, or the "
            "whole subject was added or removed.",
            null=True,
        ),
        Column(
            "new_value",
            STRING,
            "What sources state since, lists with commas; empty where there is none, or the whole "
            "subject was added or removed.",
            null=True,
        ),
        Column(
            "dataset",
            STRING,
            "Name and version of the public dataset whose word it is; empty for AWS's own pages.",
            null=True,
            references="datasets.dataset",
        ),
    ),
    key=("id",),
    label="subject",
    facets=("date", "change", "kind", "field"),
    sort="date",
    descending=True,
)
