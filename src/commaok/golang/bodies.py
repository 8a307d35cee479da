"""What stands between the braces of structs and interfaces, and behind type parameters.

Read when asked for: a struct of a hundred fields costs nothing until one of them is selected. How
to read a type expression is handed in, since that in turn makes these.
"""

from collections.abc import Callable, Sequence

from tree_sitter import Node

from commaok.golang.generics import substitute
from commaok.golang.packages import Unit
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Field, Func, Interface, Method, Pointer, Reason, Type, Unknown

TypeReader = Callable[[Unit, Node | None], Type]
SignatureReader = Callable[[Unit, Node], Func]


class StructFields:
    """The fields of a struct type as written."""

    __slots__ = ("_entries", "_type_at", "_unit", "site")

    def __init__(self, unit: Unit, node: Node, type_at: TypeReader) -> None:
        self._unit = unit
        self._type_at = type_at
        self.site = unit.site(node.start_byte)
        self._entries: list[tuple[str, bool, Node, Node]] = []
        for part in node.named_children:
            for each in part.named_children if part.type == "field_declaration_list" else ():
                kind = each.child_by_field_name("type")
                if each.type != "field_declaration" or kind is None:
                    continue
                names = [name for name in each.children_by_field_name("name") if name.is_named]
                for name in names:
                    self._entries.append((text_of(name), False, each, name))
                if not names:
                    base = _embedded_name(kind)
                    self._entries.append((text_of(base), True, each, base))

    def names(self) -> Sequence[tuple[str, bool]]:
        """Name and embedded or not, in order."""
        return [(name, embedded) for name, embedded, _, _ in self._entries]

    def field(self, index: int) -> Field:
        """The field at an index of ``names``."""
        name, embedded, node, where = self._entries[index]
        found = self._type_at(self._unit, node.child_by_field_name("type"))
        if embedded and any(child.type == "*" for child in node.children):
            found = Pointer(found)
        tag = text_of(node.child_by_field_name("tag"))
        return Field(name, found, embedded, self._unit.site(where.start_byte), tag)


class InterfaceElements:
    """The elements of an interface type as written."""

    __slots__ = ("_methods", "_node", "_signature", "_type_at", "_unit", "site")

    def __init__(
        self, unit: Unit, node: Node, type_at: TypeReader, signature: SignatureReader
    ) -> None:
        self._unit = unit
        self._type_at = type_at
        self._signature = signature
        self._node = node
        self.site = unit.site(node.start_byte)
        self._methods = {
            text_of(each.child_by_field_name("name")): each
            for each in node.named_children
            if each.type == "method_elem"
        }

    def method_names(self) -> Sequence[str]:
        """The methods declared right here."""
        return list(self._methods)

    def method(self, name: str) -> Method | None:
        """The method declared under this name."""
        node = self._methods.get(name)
        if node is None:
            return None
        return Method(name, self._signature(self._unit, node), self._unit.site(node.start_byte))

    def embedded(self) -> Sequence[Type]:
        """The embedded interfaces and single types."""
        return [
            self._type_at(self._unit, each.named_children[0])
            for each in self._node.named_children
            if each.type == "type_elem"
            and len(each.named_children) == 1
            and each.named_children[0].type != "negated_type"
        ]

    def terms(self) -> Sequence[Type] | None:
        """The types of its unions, or None when any type may stand in."""
        # An intersection shares whatever one of its sets shares: the first one will do.
        for each in self._node.named_children:
            if each.type == "type_elem":
                terms = _terms(self._type_at, self._unit, each)
                if terms is not None:
                    return terms
        return None


class WrittenConstraint:
    """The constraint of a type parameter as written."""

    __slots__ = ("_node", "_type_at", "_unit")

    def __init__(self, unit: Unit, node: Node, type_at: TypeReader) -> None:
        self._unit = unit
        self._type_at = type_at
        self._node = node

    def terms(self) -> Sequence[Type] | None:
        """The types of its unions, or None when any type may stand in."""
        return _terms(self._type_at, self._unit, self._node)

    def interface(self) -> Type:
        """The constraint as a type."""
        parts = expressions(self._node)
        if len(parts) == 1 and parts[0].type != "negated_type":
            return self._type_at(self._unit, parts[0])
        return Unknown(Reason.NO_MEMBER)


def _terms(type_at: TypeReader, unit: Unit, node: Node | None) -> list[Type] | None:
    """The types of a union; None when one of its terms allows any type."""
    found: list[Type] = []
    for each in expressions(node):
        if each.type == "negated_type":
            found.append(type_at(unit, next(iter(expressions(each)), None)))
            continue
        term = type_at(unit, each)
        under = term.underlying
        if isinstance(under, Interface):
            inner = under.body.terms()
            if inner is None:
                return None
            found.extend(substitute(one, dict(under.bindings)) for one in inner)
        else:
            # Of an interface that is not here nobody knows which types it allows.
            found.append(under if isinstance(under, Unknown) else term)
    return found


def _embedded_name(kind: Node) -> Node:
    """The type name that an embedded field is called by."""
    while True:
        if kind.type in ("pointer_type", "parenthesized_type"):
            inner = next(iter(expressions(kind)), None)
        elif kind.type == "generic_type":
            inner = kind.child_by_field_name("type")
        elif kind.type == "qualified_type":
            inner = kind.child_by_field_name("name")
        else:
            inner = None
        if inner is None:
            return kind
        kind = inner
