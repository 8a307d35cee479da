"""OK605: writing to what other goroutines have already got."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tree_sitter import Node

from commaok.golang import Finder
from commaok.golang.syntax import text_of
from commaok.golang.types import Chan, Pointer
from commaok.scan import Edit, File, Finding, Fix, FixKind, Ground, rule
from commaok.scan.surroundings import following, statement_of

_SENDS: Final = Finder("(send_statement) @send")
_ATOMIC: Final = frozenset(("Pointer", "Value"))


@rule("OK605", needs=rb"<-\s*\w+\s*$|\.Store\(\w+\)")
def torn_publication(file: File) -> Iterator[Finding]:
    """A pointer that is sent or stored atomically, and whose fields are set after that."""
    for send in file.captures(_SENDS).get("send", ()):
        value = send.child_by_field_name("value")
        channel = send.child_by_field_name("channel")
        if value is None or channel is None or send.parent is None:
            continue
        if send.parent.type != "statement_list" or not _is_shared_pointer(file, value):
            continue
        written = _written_after(send, text_of(value))
        if written and isinstance(file.types.of(channel).underlying, Chan):
            received = file.ground("received", "a receiver may read it from here on", send)
            yield _finding(file, send, value, written, [received])
    for call in file.calls_named("Store"):
        if len(call.arguments) != 1 or not _is_shared_pointer(file, call.arguments[0]):
            continue
        statement = statement_of(call.node)
        written = _written_after(statement, text_of(call.arguments[0]))
        callee = file.callee(call.node) if written else None
        if callee is None or callee.package != "sync/atomic" or callee.receiver not in _ATOMIC:
            continue
        yield _finding(file, statement, call.arguments[0], written, _loaded(file, call.node))


def _is_shared_pointer(file: File, value: Node) -> bool:
    return value.type == "identifier" and isinstance(file.types.of(value).underlying, Pointer)


def _written_after(statement: Node, name: str) -> list[Node]:
    """The statements after one that set a field of a pointer, until the pointer is another."""
    field = re.compile(rf"{re.escape(name)}\.[\w.]+\s*(?:[-+*/|&]?=[^=]|\+\+|--)")
    again = re.compile(rf"(?:\w+,\s*)?{re.escape(name)}\s*(?:,[^=]*)?:?=[^=]")
    found: list[Node] = []
    for each in following(statement):
        text = text_of(each)
        if again.match(text) or re.search(r"\b(?:Lock|Wait|Done)\(", text):
            break
        if each.type in ("assignment_statement", "inc_statement", "dec_statement") and field.match(
            text
        ):
            found.append(each)
        elif each.type in ("return_statement", "receive_statement") or "<-" in text:
            # Whoever answers may be done with it.
            break
    return found


def _finding(
    file: File, statement: Node, value: Node, written: Sequence[Node], read: Sequence[Ground]
) -> Finding:
    return file.finding(
        statement,
        f"others have {text_of(value)} from here on and may see it half written: an event without "
        "its object or UID is dropped as if it were none",
        evidence=[file.ground("written-after", "written after that", written[0])],
        consequence=read,
        fix=_published_last(file, statement, written),
    )


def _loaded(file: File, call: Node) -> list[Ground]:
    """Where the package loads what is stored."""
    function = call.child_by_field_name("function")
    operand = function.child_by_field_name("operand") if function is not None else None
    held = file.types.object(operand) if operand is not None else None
    if held is None:
        return []
    for use in file.package.uses(held):
        node = use.node.parent
        if node is not None and text_of(node).endswith((f".{held.name}", f"{held.name}.Load")):
            outer = node.parent if not text_of(node).endswith(".Load") else node
            if outer is not None and text_of(outer).endswith(".Load"):
                return [use.file.ground("loaded", "loaded here", use.node)]
    return []


def _published_last(file: File, statement: Node, written: Sequence[Node]) -> Fix | None:
    """The publication moved behind the writes, where nothing else stands between them."""
    between = following(statement)[: len(written)]
    if [each.id for each in between] != [each.id for each in written]:
        return None
    start = file.data.rfind(b"\n", 0, statement.start_byte) + 1
    end = file.data.find(b"\n", statement.end_byte) + 1
    indent = file.data[start : statement.start_byte].decode("utf-8", "replace")
    if indent.strip() or not end:
        return None
    last = written[-1].end_byte
    edits = (Edit(start, end, ""), Edit(last, last, f"\n{indent}{text_of(statement)}"))
    return Fix(FixKind.CHANGING, "publish it when it is complete", edits)
