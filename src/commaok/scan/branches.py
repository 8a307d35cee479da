"""What a decision does: the branch for a present key, the branch for an absent one."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.scan.lookups import Decision
from commaok.scan.maps import bare

_LEAVING: Final = {
    "return_statement": "returns",
    "continue_statement": "skips to the next one",
    "break_statement": "leaves the loop",
    "goto_statement": "leaves",
}


class Branches(NamedTuple):
    """The if statement that a comparison decides, and the blocks of both outcomes.

    ``whole`` says whether the comparison is all of the condition. ``absent`` is None where the
    code simply goes on.
    """

    statement: Node
    present: Node | None
    absent: Node | None
    whole: bool


def branches(decision: Decision) -> Branches | None:
    """The if statement that a decision decides; None where its outcome goes elsewhere."""
    node = decision.comparison
    says_absent = decision.equal
    whole = True
    while node.parent is not None:
        parent = node.parent
        if parent.type == "unary_expression" and parent.children[0].type == "!":
            says_absent = not says_absent
        elif parent.type == "binary_expression":
            operator = text_of(parent.child_by_field_name("operator"))
            if operator not in ("&&", "||"):
                return None
            whole = False
        elif parent.type == "if_statement":
            condition = parent.child_by_field_name("condition")
            if condition is None or condition.id != node.id:
                return None
            then = parent.child_by_field_name("consequence")
            other = parent.child_by_field_name("alternative")
            present, absent = (other, then) if says_absent else (then, other)
            return Branches(parent, present, absent, whole)
        elif parent.type != "parenthesized_expression":
            return None
        node = parent
    return None


def inside(block: Node | None, *kinds: str) -> Iterator[Node]:
    """The nodes of these kinds in a block, function literals included, in source order."""
    waiting = [block] if block is not None else []
    while waiting:
        node = waiting.pop()
        if node.type in kinds:
            yield node
        waiting.extend(reversed(node.named_children))


def deletes(block: Node | None, operand: Node) -> Node | None:
    """The first ``delete`` of a key of the map in a block."""
    wanted = text_of(bare(operand))
    for call in inside(block, "call_expression"):
        if text_of(call.child_by_field_name("function")) == "delete":
            arguments = expressions(call.child_by_field_name("arguments"))
            if arguments and text_of(bare(arguments[0])) == wanted:
                return call
    return None


def stores(block: Node | None, operand: Node) -> Node | None:
    """The first assignment to an entry of the map in a block."""
    wanted = text_of(bare(operand))
    for statement in inside(block, "assignment_statement"):
        for target in expressions(statement.child_by_field_name("left")):
            if target.type == "index_expression":
                held = target.child_by_field_name("operand")
                if held is not None and text_of(bare(held)) == wanted:
                    return statement
    return None


def leaves(block: Node | None) -> str:
    """How a block's own last statement leaves it: "returns", "skips to the next one", or ""."""
    statements = body(block)
    return _LEAVING.get(statements[-1].type, "") if statements else ""


def body(block: Node | None) -> list[Node]:
    """The statements of a block."""
    if block is None:
        return []
    found = expressions(block)
    if len(found) == 1 and found[0].type == "statement_list":
        return expressions(found[0])
    return found


def names_in(node: Node | None, name: str) -> list[Node]:
    """Where a plain name stands in a piece of code."""
    return [each for each in inside(node, "identifier") if text_of(each) == name]


def same_text(block: Node | None, expression: Node) -> list[Node]:
    """Where an expression is repeated in a block."""
    wanted = " ".join(text_of(expression).split())
    return [
        each for each in inside(block, expression.type) if " ".join(text_of(each).split()) == wanted
    ]
