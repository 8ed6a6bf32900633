"""One service as a page of any format: short texts for tests about pages, dates and formats.

A `Service` says what a page is to state; `as_table`, `as_html`, `as_2026`, `as_json` and
`as_bullets` write it as AWS does, and leave out what the format has no place for.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

ESCAPED = re.compile(r"([\\\-.{}()\[\]*_+#])")
FLAGS = {
    "Permissions management": "IsPermissionManagement",
    "Tagging": "IsTaggingOnly",
    "Write": "IsWrite",
    "List": "IsList",
}
GUIDE = "https://docs.example.com/"


@dataclass(frozen=True)
class Row:
    """A row of an action; several names in a text are separated by blanks."""

    types: str = ""
    """`order*` is required."""
    keys: str = ""
    needs: str = ""
    """The dependent actions."""
    scenario: str = ""


@dataclass(frozen=True)
class Act:
    """An action. Several levels are separated by a comma and a blank."""

    name: str
    level: str = "Read"
    rows: tuple[Row, ...] = (Row(),)
    description: str = "Does it."
    permission_only: bool = False
    url: str | None = None


@dataclass(frozen=True)
class Type:
    name: str
    arns: str = "arn:${Partition}:orders:::thing/${Id}"
    keys: str = ""
    url: str | None = None


@dataclass(frozen=True)
class Key:
    key: str
    description: str = "Filters."
    type: str = "String"


@dataclass(frozen=True)
class Op:
    """An operation; each of its actions is a name, or a name with a key and its values."""

    name: str
    actions: tuple[str | tuple[str, str, str], ...] = ()
    sdk_clients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Service:
    """What a page says. None leaves the table of a section out; an empty one says "none"."""

    actions: Sequence[Act] | None = ()
    types: Sequence[Type] = ()
    keys: Sequence[Key] = ()
    operations: Sequence[Op] | None = None
    name: str = "Example Orders"
    prefix: str = "orders"
    slug: str = "orders"
    version: str = "v1.4"
    """Of the JSON service reference: changes the bytes of a page and nothing else."""


def act(name: str, level: str = "Read", *rows: Row, **fields: Any) -> Act:
    """An action with these rows, or an empty one."""
    return Act(name, level, rows or (Row(),), **fields)


def escaped(text: str) -> str:
    return ESCAPED.sub(r"\\\1", text)


def title(service: Service) -> str:
    return f"Actions, resources, and condition keys for {service.name}"


# --- Markdown with tables, 2018-04 to 2020-11


def as_table(service: Service) -> str:
    """With what later formats brought: continuation and scenario rows."""
    name = escaped(service.name)
    return "\n\n".join(
        (
            f'# {escaped(title(service))}<a name="list_{service.slug}"></a>',
            (
                f"{name} \\(service prefix: `{service.prefix}`\\) provides the following "
                "service\\-specific resources, actions, and condition context keys for use in IAM "
                "permission policies\\."
            ),
            f"## Actions defined by {name}",
            table_actions(service),
            f"## Resource types defined by {name}",
            md_table(
                ("Resource types", "ARN", "Condition keys"),
                [
                    (linked(each.name, each.url), escaped(each.arns), md_names(each.keys))
                    for each in service.types
                ],
            )
            or f"{name} does not support specifying a resource ARN in the `Resource` element of an "
            "IAM policy statement\\.",
            f"## Condition keys for {name}",
            md_table(
                ("Condition keys", "Description", "Type"),
                [(linked(each.key), escaped(each.description), each.type) for each in service.keys],
            )
            or f"{name} has no service\\-specific context keys that can be used in the `Condition` "
            "element of policy statements\\.",
        )
    )


def table_actions(service: Service) -> str:
    if service.actions is None:
        return "\\[See the AWS documentation website for more details\\]"
    headers = (
        "Actions",
        "Description",
        "Access level",
        "Resource types \\(\\*required\\)",
        "Condition keys",
        "Dependent actions",
    )
    rows = [cells for action in service.actions for cells in table_rows(action)]
    return md_table(headers, rows) or (
        f"{escaped(service.name)} has no API operations that can be used in the `Actions` element "
        "of an IAM policy statement\\."
    )


def table_rows(action: Act) -> Iterable[tuple[str, ...]]:
    for number, row in enumerate(action.rows):
        paired = (md_names(row.types), md_names(row.keys), row.needs.replace(" ", "   "))
        if row.scenario:
            yield (f"**SCENARIO:** {escaped(row.scenario)}", "", *paired)
        elif number:
            yield paired
        else:
            mark = " \\[permission only\\]" if action.permission_only else ""
            name = linked(action.name, action.url) + mark
            yield (name, escaped(action.description), action.level.replace(",", ""), *paired)


def md_names(names: str) -> str:
    return "   ".join(linked(name, "#anchor") for name in names.split())


def linked(name: str, url: str | None = None) -> str:
    return f"[ {escaped(name)} ]({url})" if url else escaped(name)


def md_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of pipes; nothing where there are no rows."""
    lines = [md_row(row) for row in rows]
    return "\n".join((md_row(headers), md_row(["---"] * len(headers)), *lines)) if lines else ""


