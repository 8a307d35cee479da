"""The order in which the statements of a Go function run, with what is known on each way.

A ``Flow`` carries a set of facts from statement to statement, one fact a way of getting there.
Where ways meet, the sets are united; an empty set means that nothing gets there. Loops run twice,
which is enough for facts that a first round can only replace. ``goto`` ends its way.
"""

import re
from collections.abc import Hashable, Iterator
from typing import Final, Generic, TypeVar

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of

Fact = TypeVar("Fact", bound=Hashable)

_ENDS: Final = re.compile(
    r"(?:panic|os\.Exit|runtime\.Goexit|\w*\.?(?:Fatal(?:f|ln)?|Panic(?:f|ln)?))\("
)
_LOOPS_AND_SWITCHES: Final = frozenset(
    ("for_statement", "expression_switch_statement", "type_switch_statement", "select_statement")
)
_CASES: Final = frozenset(("expression_case", "type_case", "default_case", "communication_case"))
MAX_WAYS: Final = 16
"""Functions that can be reached in more different ways than this are not followed further."""


class Flow(Generic[Fact]):
    """Follow the statements of a function; subclasses say what a statement changes."""

    def __init__(self) -> None:
        self._leaving: list[tuple[str, str, set[Fact]]] = []

    def plain(self, node: Node, facts: frozenset[Fact]) -> frozenset[Fact]:
        """After a statement or expression that holds no statement, function literals aside."""
        raise NotImplementedError

    def when(self, condition: Node, facts: frozenset[Fact], *, holds: bool) -> frozenset[Fact]:
        """What stays possible when a condition holds, or does not."""
        return facts

    def ranged(self, clause: Node, facts: frozenset[Fact]) -> frozenset[Fact]:
        """At the start of a round of a ``for … range``."""
        return facts

    def body(self, function: Node, facts: frozenset[Fact]) -> frozenset[Fact]:
        """Follow a function's body, or a literal's; what is known where it ends by itself."""
        block = function.child_by_field_name("body")
        outer, self._leaving = self._leaving, []
        try:
            return self._statement(block, facts) if block is not None else facts
        except RecursionError:
            return frozenset()
        finally:
            self._leaving = outer

    def _statement(self, node: Node, facts: frozenset[Fact], label: str = "") -> frozenset[Fact]:
        if not facts or len(facts) > MAX_WAYS:
            return frozenset()
        kind = node.type
        if kind in ("block", "statement_list"):
            for child in expressions(node):
                facts = self._statement(child, facts)
            return facts
        if kind == "if_statement":
            return self._if(node, facts)
        if kind in _LOOPS_AND_SWITCHES:
            self._leaving.append((label, kind, set()))
            after = self._loop(node, facts) if kind == "for_statement" else self._cases(node, facts)
            return after | frozenset(self._leaving.pop()[2])
        if kind == "labeled_statement":
            inner = expressions(node)
            return self._statement(inner[-1], facts, text_of(inner[0])) if inner[1:] else facts
        if kind in ("return_statement", "goto_statement"):
            self.plain(node, facts)
            return frozenset()
        if kind in ("break_statement", "continue_statement"):
            self._leave(text_of(next(iter(expressions(node)), None)), facts, kind)
            return frozenset()
        facts = self.plain(node, facts)
        ends = kind == "expression_statement" and _ENDS.match(text_of(node))
        return frozenset() if ends else facts

    def _leave(self, label: str, facts: frozenset[Fact], kind: str) -> None:
        """Carry facts to the end of the statement that is left, or of the loop that goes on."""
        for name, left, leaving in reversed(self._leaving):
            goes_on = kind == "continue_statement" and left != "for_statement"
            if name == label if label else not goes_on:
                leaving.update(facts)
                return

    def _if(self, node: Node, facts: frozenset[Fact]) -> frozenset[Fact]:
        first = node.child_by_field_name("initializer")
        if first is not None:
            facts = self.plain(first, facts)
        condition = node.child_by_field_name("condition")
        then, other = facts, facts
        if condition is not None:
            facts = self.plain(condition, facts)
            then = self.when(condition, facts, holds=True)
            other = self.when(condition, facts, holds=False)
        consequence = node.child_by_field_name("consequence")
        alternative = node.child_by_field_name("alternative")
        if consequence is not None:
            then = self._statement(consequence, then)
        return then | (self._statement(alternative, other) if alternative is not None else other)

    def _loop(self, node: Node, facts: frozenset[Fact]) -> frozenset[Fact]:
        block = node.child_by_field_name("body")
        heads = [child for child in expressions(node) if block is None or child.id != block.id]
        head = heads[0] if heads else None
        condition, update = head, None
        if head is not None and head.type == "for_clause":
            first = head.child_by_field_name("initializer")
            facts = self.plain(first, facts) if first is not None else facts
            condition = head.child_by_field_name("condition")
            update = head.child_by_field_name("update")
        elif head is not None and head.type == "range_clause":
            facts = self.plain(head, facts)
            condition = None
        for _ in range(2):
            start = facts
            if head is not None and head.type == "range_clause":
                start = self.ranged(head, facts)
            elif condition is not None:
                start = self.when(condition, self.plain(condition, facts), holds=True)
            end = self._statement(block, start) if block is not None else start
            facts |= self.plain(update, end) if update is not None and end else end
        if head is None or (head.type == "for_clause" and condition is None):
            return frozenset()
        return self.when(condition, facts, holds=False) if condition is not None else facts

    def _cases(self, node: Node, facts: frozenset[Fact]) -> frozenset[Fact]:
        cases = [child for child in expressions(node) if child.type in _CASES]
        for child in expressions(node):
            if child.type not in _CASES:
                facts = self.plain(child, facts)
        if not cases:
            return facts
        after: frozenset[Fact] = frozenset()
        falling: frozenset[Fact] = frozenset()
        for case in cases:
            now = facts | falling
            falling = frozenset()
            for child in expressions(case):
                if child.type == "statement_list":
                    now = self._statement(child, now)
                    last = expressions(child)[-1:]
                    if last and last[0].type == "fallthrough_statement":
                        falling, now = now, frozenset()
                else:
                    now = self.plain(child, now)
            after |= now
        waits = node.type == "select_statement"
        if waits or any(case.type == "default_case" for case in cases):
            return after
        return after | facts


def inner_literals(node: Node) -> Iterator[Node]:
    """The outermost function literals in a statement or expression, in source order."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if found.type == "func_literal":
            yield found
        else:
            waiting.extend(reversed(found.named_children))


__all__ = ["Fact", "Flow", "inner_literals"]
