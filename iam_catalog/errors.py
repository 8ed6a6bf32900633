"""Everything that can go wrong with a question, as one tree of exceptions.

    CatalogError
    ├── CatalogNotFound        no database at the places tried
    ├── NotACatalog            a file that is not a catalog, or a damaged one
    ├── CatalogOutdated        a catalog of another schema version
    ├── MalformedActionName    not prefix:Name
    ├── MalformedPattern       no pattern of actions, such as s3:Get*
    ├── MalformedArn           not arn:partition:service:region:account:resource
    ├── MalformedDate          not a day, written YYYY-MM-DD
    ├── UnreadablePolicy       a file or text that no policy can be read from
    ├── UnknownAccessLevel     none of AWS's five words
    ├── UnknownChangeKind      no kind of change
    └── UnknownName            well written, but not in the catalog; has `name` and `suggestions`
        ├── UnknownAction
        ├── UnknownServicePrefix
        ├── UnknownResourceType
        ├── UnknownConditionKey
        ├── UnknownOperation
        └── UnknownPolicy      a sample policy

Every message says what is wrong with the value quoted, what was expected, and what to do.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing and collections.abc would double the cold start
    from collections.abc import Sequence
    from typing import Any, TypeVar

    Error = TypeVar("Error", bound=Exception)


class PortableError(Exception):
    """Exception that another process gets whole: its type, its message and its fields.

    Python makes a pickled exception anew by calling its class with the message, which fails, or
    says something else, wherever the class takes other arguments and writes its own message.
    """

    def __reduce__(self) -> tuple[object, ...]:
        return _made_anew, (type(self), self.args), vars(self)


def _made_anew(kind: type[Error], args: tuple[Any, ...]) -> Error:
    """Make an exception without calling its `__init__`; its fields are set afterwards."""
    return kind.__new__(kind, *args)


class CatalogError(PortableError):
    """The question could not be answered."""


def build_command(path: str) -> str:
    """Return what builds the catalog at *path* anew: an updated one takes its mirror, too."""
    updated = path.replace("\\", "/").endswith("mirror/catalog.db")
    return "python -m scraper build --full --mirror" if updated else "python -m scraper build"


class CatalogNotFound(CatalogError):
    """There is no database at any of the places that were tried."""

    def __init__(self, tried: Sequence[str]) -> None:
        places = ", ".join(tried)
        super().__init__(
            f"No catalog.db found (looked for {places}). "
            "Build one in a checkout with: python -m scraper build"
        )
        self.tried = list(tried)


class NotACatalog(CatalogError):
    """The file is no SQLite database, another program's database, or damaged."""

    def __init__(self, path: str, found: str) -> None:
        super().__init__(
            f"{path!r} is not a catalog: {found}. Expected a database written by "
            f"{build_command(path)!r}; run that, or name another file."
        )
        self.path = path
        self.found = found


class CatalogOutdated(CatalogError):
    """The catalog was written with another version of the schema."""

    def __init__(self, path: str, found: int, expected: int) -> None:
        upgrade = "upgrade iam-catalog, or " if found > expected else ""
        remedy = f"{upgrade}rebuild it with: {build_command(path)}"
        super().__init__(
            f"{path!r} has schema version {found}, but this iam-catalog reads version "
            f"{expected}: {remedy}"
        )
        self.path = path
        self.found = found
        self.expected = expected


class MalformedActionName(CatalogError):
    """The text cannot be the name of an action."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is not an action name: write prefix:Name, for example 's3:GetObject'."
        )
        self.text = text


class MalformedPattern(CatalogError):
    """The text cannot be a pattern of actions."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is not a pattern of actions: write prefix:Name with * and ? as wildcards, "
            "for example 's3:Get*', or * for every action."
        )
        self.text = text


class MalformedArn(CatalogError):
    """The text cannot be an ARN."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is not an ARN: write arn:partition:service:region:account:resource, for "
            "example 'arn:aws:s3:::logs/*'."
        )
        self.text = text


class UnknownName(CatalogError):
    """A name that the catalog does not hold; not called invalid, because AWS may have it."""

    noun = "name"

    def __init__(
        self,
        name: str,
        suggestions: Sequence[str] = (),
        *,
        detail: str = "",
        remedy: str | None = None,
    ) -> None:
        message = f"No {self.noun} {name!r} in the catalog"
        message += f"{detail}."
        if suggestions:
            message += f" Did you mean {' or '.join(suggestions)}?"
        if remedy:
            message += f" {remedy}"
        super().__init__(message)
        self.name = name
        self.suggestions = list(suggestions)


class UnknownAction(UnknownName):
    """The catalog documents no such action."""

    noun = "action"

    @property
    def action(self) -> str:
        """The name as it was asked for."""
        return self.name


class UnknownServicePrefix(UnknownName):
    """The catalog holds no service with this prefix."""

    noun = "service"

    @property
    def prefix(self) -> str:
        """The prefix as it was asked for."""
        return self.name


class UnknownResourceType(UnknownName):
    """The catalog documents no such resource type."""

    noun = "resource type"


class UnknownConditionKey(UnknownName):
    """The catalog documents no such condition key."""

    noun = "condition key"


class UnknownOperation(UnknownName):
    """The catalog documents no such operation."""

    noun = "operation"


class UnknownPolicy(UnknownName):
    """The catalog holds no such sample policy."""

    noun = "sample policy"


class UnknownAccessLevel(CatalogError):
    """The word is none of AWS's five access levels."""

    def __init__(self, word: str, levels: Sequence[str]) -> None:
        super().__init__(f"{word!r} is not an access level: use one of {', '.join(levels)}.")
        self.word = word


class UnknownChangeKind(CatalogError):
    """The word is not a kind of change that can be asked for."""

    def __init__(self, word: str, kinds: Sequence[str]) -> None:
        super().__init__(f"{word!r} is not a kind of change: use one of {', '.join(kinds)}.")
        self.word = word


class MalformedDate(CatalogError):
    """The text is no day of the calendar."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not a date: write YYYY-MM-DD, for example '2019-08-12'.")
        self.text = text


class UnreadablePolicy(CatalogError):
    """The file cannot be opened, or is not written as a policy document can be."""

    def __init__(
        self, file: str, found: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        place = f" line {line}" if line is not None else ""
        place += f" column {column}" if column is not None else ""
        name = "standard input" if file == "-" else repr(file)
        super().__init__(f"Cannot read policies from {name}{place}: {found}.")
        self.file = file
        self.found = found
        self.line = line
        self.column = column
