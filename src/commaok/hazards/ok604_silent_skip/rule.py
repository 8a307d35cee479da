"""OK604: leaving out an event without a word."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tree_sitter import Node

from commaok.golang.syntax import text_of
from commaok.scan import Edit, File, Finding, Fix, FixKind, Ground, rule
from commaok.scan.handlers import HANDLES_EVENTS, Handling, handlings
from commaok.scan.surroundings import (
    descendants,
    function_of,
    loop_of,
    preceding,
    statements,
    within,
)

_EMPTY: Final = re.compile(
    r"(?P<what>[\w.\[\]()]*(?:\.UID|\.GetUID\(\)|\.ResourceVersion|\.GetResourceVersion\(\)"
    r"|\.Name|\.GetName\(\)|\.Kv\.Key\)?))\s*==\s*(?:\"\"|0|nil)"
)
_NO_OBJECT: Final = re.compile(r"(?P<what>\w+\.(?:Object|Kv))\s*==\s*nil")
_IMPORT: Final = re.compile(
    rb'^(?:import)?\s*(?:(\w+)\s+)?"(k8s\.io/klog(?:/v2)?|log/slog|log)"', re.MULTILINE
)
_DELETES: Final = re.compile(rb"\.Deleted\b|\bDelete\(|\bdelete\(|EventTypeDelete|mvccpb\.DELETE")
_LOGGERS: Final = {
    "log": "{0}.Print({1})",
    "log/slog": "{0}.Warn({1})",
    "k8s.io/klog": "{0}.Warning({1})",
    "k8s.io/klog/v2": "{0}.Warning({1})",
}


class _Skip(NamedTuple):
    """A statement that drops the event, why, and what shows that it should not be dropped."""

    statement: Node
    why: str
    evidence: str


@rule("OK604", needs=(HANDLES_EVENTS, rb"\b(?:continue|return)\s*\}|\b(?:continue|return)\s*//"))
def silent_skip(file: File) -> Iterator[Finding]:
    """An ``if`` in an event loop or handler that does nothing but leave the event."""
    reported: set[int] = set()
    for handling in handlings(file):
        for statement in descendants(handling.body, "if_statement", literals=False):
            skip = _skip(handling, statement)
            if skip is None or statement.id in reported:
                continue
            reported.add(statement.id)
            yield file.finding(
                statement,
                f"the event is dropped when {skip.why}: no count, log or error tells of it",
                evidence=[file.ground("identity", skip.evidence, statement)],
                consequence=_consequence(file, handling),
                fix=_log(file, statement, skip.why),
                end=statement.child_by_field_name("condition"),
            )


def _skip(handling: Handling, statement: Node) -> _Skip | None:
    inner = statements(statement.child_by_field_name("consequence"))
    if len(inner) != 1 or text_of(inner[0]) not in ("continue", "return"):
        return None
    if statement.child_by_field_name("alternative") is not None or not _leaves_event(
        handling, inner[0]
    ):
        return None
    condition = text_of(statement.child_by_field_name("condition"))
    empty = _EMPTY.fullmatch(condition)
    if empty is not None:
        what = empty["what"]
        return _Skip(statement, f"{what} is empty", f"every object of a server has {what}")
    missing = _NO_OBJECT.fullmatch(condition)
    if missing is not None:
        return _Skip(
            statement, f"{missing['what']} is nil", "every event of a server has an object"
        )
    if handling.deletes and condition.startswith("!") and _asserts(statement, condition[1:]):
        text = "after a missed deletion the object comes as a cache.DeletedFinalStateUnknown"
        return _Skip(statement, "it has another type", text)
    return None


def _leaves_event(handling: Handling, jump: Node) -> bool:
    """Whether a jump leaves this event, not the turn of some other loop inside."""
    if text_of(jump) == "return":
        return True
    loop = loop_of(jump)
    if loop is None or not within(loop, handling.body):
        return True
    clause = next((each for each in loop.named_children if each.type == "range_clause"), None)
    over = clause.child_by_field_name("right") if clause is not None else None
    return text_of(over).endswith(".Events")


def _asserts(statement: Node, ok: str) -> bool:
    """Whether ``ok`` is that of an assertion of the event itself, and no tombstone is expected."""
    function = function_of(statement)
    parameters = function.child_by_field_name("parameters") if function is not None else None
    if (
        function is None
        or parameters is None
        or b"DeletedFinalStateUnknown" in (function.text or b"")
    ):
        return False
    initializer = statement.child_by_field_name("initializer")
    earlier = preceding(statement)
    source = initializer if initializer is not None else (earlier[-1] if earlier else None)
    found = re.search(r"^(?:\w+),\s*(\w+)\s*:?=\s*(\w+)\.\(\*?[\w.]+\)$", text_of(source))
    if found is None or found[1] != ok:
        return False
    return re.search(rf"\b{found[2]}\b", text_of(parameters)) is not None


def _consequence(file: File, handling: Handling) -> list[Ground]:
    """What is lost for good: a deletion comes once."""
    if handling.deletes:
        return [
            file.ground("deletion", f"{handling.what}: a deletion is told once", handling.source)
        ]
    if _DELETES.search(file.data, handling.body.start_byte, handling.body.end_byte):
        return [
            file.ground("deletion", "deletions are handled here, and come once", handling.source)
        ]
    return []


def _log(file: File, statement: Node, why: str) -> Fix | None:
    """A log line with the logger that the file imports; no import is added."""
    found = _IMPORT.search(file.data)
    consequence = statement.child_by_field_name("consequence")
    if found is None or consequence is None:
        return None
    path = found[2].decode()
    name = found[1].decode() if found[1] else path.removesuffix("/v2").rpartition("/")[2]
    jump = statements(consequence)[0]
    line = file.data.rfind(b"\n", 0, jump.start_byte) + 1
    indent = file.data[line : jump.start_byte].decode()
    if indent.strip() or name in ("_", "."):
        return None
    call = _LOGGERS[path].format(name, f'"dropped an event: {why}"')
    edit = Edit(jump.start_byte, jump.start_byte, f"{call}\n{indent}")
    return Fix(FixKind.CHANGING, "log the event that is dropped", (edit,))
