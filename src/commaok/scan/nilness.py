"""Where a map may still be nil: the ways through a function, for one variable or field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.scan.flow import Flow, inner_literals

_HARMLESS: Final = re.compile(r"(?i)(?:klog|logrus|log|logger|fmt|glog|errors|len|string)\b")
_PATH: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\Z")
_BINDERS: Final = frozenset(("short_var_declaration", "assignment_statement"))


class Origin(Enum):
    """Where a nil map may come from."""

    MADE = "not nil, as far as is known"
    DECLARED = "declared without a value"
    RESULT = "a named result starts nil"
    ASSIGNED = "nil is assigned"
    LITERAL = "the struct is built without it"
    CALL = "a call may return nil"
    FETCHED = "the object was fetched"
    WRITTEN = "an earlier write would have panicked"
    OUTSIDE = "nobody here knows"
    """At the start: a parameter, a receiver's field."""


@dataclass(frozen=True, slots=True)
class Nilness:
    """One way of being nil, or ``MADE``; ``node`` is where it comes from."""

    origin: Origin
    node: Node | None = None


MADE: Final = Nilness(Origin.MADE)
_WRITTEN: Final = Nilness(Origin.WRITTEN)
_Facts = frozenset[Nilness]


def path_of(node: Node) -> str:
    """``a.b.c`` for a chain of names, else an empty string."""
    text = "".join(text_of(node).split())
    return text if _PATH.match(text) else ""


