"""Which mutex guards a map: inferred from where the package touches it."""

import re
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Node

from commaok.golang import Object, ObjectKind
from commaok.golang.syntax import text_of
from commaok.scan.file import File, Use
from commaok.scan.locks import LockFlow, Section

_CALLED_LOCKED: Final = re.compile(
    r"(?i)(?:call|mu|mutex|lock|mtx)\w*\W[^.]{0,60}\b(?:held|hold|holding|locked|acquired)\b|"
    r"\b(?:hold|holds|holding|held|acquire)\b[^.]{0,60}(?:lock|mu\b|mutex|mtx)|"
    r"not (?:thread|goroutine|concurren)\w*[ -]?safe|without (?:a )?lock"
)
_NAMED_SAFE: Final = re.compile(
    r"(?i)lock|unsafe|internal|^(?:new|init|make|setup|create|build|restore|recover|load|clone)"
)
_STEPS: Final = 6
"""How far up callers are followed."""

_WRITING: Final = frozenset(("assignment_statement", "inc_statement", "dec_statement"))


@dataclass(frozen=True, slots=True)
class Touch:
    """One place that touches a map; ``what`` is read, write, range, or escape."""

    use: Use
    operand: Node
    what: str
    function: Node
    held: frozenset[Section]


@dataclass(slots=True)
class Locks:
    """The lock flows of the functions that were looked into."""

    flows: dict[int, LockFlow] = field(default_factory=dict)

    def at(self, node: Node, function: Node) -> frozenset[Section] | None:
        """The sections open at a node; None where the flow does not get."""
        flow = self.flows.get(function.id)
        if flow is None:
            flow = self.flows[function.id] = LockFlow(function)
        return flow.sections(node) if flow.at(node) else None


def touch(use: Use, locks: Locks) -> Touch | None:
    """What a naming of a map does to it, and what is held meanwhile."""
    operand = use.node
    around = operand.parent
    if around is not None and around.type == "selector_expression":
        operand, around = around, around.parent
    what = _what(operand)
    function = _declared_around(operand)
    if not what or function is None:
        return None
    held = locks.at(operand, function)
    return Touch(use, operand, what, function, held) if held is not None else None


def _what(operand: Node) -> str:
    around = operand.parent
    if around is None:
        return ""
    if around.type == "index_expression" and operand.start_byte == around.start_byte:
        above = around.parent
        if above is not None and above.type in ("inc_statement", "dec_statement"):
            return "write"
        listed = above.parent if above is not None else None
        if above is not None and listed is not None and listed.type in _WRITING:
            left = listed.child_by_field_name("left")
            return "write" if left is not None and left.id == above.id else "read"
        return "read"
    if around.type == "range_clause":
        return "range"
    if around.type == "argument_list":
        called = text_of(around.parent)
        if called.startswith(("delete(", "clear(")):
            return "write"
        return "read" if called.startswith("len(") else ""
    listed = around.parent
    if around.type == "expression_list" and listed is not None:
        return "escape" if listed.type == "return_statement" else ""
    return ""


def _declared_around(node: Node) -> Node | None:
    around = node.parent
    while around is not None and around.type not in ("function_declaration", "method_declaration"):
        around = around.parent
    return around


def called_locked(
    file: File, function: Node, locks: Locks, seen: frozenset[int] = frozenset()
) -> bool:
    """Whether a function says, or all its callers show, that the lock is held around it.

    Functions that set an object up count too: nobody else has it yet.
    """
    name = text_of(function.child_by_field_name("name"))
    if _NAMED_SAFE.search(name) or name == "main" or _remarked(file, function):
        return True
    callers = calls(file, function)
    if name[:1].isupper() or not callers or len(seen) > _STEPS:
        return False
    seen |= {function.id}
    for use in callers:
        around = _declared_around(use.node)
        if around is None or around.id in seen:
            continue
        held = locks.at(use.node, around)
        if held is None or held:
            continue
        if not called_locked(use.file, around, locks, seen):
            return False
    return True


def _remarked(file: File, function: Node) -> bool:
    """Whether a comment before or in a function speaks of the lock."""
    start = function.start_byte
    before = text_of(file.data[max(0, start - 600) : start])
    comment = re.search(r"((?:^[ \t]*//[^\n]*\n)+)\Z", before, re.MULTILINE)
    remarks = " ".join(re.findall(r"//[^\n]*", text_of(function)))
    return _CALLED_LOCKED.search((comment[1] if comment else "") + remarks) is not None


def as_used(file: File, name: Node) -> Object | None:
    """The object of a declaration; a field's or method's is asked of a use, which has its owner."""
    declared = file.types.object(name)
    if declared is None or declared.kind not in (ObjectKind.FIELD, ObjectKind.METHOD):
        return declared
    used = re.compile(rb"\.(" + re.escape(name.text or b"") + rb")\b")
    for each in file.package.files:
        for hit in used.finditer(each.data):
            node = each.root.named_descendant_for_byte_range(hit.start(1), hit.end(1))
            found = each.types.object(node) if node is not None else None
            if found is not None and found.site == declared.site:
                return found
    return None


def calls(file: File, function: Node) -> list[Use]:
    """Where the package calls a function; a method value counts as a call from nowhere known."""
    name = function.child_by_field_name("name")
    wanted = as_used(file, name) if name is not None else None
    uses = file.package.uses(wanted) if wanted is not None else ()
    return [use for use in uses if name is None or use.node.id != name.id]


def own_object(found: Touch) -> bool:
    """Whether the function made the struct itself: nobody else has it yet."""
    root = text_of(found.operand).partition(".")[0]
    body = text_of(found.function.child_by_field_name("body"))
    if "." not in text_of(found.operand):
        return False
    name = re.escape(root)
    made = r"(?:&?[\w.]+(?:\[[^\]]*\])?\{|new\(|[\w.]*[nN]ew\w*\()"
    pattern = rf"\b{name}\b\s*(?:,\s*\w+\s*)?:?=\s*{made}|\bvar\s+{name}\b"
    return re.search(pattern, body) is not None


__all__ = ["Locks", "Touch", "as_used", "called_locked", "calls", "own_object", "touch"]
