"""A statement that depends on what an earlier one found out."""

import re
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of

EFFECTS: Final = re.compile(
    r"\bgo\b[ \t]|make\(chan|\bclose\(|context\.With[CTD]|"
    r"\.(?:Start|Run|Open|Dial|Watch|Subscribe|Listen|Register|Close|Stop|Cancel|Shutdown|"
    r"Connect|Serve|Create|Add)\w*\("
)
"""Something that outlives the function: done twice, the second one has to be undone."""

_LEAVES: Final = frozenset(("return_statement", "continue_statement", "break_statement"))


def decides(ok: str, test: Node, act: Node, function: Node) -> bool:
    """Whether a condition on ``ok``, which ``test`` sets, decides if ``act`` is reached."""
    node: Node | None = act
    while node is not None and node.id != function.id:
        if node.type == "if_statement" and _asks(node, ok):
            return node.start_byte <= test.start_byte or node.start_byte >= test.end_byte
        before = node.prev_named_sibling
        while before is not None and before.end_byte > test.start_byte:
            if before.type == "if_statement" and _asks(before, ok) and _leaves(before):
                return True
            before = before.prev_named_sibling
        node = node.parent
    return False


def statements(block: Node | None) -> list[Node]:
    """The statements of a block."""
    inner = expressions(block)
    return expressions(inner[0]) if inner and inner[0].type == "statement_list" else inner


def _asks(branch: Node, ok: str) -> bool:
    condition = text_of(branch.child_by_field_name("condition"))
    return re.search(rf"\b{re.escape(ok)}\b", condition) is not None


def _leaves(branch: Node) -> bool:
    inner = statements(branch.child_by_field_name("consequence"))
    return bool(inner) and inner[-1].type in _LEAVES


__all__ = ["EFFECTS", "decides", "statements"]
