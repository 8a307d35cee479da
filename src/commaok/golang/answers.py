"""What a rule may ask about a file: types, what names refer to, what calls call."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple, TypeVar

from tree_sitter import Node

from commaok.golang.declared import unwrapped
from commaok.golang.denote import denotes, referent_of, selector_parts
from commaok.golang.infer import member_at, type_of, value_of
from commaok.golang.members import Member, MemberKind, find_member
from commaok.golang.names import Bound, Elsewhere, Imported, Predeclared, Referent, Undeclared
from commaok.golang.packages import PackageFile, Program, Unit
from commaok.golang.scopes import Binding, Constant, Function, TypeName, TypeParameter
from commaok.golang.syntax import Finder, expressions, text_of
from commaok.golang.types import Func, Pointer, Reason, Site, Struct, Type, Unknown

_INDEXES: Final = Finder(
    """
    (index_expression) @index
    (type_conversion_expression type: (generic_type) @index)
    (call_expression type_arguments: (type_arguments)) @index
    """
)
_IDENTIFIERS: Final = frozenset(
    ("identifier", "type_identifier", "package_identifier", "true", "false", "nil", "iota")
)
_Answer = TypeVar("_Answer")


class ObjectKind(Enum):
    """What a name can be the name of."""

    VARIABLE = "variable"
    FIELD = "field"
    CONSTANT = "constant"
    FUNCTION = "function"
    METHOD = "method"
    TYPE = "type"
    TYPE_PARAMETER = "type parameter"
    PACKAGE = "package"
    PREDECLARED = "predeclared"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Object:
    """What a name refers to. Two names with equal objects are one variable, field or function.

    ``package`` is the import path that declares it; ``owner`` is, for fields and methods, the
    qualified name of the type that has it. ``site`` is None where the source is absent.
    """

    kind: ObjectKind = field(compare=False)
    name: str
    package: str
    owner: str = ""
    site: Site | None = None
    is_local: bool = field(default=False, compare=False)

    @property
    def qualified(self) -> str:
        """``k8s.io/api/core/v1.ConfigMap.Data`` for a field, ``path.Name`` for the rest."""
        home = self.owner or self.package
        return f"{home}.{self.name}" if home else self.name


class Callee(NamedTuple):
    """The function or method that a call names; ``receiver`` is a type's name, without package."""

    package: str
    receiver: str
    name: str

    def __str__(self) -> str:
        return ".".join(part for part in self if part)


class Index(NamedTuple):
    """``operand[key]`` with a value in front, however the grammar read it.

    ``node`` spans operand and brackets, or the whole call where the grammar has no such node.
    """

    node: Node
    operand: Node
    key: Node


class Types:
    """The answers for one file. Nodes must be of this file's tree (``file.source.root``)."""

    def __init__(self, file: PackageFile) -> None:
        self.file = file

    def of(self, node: Node) -> Type:
        """The type of an expression, or the type that it denotes.

        A ``Tuple`` for a call with no result or several; an untyped ``Basic`` where the context
        decides; ``Unknown`` with a reason where the reader is not sure.
        """
        try:
            return type_of(self._unit(node), node)
        except RecursionError:
            return Unknown(Reason.TOO_DEEP)

    def is_type(self, node: Node) -> bool:
        """Whether an expression denotes a type."""
        return self._guarded(lambda: denotes(self._unit(node), node) is not None, default=False)

    def object(self, node: Node) -> Object | None:
        """What a name or selector refers to: used, declared, or the key of a struct literal."""
        return self._guarded(lambda: self._object(node), None)

    def callee(self, call: Node) -> Callee | None:
        """What a call calls by name; None for conversions and for functions kept in variables."""
        return self._guarded(lambda: self._callee(call), None)

    def enclosing_function(self, node: Node) -> Node | None:
        """The innermost function declaration, method or literal around a node."""
        inside = [
            function
            for function in self._unit(node).scopes.functions
            if function.start_byte <= node.start_byte
            and node.end_byte <= function.end_byte
            and function.id != node.id
        ]
        return inside[-1] if inside else None

    def indexes(self, root: Node | None = None) -> Iterator[Index]:
        """Every index expression under ``root`` whose operand is a value, in no order.

        The grammar takes ``handlers[k](x)`` for a conversion to a generic type; it is one of these.
        """
        for node in _INDEXES.captures(root or self.file.source.root).get("index", ()):
            found = _index(node)
            if found is None or self.is_type(found.operand):
                continue
            operand = self.of(found.operand)
            if not (isinstance(operand, Func) and operand.type_params):
                yield found

    def _unit(self, node: Node) -> Unit:
        return self.file.unit_of(node)

    def _guarded(self, answer: Callable[[], _Answer], default: _Answer) -> _Answer:
        try:
            return answer()
        except RecursionError:
            return default

    def _object(self, node: Node) -> Object | None:
        unit = self._unit(node)
        parent = node.parent
        if node.type == "field_identifier" and parent is not None:
            if parent.type in ("selector_expression", "qualified_type"):
                node = parent
            elif parent.type in ("field_declaration", "method_elem", "method_declaration"):
                kind = ObjectKind.FIELD if parent.type == "field_declaration" else ObjectKind.METHOD
                path = self.file.package.path
                owner = _declared_owner(parent)
                owner = f"{path}.{owner}" if owner else ""
                return Object(kind, text_of(node), path, owner, unit.site(node.start_byte))
        if node.type in _IDENTIFIERS:
            declared = unit.scopes.at(text_of(node), node.start_byte)
            if declared is not None:
                return _of_binding(unit, declared)
            key = _struct_key(unit, node)
            if key is not None:
                return _of_member(key)
        elif node.type not in ("selector_expression", "qualified_type"):
            return None
        found = referent_of(unit, node)
        if isinstance(found, Undeclared) and node.type not in _IDENTIFIERS:
            member = member_at(unit, node)
            return _of_member(member) if member is not None else None
        return _of_referent(found)

    def _callee(self, call: Node) -> Callee | None:
        unit = self._unit(call)
        function = call.child_by_field_name("function") or call.child_by_field_name("type")
        while function is not None and function.type in (
            "parenthesized_expression",
            "index_expression",
            "generic_type",
            "type_instantiation_expression",
        ):
            function = (
                function.child_by_field_name("operand")
                or function.child_by_field_name("type")
                or next(iter(expressions(function)), None)
            )
        if function is None or denotes(unit, function) is not None:
            return None
        found = referent_of(unit, function)
        match found:
            case Bound(home, binding) if isinstance(binding.how, Function):
                return Callee(home.file.package.path, "", binding.name)
            case Elsewhere(package, name, _):
                return Callee(package, "", name)
            case Predeclared(name):
                return Callee("builtin", "", name)
            case _:
                pass
        operand, name = selector_parts(function)
        if operand is None or function.type in _IDENTIFIERS:
            return None
        receiver = denotes(unit, operand) or value_of(unit, operand)
        member = find_member(receiver, name)
        if member.kind is MemberKind.FIELD or not member.owner:
            return None
        package, _, type_name = member.owner.rpartition(".")
        return Callee(package, type_name, name)