class NilFlow(Flow[Nilness]):
    """Follows one path (``m``, ``pod.Annotations``) through a function.

    ``writes`` gets, for each statement that writes to the map, what was known before it.
    """

    def __init__(self, path: str, function: Node) -> None:
        super().__init__()
        self.path = path
        self.root, _, self.rest = path.partition(".")
        prefixes = [path]
        while "." in prefixes[-1]:
            prefixes.append(prefixes[-1].rpartition(".")[0])
        self._prefixes = frozenset(prefixes)
        self.writes: dict[Node, _Facts] = {}
        self._witnesses: set[str] = set()
        self._assigned = _assigns(path).search(text_of(function)) is not None
        self.declared: dict[int, Node] = {}

    def plain(self, node: Node, facts: _Facts) -> _Facts:
        """What a statement makes of the map."""
        if not facts:
            return facts
        text = text_of(node)
        if self.root not in text:
            return facts
        facts = self._inside(node, text, facts)
        match node.type:
            case "var_declaration":
                for spec in _specs(node):
                    facts = self._declared(spec, facts)
            case "short_var_declaration" | "assignment_statement":
                facts = self._assignment(node, facts)
            case "inc_statement":
                facts = self._written(next(iter(expressions(node)), None), node, facts)
            case "dec_statement":
                facts = self._written(next(iter(expressions(node)), None), node, facts)
            case "range_clause":
                facts = self._range(node, facts)
            case _:
                pass
        return facts

    def when(self, condition: Node, facts: _Facts, *, holds: bool) -> _Facts:
        """A map that was compared, measured or found something in is not nil."""
        if condition.type == "parenthesized_expression":
            return self.when(expressions(condition)[0], facts, holds=holds)
        if condition.type == "unary_expression" and text_of(condition).startswith("!"):
            inner = condition.child_by_field_name("operand")
            return self.when(inner, facts, holds=not holds) if inner is not None else facts
        left, right = (condition.child_by_field_name(side) for side in ("left", "right"))
        operator = text_of(condition.child_by_field_name("operator"))
        if left is not None and right is not None and operator in ("&&", "||"):
            if (operator == "&&") == holds:
                return self.when(right, self.when(left, facts, holds=holds), holds=holds)
            return self.when(left, facts, holds=holds) | self.when(right, facts, holds=holds)
        if left is not None and right is not None:
            return self._compared(path_of(left), text_of(left), operator, right, facts, holds)
        return self._seen(condition, facts, holds)

    def ranged(self, clause: Node, facts: _Facts) -> _Facts:
        """What is ranged over and yields something is not nil."""
        over = clause.child_by_field_name("right")
        return _made(facts) if over is not None and path_of(over) == self.path else facts

    def _compared(
        self, path: str, text: str, operator: str, right: Node, facts: _Facts, holds: bool
    ) -> _Facts:
        if path == self.path and right.type == "nil":
            is_nil = (operator == "==") == holds
            nil = frozenset(fact for fact in facts if fact.node is not None)
            return nil if is_nil else _made(facts)
        if "".join(text.split()) == f"len({self.path})":
            empty = operator in ("==", "<", "<=") and text_of(right) in ("0", "1")
            return facts if empty == holds else _made(facts)
        if right.type == "nil" and path in self._prefixes:
            return facts
        return self._mentioned(text + text_of(right), facts, holds == (operator != "=="))

    def _seen(self, condition: Node, facts: _Facts, holds: bool) -> _Facts:
        return self._mentioned(text_of(condition), facts, holds)

    def _mentioned(self, text: str, facts: _Facts, found: bool) -> _Facts:
        """A condition on what a look into the map gave: when it was found, there is a map."""
        words = set(re.findall(r"\w+", text))
        if found and (self._witnesses & words or f"{self.path}[" in text):
            return _made(facts)
        return facts

    def _inside(self, node: Node, text: str, facts: _Facts) -> _Facts:
        """Literals and calls within a statement, and addresses taken."""
        for literal in inner_literals(node):
            before = facts if not self._assigned else frozenset((MADE,))
            self.body(literal, before)
            if _assigns(self.path).search(text_of(literal)):
                facts = frozenset((MADE,))
        if f"&{self.path}" in text.replace(" ", ""):
            return frozenset((MADE,))
        if self.rest and "(" in text and _handed(self._prefixes - {self.path}, text):
            fetched = _fetch(node, self.root)
            return frozenset((MADE, Nilness(Origin.FETCHED, fetched))) if fetched else _made(facts)
        return facts

    def _declared(self, spec: Node, facts: _Facts) -> _Facts:
        names = [text_of(name) for name in spec.children_by_field_name("name")]
        if self.root not in names:
            return facts
        value = spec.child_by_field_name("value")
        if value is not None:
            values = expressions(value)
            position = names.index(self.root)
            return self._valued(values[position] if len(values) == len(names) else None, value)
        kind = spec.child_by_field_name("type")
        if kind is None or kind.type in ("pointer_type", "interface_type"):
            return frozenset((MADE,))
        origin = Origin.LITERAL if self.rest else Origin.DECLARED
        return frozenset((Nilness(origin, spec),))

    def _assignment(self, node: Node, facts: _Facts) -> _Facts:
        left, right = (expressions(node.child_by_field_name(side)) for side in ("left", "right"))
        value = node.child_by_field_name("right")
        for target in left:
            if target.type == "index_expression":
                facts = self._written(target, node, facts)
        if value is not None and f"{self.path}[" in text_of(value).replace(" ", ""):
            self._witnesses.update(text_of(each) for each in left if each.type == "identifier")
        for number, target in enumerate(left):
            path = path_of(target)
            given = right[number] if len(right) == len(left) else None
            if path == self.path:
                facts = self._valued(given, value) if not self.rest else _field(given, value)
            elif path == self.root:
                facts = self._valued(given, value)
            elif path in self._prefixes:
                facts = frozenset((MADE,))
        return facts

    def _valued(self, given: Node | None, value: Node | None) -> _Facts:
        """What the path is after its root got a value (or one of several of ``value``)."""
        if not self.rest:
            return _field(given, value)
        if given is not None and given.type == "unary_expression":
            inner = given.child_by_field_name("operand")
            given = inner if text_of(given).startswith("&") else given
        if given is not None and given.type == "composite_literal":
            return _built(given, self.rest)
        if given is not None and re.match(r"new\(\w[\w.]*\)\Z", text_of(given)):
            return frozenset((Nilness(Origin.LITERAL, given),))
        source = given if given is not None else value
        if source is not None and re.search(r"\.(?:DeepCopy|Get)\(", text_of(source)):
            return frozenset((MADE, Nilness(Origin.FETCHED, source)))
        return frozenset((MADE,))

    def _range(self, clause: Node, facts: _Facts) -> _Facts:
        names = [text_of(name) for name in expressions(clause.child_by_field_name("left"))]
        if self.root not in names:
            return facts
        over = clause.child_by_field_name("right")
        if self.rest and over is not None and text_of(over).endswith(".Items"):
            return frozenset((MADE, Nilness(Origin.FETCHED, over)))
        return frozenset((MADE,))

    def _written(self, target: Node | None, statement: Node, facts: _Facts) -> _Facts:
        if target is None or target.type != "index_expression":
            return facts
        operand = target.child_by_field_name("operand")
        if operand is None or path_of(operand) != self.path:
            return facts
        self.writes[target] = self.writes.get(target, frozenset()) | facts
        return frozenset((_WRITTEN,))