def md_row(cells: Iterable[str]) -> str:
    return "|" + "".join(f" {cell} |" for cell in cells)


# --- HTML, 2019 to 2026


def as_html(service: Service) -> str:
    name = html.escape(service.name)
    slug = service.slug
    return f"""<!DOCTYPE html>
<html><head><title>Page</title></head><body><div id="main">
<h1 class="topictitle" id="list_{slug}">{html.escape(title(service))}</h1>
<p>{name} (service prefix: <code class="code">{service.prefix}</code>) provides the following
 service-specific resources, actions, and condition context keys for use in IAM permission
 policies.</p>
<h2 id="{slug}-actions-as-permissions">Actions defined by {name}</h2>
{html_actions(service)}
<h2 id="{slug}-resources-for-iam-policies">Resource types defined by {name}</h2>
{html_types(service)}
<h2 id="{slug}-policy-keys">Condition keys for {name}</h2>
{html_keys(service)}
</div></body></html>
"""


def html_actions(service: Service) -> str:
    headers = (
        "Actions",
        "Description",
        "Access level",
        "Resource types (*required)",
        "Condition keys",
        "Dependent actions",
    )
    rows = [row for action in service.actions or () for row in html_action(action)]
    return html_table(headers, rows) or (
        f"<p>{html.escape(service.name)} has no API operations that can be used in the "
        "<code>Actions</code> element of an IAM policy statement.</p>"
    )


def html_action(action: Act) -> Iterable[str]:
    """The rows of an action, whose first cells span all of them, or all before a scenario."""
    plain = sum(not row.scenario for row in action.rows)
    for number, row in enumerate(action.rows):
        cells = html_names(row.types, "#anchor"), html_names(row.keys, "#anchor")
        paired = "".join(f"<td>{cell}</td>" for cell in (*cells, html_names(row.needs)))
        if row.scenario:
            start = f"<td><p><b>SCENARIO:</b> {html.escape(row.scenario)}</p></td><td></td>"
        elif number:
            start = ""
        else:
            mark = " [permission only]" if action.permission_only else ""
            name = html_link(action.name, action.url)
            start = (
                f'<td rowspan="{len(action.rows)}"><a id="orders-{action.name}"></a>{name}{mark}'
                f'</td><td rowspan="{plain}">{html.escape(action.description)}</td>'
                f'<td rowspan="{plain}">{action.level.replace(",", "")}</td>'
            )
        yield f"<tr>{start}{paired}</tr>"


def html_types(service: Service) -> str:
    rows = [
        f"<tr><td>{html_link(each.name, each.url)}</td><td><code>{html.escape(each.arns)}</code>"
        f"</td><td>{html_names(each.keys, '#anchor')}</td></tr>"
        for each in service.types
    ]
    return html_table(("Resource types", "ARN", "Condition keys"), rows) or (
        f"<p>{html.escape(service.name)} does not support specifying a resource ARN in the "
        "<code>Resource</code> element of an IAM policy statement.</p>"
    )


def html_keys(service: Service) -> str:
    rows = [
        f"<tr><td>{html.escape(each.key)}</td><td>{html.escape(each.description)}</td>"
        f"<td>{each.type}</td></tr>"
        for each in service.keys
    ]
    return html_table(("Condition keys", "Description", "Type"), rows) or (
        f"<p>{html.escape(service.name)} has no service-specific context keys that can be used in "
        "the <code>Condition</code> element of policy statements.</p>"
    )