def open_types(program: Program, path: str | os.PathLike[str]) -> Types:
    """Open a Go file for questions; raises ``UnreadableSource``."""
    return Types(program.file(path))


def _index(node: Node) -> Index | None:
    if node.type == "index_expression":
        operand = node.child_by_field_name("operand")
        index = node.child_by_field_name("index")
        return Index(node, operand, index) if operand is not None and index is not None else None
    operand = node.child_by_field_name("function") or node.child_by_field_name("type")
    args = expressions(node.child_by_field_name("type_arguments"))
    return (
        Index(node, operand, unwrapped(args[0])) if operand is not None and len(args) == 1 else None
    )


def _struct_key(unit: Unit, node: Node) -> Member | None:
    """The field that ``name:`` sets in a composite literal of a struct."""
    element = node.parent
    keyed = element.parent if element is not None else None
    if element is None or keyed is None or keyed.type != "keyed_element":
        return None
    key = keyed.child_by_field_name("key")
    body = keyed.parent
    if key is None or key.id != element.id or body is None:
        return None
    around = type_of(unit, body)
    struct = around.element if isinstance(around, Pointer) else around
    if isinstance(struct.underlying, Struct):
        return find_member(struct, text_of(node))
    return None


def _declared_owner(declaration: Node) -> str:
    """The type that a method or a field is declared on; "" inside a type without a name."""
    if declaration.type == "method_declaration":
        kind = declaration.child_by_field_name("receiver")
        kind = next(iter(expressions(kind)), None)
        kind = kind.child_by_field_name("type") if kind is not None else None
        while kind is not None and kind.type in (
            "pointer_type",
            "parenthesized_type",
            "generic_type",
        ):
            kind = kind.child_by_field_name("type") or next(iter(expressions(kind)), None)
        return text_of(kind)
    body = declaration.parent
    spec = body.parent if body is not None else None
    if spec is not None and spec.type == "struct_type":
        spec = spec.parent
    if spec is None or spec.type != "type_spec":
        return ""
    return text_of(spec.child_by_field_name("name"))


def _of_member(member: Member) -> Object:
    kinds = {
        MemberKind.FIELD: ObjectKind.FIELD,
        MemberKind.METHOD: ObjectKind.METHOD,
        MemberKind.UNKNOWN: ObjectKind.UNKNOWN,
    }
    package = member.owner.rpartition(".")[0]
    return Object(kinds[member.kind], member.name, package, member.owner, member.site)


def _of_binding(unit: Unit, binding: Binding) -> Object:
    match binding.how:
        case Constant():
            kind = ObjectKind.CONSTANT
        case Function():
            kind = ObjectKind.FUNCTION
        case TypeName():
            kind = ObjectKind.TYPE
        case TypeParameter():
            kind = ObjectKind.TYPE_PARAMETER
        case _:
            kind = ObjectKind.VARIABLE
    package = unit.file.package.path
    site = unit.site(binding.offset)
    return Object(kind, binding.name, package, "", site, is_local=binding.scope != 0)


def _of_referent(found: Referent) -> Object | None:
    match found:
        case Bound(unit, binding):
            return _of_binding(unit, binding)
        case Imported(path):
            return Object(ObjectKind.PACKAGE, path.rpartition("/")[2], path)
        case Predeclared(name):
            return Object(ObjectKind.PREDECLARED, name, "builtin")
        case Elsewhere(package, name, _):
            return Object(ObjectKind.UNKNOWN, name, package)
        case Undeclared():
            return None
