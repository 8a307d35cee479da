"""What the names inside one top-level declaration are bound to.

One query finds every binding construct and every scope of a declaration, and each name gets a list
of bindings with the range of bytes in which it is visible; looking a name up is then a search in
that list. Scopes are those of https://go.dev/ref/spec#Declarations_and_scope.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import Finder, expressions, text_of

_FUNCTIONS: Final = frozenset({"function_declaration", "method_declaration", "func_literal"})
_IDENTIFIERS: Final = frozenset(("identifier", "nil", "true", "false", "iota"))
"""The predeclared names are nodes of their own, and may be declared anew."""

_FINDER: Final = Finder(
    """
    [(function_declaration) (method_declaration) (func_literal) (block) (if_statement)
     (for_statement) (expression_switch_statement) (type_switch_statement) (select_statement)
     (expression_case) (default_case) (type_case) (communication_case)] @scope
    [(short_var_declaration) (var_spec) (const_spec) (range_clause) (receive_statement)
     (type_spec) (type_alias)] @binder
    """
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A variable, parameter or result with its type written down; a variadic one is a slice."""

    type: Node
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class Assigned:
    """A variable that takes the ``index``-th of ``count`` values of an expression."""

    value: Node
    index: int
    count: int


@dataclass(frozen=True, slots=True)
class Ranged:
    """A variable that takes the key (0) or the value (1) of a range."""

    over: Node
    index: int


@dataclass(frozen=True, slots=True)
class Switched:
    """The variable of a type switch, in one clause: its types, and the value switched on."""

    types: tuple[Node, ...]
    value: Node


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant with its type or expression, its own or repeated from the line above."""

    type: Node | None
    value: Node | None


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type declaration or alias."""

    spec: Node


