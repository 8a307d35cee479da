"""What OK101 to OK103 share: what speaks for a decision by value being wrong, and how to mend it.

Strong consequences stand alone; weak ones (a return, a skip) are what most correct code does for
an absent key as well, so they count only beside evidence.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.scan import Edit, File, Fix, FixKind, Ground
from commaok.scan.branches import (
    Branches,
    body,
    branches,
    deletes,
    inside,
    leaves,
    names_in,
    same_text,
    stores,
)
from commaok.scan.lookups import Decision, decisions, may_decide
from commaok.scan.maps import MapFacts, Stored, bare, is_made_here

__all__ = [
    "Effects",
    "decisions",
    "effects",
    "evidence_of",
    "fills_in",
    "fix",
    "may_decide",
    "own_business",
    "shown",
]

_CLEANUP: Final = re.compile(
    r"^(?:un|de)?(?:regist|subscrib)|^(?:delet|remov|forget|clean|releas|evict|detach|cancel)",
    re.IGNORECASE,
)
_SAYS: Final = {
    Stored.NIL: "nil is stored in this map",
    Stored.TYPED_NIL: "a typed nil is stored in this map",
    Stored.MAYBE_NIL: "the result of a function that can return nil is stored in this map",
    Stored.ZERO: "the zero value is stored in this map",
}
_MOST_PLACES: Final = 2


class Effects(NamedTuple):
    """What the outcome of a decision does."""

    strong: tuple[Ground, ...]
    weak: tuple[Ground, ...]
    branches: Branches | None


def shown(decision: Decision) -> str:
    """The comparison as written, in one line."""
    return " ".join(text_of(decision.comparison).split())


def evidence_of(facts: MapFacts, *kinds: Stored) -> list[Ground]:
    """The places that store what the decision takes for absence."""
    found = [store for store in facts.stores if store.what in kinds]
    return [
        store.file.ground(f"stored-{store.what.name.lower()}", _SAYS[store.what], store.node)
        for store in found[:_MOST_PLACES]
    ]


def own_business(decision: Decision, found: Effects) -> bool:
    """Whether the map lives in one function, which then knows what its nil or zero means.

    Such a mark is no evidence, unless a key stays behind or cleanup is skipped because of it.
    """
    return not found.strong and is_made_here(decision.lookup.file, decision.lookup.read.operand)


def effects(decision: Decision, value: str) -> Effects:
    """What happens to a key whose value is ``value`` ("nil"), taken for absent as it is."""
    outcome = branches(decision)
    if outcome is None:
        return Effects((), (), None)
    file = decision.lookup.at
    operand = decision.lookup.read.operand
    strong: list[Ground] = []
    weak: list[Ground] = []
    if deleted := deletes(outcome.present, operand):
        text = f"a key with {value} is not deleted: it stays, and blocks whoever comes next"
        strong.append(file.ground("delete-skipped", text, deleted))
    elif cleaned := _cleanup(outcome.present, decision):
        text = f"for a key with {value}, {' '.join(text_of(cleaned).split())} is skipped"
        same_key = _deletes_same_key(cleaned, decision)
        (strong if same_key else weak).append(file.ground("cleanup-skipped", text, cleaned))
    how = leaves(outcome.absent)
    if how:
        text = f"for a key with {value} the code {how} as if the key were absent"
        weak.append(file.ground("taken-for-absent", text, body(outcome.absent)[-1]))
    how = leaves(outcome.present)
    if how and outcome.absent is None:
        text = f"a key with {value} goes the way of an absent one"
        weak.append(file.ground("taken-for-absent", text, body(outcome.present)[-1]))
    return Effects(tuple(strong), tuple(weak), outcome)


def fills_in(decision: Decision, outcome: Branches | None, facts: MapFacts) -> bool:
    """Whether the code fills in what is missing: ``if m[k] == nil { m[k] = ... }``.

    Also ``if v := m[k]; v != nil { return v }`` before the entry is made, unless a nil is stored on
    purpose: then that nil may be a reservation, and is overwritten.
    """
    if outcome is None:
        return False
    operand = decision.lookup.read.operand
    if stores(outcome.absent, operand):
        return True
    if not leaves(outcome.present) or any(store.what is Stored.NIL for store in facts.stores):
        return False
    following = outcome.statement.next_named_sibling
    while following is not None:
        if stores(following, operand):
            return True
        following = following.next_named_sibling
    return False


def fix(decision: Decision, outcome: Branches | None) -> Fix | None:
    """Comma-ok in place of the comparison, where that is one safe edit."""
    if outcome is None or not outcome.whole or decision.lookup.at is not decision.lookup.file:
        return None
    if outcome.statement.child_by_field_name("initializer") is not None:
        return _with_initializer(decision, outcome)
    if decision.lookup.variable is not None or _unnamed(decision):
        return None
    return _plain(decision, outcome)


def _plain(decision: Decision, outcome: Branches) -> Fix | None:
    file, read = decision.lookup.file, decision.lookup.read.node
    condition = outcome.statement.child_by_field_name("condition")
    if condition is None or decision.comparison.id != bare(condition).id:
        return None
    source = text_of(read)
    ok = _free(file, outcome.statement, ("ok", "found", "exists", "present"))
    start, end = condition.start_byte, condition.end_byte
    if decision.equal:
        around = file.types.enclosing_function(outcome.statement)
        later = [
            each
            for each in same_text(around, read)
            if each.start_byte > condition.end_byte and not _is_target(each)
        ]
        if later:
            return None
        edit = Edit(start, end, f"_, {ok} := {source}; !{ok}")
        return Fix(FixKind.CHANGING, "ask whether the key is there", (edit,))
    uses = [each for each in same_text(outcome.present, read) if not _is_target(each)]
    if not uses:
        edit = Edit(start, end, f"_, {ok} := {source}; {ok}")
        return Fix(FixKind.CHANGING, "ask whether the key is there", (edit,))
    value = _free(file, outcome.statement, (_singular(decision), "value", "held", "stored"))
    statements = body(outcome.present)
    wrapped = _wrapped(file, statements, uses, value)
    if wrapped is not None and deletes(outcome.present, decision.lookup.read.operand):
        edit = Edit(start, end, f"{value}, {ok} := {source}; {ok}")
        text = "delete whenever the key is there; touch the value only when it is not nil"
        return Fix(FixKind.CHANGING, text, (edit, *wrapped))
    if len(uses) == 1 and statements and _within(uses[0], statements[0]) and _is_first(uses[0]):
        edit = Edit(start, end, f"{value}, {ok} := {source}; {ok} && {value} != nil")
        once = Edit(uses[0].start_byte, uses[0].end_byte, value)
        text = "look up once, and say that both are meant"
        return Fix(FixKind.PRESERVING, text, (edit, once))
    return None


def _with_initializer(decision: Decision, outcome: Branches) -> Fix | None:
    """``if v := m[k]; v != nil {`` where nothing else uses ``v``, or where ``v`` cannot be nil."""
    variable, read = decision.lookup.variable, decision.lookup.read.node
    first = outcome.statement.child_by_field_name("initializer")
    condition = outcome.statement.child_by_field_name("condition")
    if variable is None or first is None or condition is None or decision.equal:
        return None
    values = expressions(first.child_by_field_name("right"))
    if len(values) != 1 or values[0].id != read.id or first.type != "short_var_declaration":
        return None
    if decision.comparison.id != bare(condition).id:
        return None
    blocks = (outcome.present, outcome.absent)
    used = any(names_in(block, variable.name) for block in blocks if block is not None)
    if used and decision.other.type == "nil":
        return None
    ok = _free(decision.lookup.file, outcome.statement, ("ok", "found", "exists", "present"))
    name = variable.name if used else "_"
    edit = Edit(first.start_byte, condition.end_byte, f"{name}, {ok} := {text_of(read)}; {ok}")
    return Fix(FixKind.CHANGING, "ask whether the key is there", (edit,))


def _wrapped(
    file: File, statements: Sequence[Node], uses: Sequence[Node], value: str
) -> list[Edit] | None:
    """Every statement that touches the value, put behind a nil check; None where one is no call."""
    edits: list[Edit] = []
    covered = 0
    for statement in statements:
        held = [use for use in uses if _within(use, statement)]
        if not held:
            continue
        if statement.type != "expression_statement":
            return None
        text = file.data[statement.start_byte : statement.end_byte]
        for use in sorted(held, key=lambda each: -each.start_byte):
            begin, end = use.start_byte - statement.start_byte, use.end_byte - statement.start_byte
            text = text[:begin] + value.encode() + text[end:]
        line = file.data.rfind(b"\n", 0, statement.start_byte) + 1
        indent = file.data[line : statement.start_byte].decode()
        if indent.strip() or b"\n" in text:
            return None
        covered += len(held)
        shown_text = text.decode("utf-8", "replace")
        wrapped = f"if {value} != nil {{\n{indent}\t{shown_text}\n{indent}}}"
        edits.append(Edit(statement.start_byte, statement.end_byte, wrapped))
    return edits if covered == len(uses) else None


def _cleanup(block: Node | None, decision: Decision) -> Node | None:
    """A call that cleans up after the key without touching the value."""
    variable = decision.lookup.variable
    value = text_of(decision.compared)
    for call in inside(block, "call_expression"):
        function = call.child_by_field_name("function")
        if function is None:
            continue
        name = text_of(function.child_by_field_name("field") or function)
        touches = value in text_of(call) or (variable and names_in(call, variable.name))
        if _CLEANUP.match(name) and not touches:
            return call
    return None


def _deletes_same_key(call: Node, decision: Decision) -> bool:
    """Whether a call deletes the key from another map, a copy or the next version of this one."""
    arguments = expressions(call.child_by_field_name("arguments"))
    if text_of(call.child_by_field_name("function")) != "delete" or len(arguments) != 2:
        return False
    return text_of(bare(arguments[1])) == text_of(bare(decision.lookup.read.key))


def _unnamed(decision: Decision) -> bool:
    """Whether a key or map is computed by a call, which a second name would repeat or hide."""
    return any(inside(decision.lookup.read.node, "call_expression", "unary_expression"))


def _is_target(node: Node) -> bool:
    targets = node.parent
    statement = targets.parent if targets is not None else None
    if targets is None or statement is None or statement.type != "assignment_statement":
        return False
    left = statement.child_by_field_name("left")
    return left is not None and left.id == targets.id


def _is_first(use: Node) -> bool:
    """Whether nothing of its statement is evaluated before a use."""
    node = use
    while node.parent is not None and node.parent.type != "statement_list":
        if node.parent.type not in (
            "selector_expression",
            "call_expression",
            "expression_statement",
            "return_statement",
            "expression_list",
            "unary_expression",
        ):
            return False
        if node.parent.named_children[0].id != node.id:
            return False
        node = node.parent
    return True


def _within(node: Node, around: Node) -> bool:
    return around.start_byte <= node.start_byte and node.end_byte <= around.end_byte


def _free(file: File, around: Node, names: Sequence[str]) -> str:
    """The first name that the code around does not use."""
    function = file.types.enclosing_function(around) or around
    return next((name for name in names if not names_in(function, name)), f"{names[-1]}1")


def _singular(decision: Decision) -> str:
    name = text_of(decision.lookup.read.operand).rpartition(".")[2]
    if name.endswith("ches"):
        return name[:-2]
    return name[:-1] if name.endswith("s") and len(name) > 3 else "value"