def _made(facts: _Facts) -> _Facts:
    return frozenset((MADE,)) if facts else facts


def _field(given: Node | None, value: Node | None) -> _Facts:
    """What a map is after it got a value."""
    if given is not None and given.type == "nil":
        return frozenset((Nilness(Origin.ASSIGNED, given),))
    source = given if given is not None else value
    if source is not None and source.type == "expression_list":
        source = next(iter(expressions(source)), None)
    if source is not None and source.type == "call_expression":
        made = text_of(source).startswith(("make(", "new("))
        if not made:
            return frozenset((MADE, Nilness(Origin.CALL, source)))
    return frozenset((MADE,))


def _built(literal: Node, rest: str) -> _Facts:
    """A path into a struct that is built here: nil when the literal does not fill it."""
    elements = expressions(literal.child_by_field_name("body"))
    keys = [element.child_by_field_name("key") for element in elements]
    if None in keys:
        return frozenset((MADE,))
    names = {text_of(key) for key in keys}
    if not elements or ("." not in rest and rest not in names):
        return frozenset((Nilness(Origin.LITERAL, literal),))
    return frozenset((MADE,))


def _fetch(node: Node, root: str) -> Node | None:
    """``c.Get(ctx, key, obj)`` fills ``obj`` with what the server has."""
    if re.search(rf"\.Get\([^()]*(?:\([^()]*\))?[^()]*,\s*&?{root}\)", text_of(node)):
        return node
    return None


def _handed(prefixes: frozenset[str], text: str) -> bool:
    """Whether something that leads to the map is handed to a call that may fill it."""
    for prefix in prefixes:
        for found in _handing(prefix).finditer(text):
            called = text[: found.start() + 1].rpartition("(")[0]
            name = re.search(r"[\w.]+\Z", called)
            if found[0][0] not in "(,&" or name is None or not _HARMLESS.match(name[0]):
                return True
    return False


@lru_cache(maxsize=512)
def _handing(prefix: str) -> re.Pattern[str]:
    name = re.escape(prefix)
    return re.compile(rf"[(,&]\s*&?{name}\s*[,)]|&{name}\b|(?<![\w.]){name}\.\w+\(")


@lru_cache(maxsize=512)
def _assigns(path: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(path)}\s*(?:,[^=\n{{}}]*)?(?::=|=(?!=))")


def _specs(node: Node) -> Iterator[Node]:
    for child in expressions(node):
        if child.type == "var_spec":
            yield child
        elif child.type == "var_spec_list":
            yield from _specs(child)


__all__ = ["MADE", "NilFlow", "Nilness", "Origin", "path_of"]