@dataclass(frozen=True, slots=True)
class TypeParameter:
    """A type parameter; a receiver's has no constraint of its own."""

    constraint: Node | None
    receiver_index: int = -1


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method declaration."""

    declaration: Node


@dataclass(frozen=True, slots=True)
class Nothing:
    """A name without a type: a syntax error, or more names than values."""


How = (
    Declared
    | Assigned
    | Ranged
    | Switched
    | Constant
    | TypeName
    | TypeParameter
    | Function
    | Nothing
)


@dataclass(frozen=True, slots=True)
class Binding:
    """A name, where it stands, where it is visible, and how it gets its type."""

    name: str
    offset: int
    visible: int
    end: int
    scope: int
    how: How


class Scopes:
    """The bindings of one top-level declaration; offsets are those of its tree."""

    __slots__ = ("_by_name", "_clauses", "_const", "_opened", "functions", "top")

    def __init__(self, root: Node) -> None:
        self._by_name: dict[str, list[Binding]] = {}
        self._const: tuple[int, Constant] = (-1, Constant(None, None))
        self._clauses: dict[int, tuple[Node, Switched]] = {}
        self._opened = 0
        self.top: dict[str, Binding] = {}
        """What the declaration declares for the package (or its tree is made of)."""
        self.functions: list[Node] = []
        """Every function in it, outermost first."""
        self._read(root)

    def lookup(self, name: str, offset: int) -> Binding | None:
        """The local binding of a name as seen at an offset; the package's are not local."""
        bindings = self._by_name.get(name)
        if bindings is None:
            return None
        last = bisect_right(bindings, offset, key=lambda binding: binding.visible)
        for binding in reversed(bindings[:last]):
            if offset < binding.end:
                return binding
        return None

    def local_bindings(self) -> Iterator[Binding]:
        """Every binding that a function or type declares for itself."""
        for bindings in self._by_name.values():
            yield from bindings

    def at(self, name: str, offset: int) -> Binding | None:
        """The binding whose name stands at an offset."""
        for binding in self._by_name.get(name, ()):
            if binding.offset == offset:
                return binding
        top = self.top.get(name)
        return top if top is not None and top.offset == offset else None

    def _read(self, root: Node) -> None:
        captures = _FINDER.captures(root)
        found = [
            (node.start_byte, -node.end_byte, True, node) for node in captures.get("scope", ())
        ]
        found += [
            (node.start_byte, -node.end_byte, False, node) for node in captures.get("binder", ())
        ]
        found.sort(key=lambda each: each[:2])
        open_scopes: list[tuple[int, int]] = [(0, root.end_byte)]
        bodies: set[int] = set()
        for start, _, is_scope, node in found:
            while len(open_scopes) > 1 and start >= open_scopes[-1][1]:
                open_scopes.pop()
            if not is_scope:
                self._bind(node, *open_scopes[-1])
            elif node.id not in bodies:
                self._opened += 1
                if node.type in _FUNCTIONS:
                    self._function(node, open_scopes[-1], bodies)
                elif node.type == "type_switch_statement":
                    self._type_switch(node)
                elif node.id in self._clauses:
                    alias, how = self._clauses.pop(node.id)
                    self._add(alias, node.start_byte, node.end_byte, self._opened, how)
                open_scopes.append((self._opened, node.end_byte))
        for bindings in self._by_name.values():
            bindings.sort(key=lambda binding: binding.visible)

    def _add(self, node: Node, visible: int, end: int, scope: int, how: How) -> None:
        name = text_of(node)
        if name == "_":
            return
        binding = Binding(name, node.start_byte, visible, end, scope, how)
        if scope == 0:
            self.top.setdefault(name, binding)
        else:
            self._by_name.setdefault(name, []).append(binding)

    def _function(self, node: Node, outer: tuple[int, int], bodies: set[int]) -> None:
        """A function's parameters share the scope of its body's own declarations."""
        self.functions.append(node)
        scope, end = self._opened, node.end_byte
        body = node.child_by_field_name("body")
        visible = body.start_byte if body else end
        if body:
            bodies.add(body.id)
        name = node.child_by_field_name("name")
        if name is not None:
            self._add(name, name.start_byte, outer[1], outer[0], Function(node))
        receiver = node.child_by_field_name("receiver")
        for index, arg in enumerate(_receiver_args(receiver)):
            self._add(arg, node.start_byte, end, scope, TypeParameter(None, index))
        self._type_params(node, node.start_byte, end, scope)
        for part in (receiver, node.child_by_field_name("parameters")):
            self._parameters(part, visible, end, scope)
        result = node.child_by_field_name("result")
        if result is not None and result.type == "parameter_list":
            self._parameters(result, visible, end, scope)

    def _parameters(self, part: Node | None, visible: int, end: int, scope: int) -> None:
        for each in part.named_children if part else ():
            kind = each.child_by_field_name("type")
            if kind is None:
                continue
            how = Declared(kind, each.type == "variadic_parameter_declaration")
            for name in each.children_by_field_name("name"):
                if name.is_named:
                    self._add(name, visible, end, scope, how)

    def _type_params(self, node: Node, visible: int, end: int, scope: int) -> None:
        for param in expressions(node.child_by_field_name("type_parameters")):
            how = TypeParameter(param.child_by_field_name("type"))
            for name in param.children_by_field_name("name"):
                if name.is_named:
                    self._add(name, visible, end, scope, how)

    def _type_switch(self, node: Node) -> None:
        alias = expressions(node.child_by_field_name("alias"))
        value = node.child_by_field_name("value")
        if len(alias) != 1 or value is None:
            return
        for clause in node.named_children:
            if clause.type in ("type_case", "default_case"):
                types = [each for each in clause.children_by_field_name("type") if each.is_named]
                # Every clause declares a variable of its own; all are written in one place.
                self._clauses[clause.id] = (alias[0], Switched(tuple(types), value))

    def _bind(self, node: Node, scope: int, end: int) -> None:
        match node.type:
            case "short_var_declaration":
                left = expressions(node.child_by_field_name("left"))
                right = expressions(node.child_by_field_name("right"))
                known = {
                    each.name
                    for name in left
                    for each in self._by_name.get(text_of(name), ())
                    if each.scope == scope
                }
                for name, how in zip(left, _assigned(right, len(left)), strict=False):
                    if name.type in _IDENTIFIERS and text_of(name) not in known:
                        self._add(name, node.end_byte, end, scope or -1, how)
            case "var_spec":
                self._var(node, scope, end)
            case "const_spec":
                self._constant(node, scope, end)
            case "range_clause" | "receive_statement":
                self._range_or_receive(node, scope, end)
            case _:
                name_node = node.child_by_field_name("name")
                if name_node is not None:
                    self._add(name_node, name_node.start_byte, end, scope, TypeName(node))
                    self._opened += 1
                    self._type_params(node, node.start_byte, node.end_byte, self._opened)

    def _var(self, node: Node, scope: int, end: int) -> None:
        names = [each for each in node.children_by_field_name("name") if each.is_named]
        kind = node.child_by_field_name("type")
        values = _assigned(expressions(node.child_by_field_name("value")), len(names))
        for index, name in enumerate(names):
            how: How = Declared(kind) if kind else values[index]
            self._add(name, node.end_byte, end, scope, how)

    def _constant(self, node: Node, scope: int, end: int) -> None:
        names = [each for each in node.children_by_field_name("name") if each.is_named]
        kind = node.child_by_field_name("type")
        values = expressions(node.child_by_field_name("value"))
        group = node.parent.id if node.parent else 0
        if values or self._const[0] != group:
            self._const = (group, Constant(kind, node.child_by_field_name("value")))
        repeated = self._const[1]
        repeated_values = expressions(repeated.value)
        for index, name in enumerate(names):
            value = repeated_values[index] if index < len(repeated_values) else None
            self._add(name, node.end_byte, end, scope, Constant(repeated.type, value))

    def _range_or_receive(self, node: Node, scope: int, end: int) -> None:
        left = node.child_by_field_name("left")
        right = node.child_by_field_name("right")
        if left is None or right is None or not any(each.type == ":=" for each in node.children):
            return
        names = expressions(left)
        for index, name in enumerate(names):
            if name.type not in _IDENTIFIERS:
                continue
            if node.type == "range_clause":
                how: How = Ranged(right, index) if index < 2 else Nothing()
            else:
                how = Assigned(right, index, len(names))
            self._add(name, node.end_byte, end, scope or -1, how)


def _assigned(values: Sequence[Node], count: int) -> list[How]:
    """How ``count`` names share the values on the right."""
    if len(values) == count:
        return [Assigned(value, 0, 1) for value in values]
    if len(values) == 1:
        return [Assigned(values[0], index, count) for index in range(count)]
    return [Nothing()] * count


def _receiver_args(receiver: Node | None) -> Iterator[Node]:
    """The type parameters that a receiver names: K and V of ``(l *List[K, V])``."""
    for param in receiver.named_children if receiver else ():
        kind = param.child_by_field_name("type")
        while kind is not None and kind.type in ("pointer_type", "parenthesized_type"):
            kind = next(iter(expressions(kind)), None)
        if kind is None or kind.type != "generic_type":
            continue
        for elem in expressions(kind.child_by_field_name("type_arguments")):
            name = elem.named_children[0] if elem.type == "type_elem" else elem
            if name.type == "type_identifier":
                yield name