def html_names(names: str, url: str | None = None) -> str:
    return "".join(f"<p>{html_link(name, url)}</p>" for name in names.split())


def html_link(name: str, url: str | None) -> str:
    text = html.escape(name)
    return f'<a href="{url}">{text}</a>' if url else text


def html_table(headers: Iterable[str], rows: Sequence[str]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{text}</th>" for text in headers)
    return "\n".join(("<table>", f"<thead><tr>{head}</tr></thead>", *rows, "</table>"))


# --- Markdown since 2026-07


def as_2026(service: Service) -> str:
    """A section is a list if an action of it has a resource type, else a table."""
    name = service.name
    actions = service.actions or ()
    alone = [action for action in actions if action.permission_only]
    others = [action for action in actions if not action.permission_only]
    parts = [
        heading(1, service, title(service)),
        (
            f"{name} (service prefix: `{service.prefix}`) provides the following service-specific "
            "operations, resources, actions, and condition keys for use in IAM permission policies."
        ),
    ]
    if service.operations:
        parts += [
            heading(2, service, f"API operations defined by {name}", "operations"),
            "The following table maps API operations to the IAM actions they authorize.",
            list_of_operations(service.operations),
        ]
    parts += [
        heading(2, service, f"Actions defined by {name}", "actions-as-permissions"),
        section_2026(others)
        or f"{name} has no API operations that can be used in the `Actions` element of an IAM "
        "policy statement.",
    ]
    if alone:
        parts += [
            heading(2, service, f"Permission-only actions for {name}", "permission-only-actions"),
            section_2026(alone),
        ]
    return "\n\n".join((*parts, *definitions_2026(service)))


def heading(level: int, service: Service, text: str, anchor: str | None = None) -> str:
    end = f"-{anchor}" if anchor else ""
    return f'{"#" * level} {text}\n<a name="list_{service.slug}{end}"></a>'


def definitions_2026(service: Service) -> tuple[str, ...]:
    name = service.name
    return (
        heading(2, service, f"Resource types defined by {name}", "resources-for-iam-policies"),
        md_table(
            ("Resource types", "ARN", "Condition keys"),
            [
                (
                    f"  {linked_2026(each.name, each.url)} ",
                    each.arns.replace(" ", ", ").replace("*", "\\*"),
                    names_2026(each.keys),
                )
                for each in service.types
            ],
        )
        or f"{name} does not support specifying a resource ARN in the `Resource` element of an IAM "
        "policy statement.",
        heading(2, service, f"Condition keys for {name}", "policy-keys"),
        md_table(
            ("Condition keys", "Description", "Type"),
            [
                (f"  {each.key} ", escaped_2026(each.description), each.type)
                for each in service.keys
            ],
        )
        or f"{name} has no service-specific condition keys that can be used in the `Condition` "
        "element of policy statements.",
    )


def section_2026(actions: Sequence[Act]) -> str:
    if any(row.types or len(each.rows) > 1 for each in actions for row in each.rows):
        return "\n\n".join(map(item_2026, actions))
    return md_table(
        (
            "Actions",
            "Description",
            "Resource types (\\*required)",
            "Condition keys",
            "Access level",
        ),
        [
            (
                f"  {linked_2026(each.name, each.url)} ",
                escaped_2026(each.description),
                "",
                names_2026(each.rows[0].keys),
                each.level,
            )
            for each in actions
        ],
    )


def item_2026(action: Act) -> str:
    """A list item; rows of the old formats that have no place in the new one are left out."""
    rows = [row for row in action.rows if not row.scenario]
    lines = [f"- **   {linked_2026(action.name, action.url)}  **"]
    lines.append(f"  - **Description:** {escaped_2026(action.description)}")
    pairs = [
        f"  - **Resource types (\\*required):** {names_2026(row.types)}{slash}"
        f"**Condition keys:** {names_2026(row.keys)}"
        for row in rows
        for slash in ([" / "] if len(rows) > 1 else ["\n  - "])
    ]
    return "\n".join((*lines, *pairs, f"  - **Access level:** {action.level}"))


def escaped_2026(text: str) -> str:
    return re.sub(r"([*_\[\]`])", r"\\\1", text)


def names_2026(names: str) -> str:
    return "<br />".join(f"[{name.replace('*', chr(92) + '*')}](#a)" for name in names.split())


def linked_2026(name: str, url: str | None) -> str:
    return f"[{name}]({url})" if url else name


def list_of_operations(operations: Sequence[Op]) -> str:
    lines = []
    for each in operations:
        for client in each.sdk_clients or (None,):
            lines.append(f"- **   {each.name}  **")
            fields = [f"  - **SDK client:** {client}"] if client else []
            slash = " / " if len(each.actions) > 1 else "\n  - "
            for action in each.actions:
                name, key, values = (action, "", "") if isinstance(action, str) else action
                cells = [
                    f"**IAM action:** [{name}](#a)",
                    f"**Condition key:** {key}",
                    f"**Possible value(s):** {values}",
                    "**Access level:** Write",
                ]
                fields.append("  - " + slash.join(cells))
            lines += fields
            lines.append("")
    return "\n".join(lines)


# --- the JSON service reference


def as_json(service: Service) -> str:
    value: dict[str, Any] = {"Name": service.prefix, "Version": service.version}
    value["Actions"] = [json_action(action) for action in service.actions or ()]
    value["Resources"] = [
        without_empty({"Name": each.name, "ARNFormats": each.arns.split(), **json_keys(each.keys)})
        for each in service.types
    ]
    value["ConditionKeys"] = [{"Name": each.key, "Types": [each.type]} for each in service.keys]
    value["Operations"] = [json_operation(each) for each in service.operations or ()]
    return json.dumps({**without_empty(value), "Actions": value["Actions"]}, indent=1)


def json_action(action: Act) -> dict[str, Any]:
    levels = action.level.split(", ")
    flags = {flag: level in levels for level, flag in FLAGS.items()}
    rows = [row for row in action.rows if not row.scenario]
    named = [
        without_empty({"Name": name.rstrip("*"), **json_keys(row.keys)})
        for row in rows
        for name in row.types.split()
    ]
    keys = [key for row in rows if not row.types for key in row.keys.split()]
    return without_empty(
        {
            "Name": action.name,
            "Annotations": {"Properties": flags},
            "ActionConditionKeys": keys,
            "Resources": named,
        }
    )


def json_operation(operation: Op) -> dict[str, Any]:
    actions = []
    for each in operation.actions:
        name, key, values = (each, "", "") if isinstance(each, str) else each
        prefix, _, bare = name.partition(":")
        context = {key: values.split(", ")} if key else {}
        actions.append(without_empty({"Name": bare, "Service": prefix, "Context": context}))
    clients = [
        {"Name": client, "Method": operation.name, "Package": "Boto3"}
        for client in operation.sdk_clients
    ]
    return without_empty({"Name": operation.name, "AuthorizedActions": actions, "SDK": clients})


def json_keys(keys: str) -> dict[str, list[str]]:
    return {"ConditionKeys": keys.split()}


def without_empty(value: dict[str, Any]) -> dict[str, Any]:
    """AWS leaves empty lists out."""
    return {name: each for name, each in value.items() if each not in ([], {})}


# --- bulleted Markdown, 2017-12 to 2018-03


def as_bullets(service: Service) -> str:
    name = escaped(service.name)
    actions = [
        f"+ `[{escaped(service.prefix)}:{each.name}]({GUIDE}{each.name}.html)`"
        + (
            " \\- this is an IAM policy permission only, not an API action that can be called\\."
            if each.permission_only
            else ""
        )
        for each in service.actions or ()
    ]
    keys = [f"+ `{escaped(each.key)}`" for each in service.keys]
    none = f"{name} has no service\\-specific context keys that can be used in an IAM policy\\."
    return "\n".join(
        (
            f'# Actions and Condition Context Keys for {name}<a name="list_{service.slug}"></a>\n',
            (
                f"{name} \\(service prefix: {escaped(service.prefix)}\\) provides the following "
                "service\\-specific actions and condition context keys for use in IAM policies\\.\n"
            ),
            f"**Actions for {name}**\n",
            *actions,
            f"\n**Condition context keys for {name}**\n",
            *(keys or [none]),
        )
    )
