"""Where a statement stands: the function, loop and error branch around it, and what follows it.

Everything here is about the shape of one function; it follows no calls.
"""

from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Named, Unknown
from commaok.scan.file import Call, File

_DECLARATIONS: Final = frozenset(("function_declaration", "method_declaration"))
_FUNCTIONS: Final = _DECLARATIONS | {"func_literal"}
_JUMPS: Final = frozenset(
    ("return_statement", "continue_statement", "break_statement", "goto_statement")
)
_ENDS: Final = frozenset(
    ("panic", "Exit", "Fatal", "Fatalf", "Fatalln", "Fatale", "Panic", "Panicf")
)
_LISTS: Final = frozenset(("statement_list", "block"))


def around(node: Node) -> Iterator[Node]:
    """The nodes around a node up to its innermost function, which is the last."""
    parent = node.parent
    while parent is not None:
        yield parent
        if parent.type in _FUNCTIONS:
            return
        parent = parent.parent


def function_of(node: Node) -> Node | None:
    """The innermost function, method or function literal around a node."""
    return next((each for each in around(node) if each.type in _FUNCTIONS), None)


def declaration_of(node: Node) -> Node | None:
    """The declared function or method around a node, through all literals."""
    parent = node.parent
    while parent is not None and parent.type not in _DECLARATIONS:
        parent = parent.parent
    return parent


def within(inner: Node, outer: Node | None) -> bool:
    """Whether a node lies in the range of another."""
    return (
        outer is not None
        and outer.start_byte <= inner.start_byte
        and inner.end_byte <= outer.end_byte
    )


def calls_within(file: File, outer: Node, *names: str) -> Iterator[Call]:
    """The calls inside a node, of these names where names are given."""
    calls = file.calls_named(*names) if names else iter(file.calls)
    return (call for call in calls if within(call.node, outer))


def descendants(node: Node, *types: str, literals: bool = True) -> Iterator[Node]:
    """The named nodes of these types below a node, in source order.

    Without ``literals`` the bodies of function literals are left out: they run another time.
    """
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.id != node.id:
            if not literals and each.type == "func_literal":
                continue
            if each.type in types:
                yield each
        waiting.extend(reversed(each.named_children))


def statements(node: Node | None) -> list[Node]:
    """The statements of a block, of a case, or of a list of them."""
    if node is None:
        return []
    if node.type == "statement_list":
        return expressions(node)
    for child in node.named_children:
        if child.type == "statement_list":
            return expressions(child)
    return []


def statement_of(node: Node) -> Node:
    """The statement in a list of statements that a node belongs to."""
    while node.parent is not None and node.parent.type not in _LISTS:
        node = node.parent
    return node


def following(statement: Node) -> list[Node]:
    """The statements after one, in its own list."""
    siblings = expressions(statement.parent)
    return [each for each in siblings if each.start_byte >= statement.end_byte]


def preceding(statement: Node) -> list[Node]:
    """The statements before one, in its own list."""
    siblings = expressions(statement.parent)
    return [each for each in siblings if each.end_byte <= statement.start_byte]


def ends(block: Node | None) -> bool:
    """Whether nothing after a block or a case runs once it has run."""
    inner = statements(block)
    if not inner:
        return False
    last = inner[-1]
    if last.type in _JUMPS:
        return True
    call = expressions(last)[0] if last.type == "expression_statement" else None
    return call is not None and call.type == "call_expression" and called_name(call) in _ENDS


def called_name(call: Node) -> str:
    """The last part of the name that a call calls."""
    function = call.child_by_field_name("function")
    if function is not None and function.type == "selector_expression":
        function = function.child_by_field_name("field")
    return text_of(function)


def loop_of(node: Node) -> Node | None:
    """The innermost loop around a node, inside its function."""
    return next((each for each in around(node) if each.type == "for_statement"), None)


def is_error(file: File, node: Node) -> bool:
    """Whether an expression is an error: by its type, by its name where that is unknown."""
    found = file.types.of(node)
    if isinstance(found, Named):
        return not found.package and found.name == "error"
    return isinstance(found, Unknown) and text_of(node).lower().endswith("err")


def nil_checks(file: File, condition: Node | None, operator: str) -> Iterator[Node]:
    """The errors that a condition compares with nil, where all its terms must hold."""
    if condition is None:
        return
    if condition.type == "parenthesized_expression":
        yield from nil_checks(file, next(iter(expressions(condition)), None), operator)
    if condition.type != "binary_expression":
        return
    left, right = condition.child_by_field_name("left"), condition.child_by_field_name("right")
    found = text_of(condition.child_by_field_name("operator"))
    if found == "&&":
        yield from nil_checks(file, left, operator)
        yield from nil_checks(file, right, operator)
    elif found == operator and left is not None and _is_nil(right) and is_error(file, left):
        yield left


def _is_nil(node: Node | None) -> bool:
    return node is not None and node.type == "nil"


def failure(file: File, node: Node) -> Node | None:
    """The error that is known not to be nil where a node stands, in its function; or None.

    Known by the branch that it is in, or because an earlier ``if err == nil`` has left.
    """
    inner = node
    for outer in around(node):
        found: Node | None = None
        if outer.type == "if_statement":
            if within(inner, outer.child_by_field_name("consequence")):
                found = next(nil_checks(file, outer.child_by_field_name("condition"), "!="), None)
            elif within(inner, outer.child_by_field_name("alternative")):
                found = _refuted(file, outer)
        elif outer.type == "expression_case":
            value = next(iter(expressions(outer.child_by_field_name("value"))), None)
            if not within(inner, value):
                found = next(nil_checks(file, value, "!="), None)
        elif outer.type in _LISTS:
            found = next(
                (
                    error
                    for earlier in preceding(inner)
                    if earlier.type == "if_statement"
                    if ends(earlier.child_by_field_name("consequence"))
                    if (error := _refuted(file, earlier)) is not None
                ),
                None,
            )
        if found is not None:
            return found
        inner = outer
    return None


def _refuted(file: File, statement: Node) -> Node | None:
    """The error that is not nil when ``if err == nil`` is not taken."""
    condition = statement.child_by_field_name("condition")
    if condition is None or condition.type != "binary_expression":
        return None
    return next(nil_checks(file, condition, "=="), None) if b"&&" not in _raw(condition) else None


def _raw(node: Node) -> bytes:
    return node.text or b""
