"""Types as they are written down: type expressions, declarations, signatures, bodies."""

from collections.abc import Callable, Sequence
from typing import Final

from tree_sitter import Node

from commaok.golang.bodies import InterfaceElements, StructFields, WrittenConstraint
from commaok.golang.generics import substitute
from commaok.golang.names import (
    Bound,
    Elsewhere,
    Imported,
    Predeclared,
    Referent,
    Undeclared,
    member_of,
    resolve,
    universe,
)
from commaok.golang.packages import Package, Unit
from commaok.golang.scopes import Binding, Declared, TypeName, TypeParameter
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import (
    PREDECLARED,
    Array,
    Basic,
    Chan,
    Direction,
    Func,
    Interface,
    Map,
    Method,
    Named,
    Pointer,
    Reason,
    Site,
    Slice,
    Struct,
    Type,
    TypeParam,
    TypeParamBound,
    Unknown,
)

MAX_NESTING: Final = 60
"""Deeper type expressions are unknown: nobody writes them, and Python's stack is finite."""

_NOWHERE: Final = Site("", 0)
_LISTED: Final = ("parameter_declaration", "variadic_parameter_declaration")


class SourceDeclaration:
    """A type declaration whose source is here."""

    __slots__ = ("_params", "_under", "package", "spec", "unit")

    def __init__(self, unit: Unit, spec: Node, package: Package) -> None:
        self.unit = unit
        self.spec = spec
        self.package = package
        self._params: tuple[TypeParam, ...] | None = None
        self._under: Type | None = None

    @property
    def partial(self) -> bool:
        """Whether it may have members that are not known here."""
        return self.package.partial

    def type_params(self) -> tuple[TypeParam, ...]:
        """Its type parameters."""
        if self._params is None:
            self._params = type_params(self.unit, self.spec)
        return self._params

    def underlying(self, named: Named) -> Type:
        """What the type is made of."""
        if self._under is None:
            self._under = Unknown(Reason.CYCLE, named.name)
            try:
                self._under = self.written().underlying
            except RecursionError:
                self._under = None
                raise
        return substitute(self._under, self.env(named))

    def written(self) -> Type:
        """The type on the right."""
        return type_at(self.unit, self.spec.child_by_field_name("type"))

    def env(self, named: Named) -> dict[TypeParam, Type]:
        """What a named type's arguments stand in for."""
        return dict(zip(self.type_params(), named.args, strict=False)) if named.args else {}

    def method(self, named: Named, name: str) -> Method | None:
        """The method declared under this name."""
        if named.local is not None:
            return None
        found = self.package.method(named.name, name)
        if found is None:
            return None
        unit, node = found
        function = signature(unit, node)
        if named.args:
            receivers = receiver_params(unit)
            env = {receivers[i]: arg for i, arg in enumerate(named.args) if i in receivers}
            filled = substitute(function, env)
            assert isinstance(filled, Func)
            function = filled
        where = node.child_by_field_name("name")
        return Method(name, function, unit.site(where.start_byte if where else node.start_byte))


class AbsentDeclaration:
    """A type declaration whose source is not here."""

    __slots__ = ("_reason",)

    def __init__(self, reason: Reason) -> None:
        self._reason = reason

    partial = True

    def type_params(self) -> tuple[TypeParam, ...]:
        """Its type parameters."""
        return ()

    def underlying(self, named: Named) -> Type:
        """What the type is made of."""
        return Unknown(self._reason, named.qualified)

    def method(self, named: Named, name: str) -> Method | None:
        """The method declared under this name."""
        del named, name
        return None


class _ReceiverConstraint:
    """The constraint of a type parameter that a receiver renames."""

    __slots__ = ("_index", "_unit")

    def __init__(self, unit: Unit, index: int) -> None:
        self._unit = unit
        self._index = index

    def _declared(self) -> tuple[TypeParamBound, dict[TypeParam, Type]] | None:
        base = receiver_type(self._unit)
        if not isinstance(base, Named):
            return None
        params = base.declaration.type_params()
        if self._index >= len(params):
            return None
        return params[self._index].bound, dict(zip(params, base.args, strict=False))

    def terms(self) -> Sequence[Type] | None:
        """The types of its unions, or None when any type may stand in."""
        found = self._declared()
        terms = found[0].terms() if found else None
        return [substitute(term, found[1]) for term in terms] if found and terms else terms

    def interface(self) -> Type:
        """The constraint as a type."""
        found = self._declared()
        return substitute(found[0].interface(), found[1]) if found else Unknown(Reason.NO_MEMBER)


def type_at(unit: Unit, node: Node | None, depth: int = 0) -> Type:
    """The type that a type expression denotes."""
    if node is None:
        return Unknown(Reason.SYNTAX)
    if depth > MAX_NESTING:
        return Unknown(Reason.TOO_DEEP)
    read = _READERS.get(node.type)
    return read(unit, node, depth + 1) if read else Unknown(Reason.SYNTAX, node.type)


def denoted(unit: Unit, referent: Referent, args: tuple[Type, ...] = ()) -> Type | None:
    """The type that a name stands for; None when it is the name of something else."""
    match referent:
        case Bound(home, binding):
            match binding.how:
                case TypeName(spec):
                    return _declared_type(home, binding, spec, args)
                case TypeParameter():
                    return type_param(home, binding)
        case Predeclared(name):
            if name in PREDECLARED:
                return PREDECLARED[name]
            found = universe(unit).lookup(name, tests=False)
            return denoted(unit, Bound(*found)) if found else None
        case _:
            pass
    return None


def universe_type(unit: Unit, name: str) -> Type:
    """``any`` or ``error``."""
    return denoted(unit, Predeclared(name)) or Unknown(Reason.UNDECLARED, name)


def type_param(unit: Unit, binding: Binding) -> Type:
    """The type parameter that a binding declares."""
    known = unit.declared.get(binding.offset)
    if known is None:
        assert isinstance(binding.how, TypeParameter)
        constraint = binding.how.constraint
        bound: TypeParamBound = (
            WrittenConstraint(unit, constraint, type_at)
            if constraint is not None
            else _ReceiverConstraint(unit, binding.how.receiver_index)
        )
        known = TypeParam(binding.name, unit.site(binding.offset), bound)
        unit.declared[binding.offset] = known
    return known


def type_params(unit: Unit, node: Node) -> tuple[TypeParam, ...]:
    """The type parameters that a declaration lists."""
    found: list[TypeParam] = []
    for param in expressions(node.child_by_field_name("type_parameters")):
        for name in param.children_by_field_name("name"):
            binding = unit.scopes.at(text_of(name), name.start_byte) if name.is_named else None
            if binding is None and name.is_named:
                how = TypeParameter(param.child_by_field_name("type"))
                binding = Binding(text_of(name), name.start_byte, 0, 0, -1, how)
            param_type = type_param(unit, binding) if binding else None
            if isinstance(param_type, TypeParam):
                found.append(param_type)
    return tuple(found)


def receiver_params(unit: Unit) -> dict[int, TypeParam]:
    """The type parameters of a method's receiver, by their place."""
    found: dict[int, TypeParam] = {}
    for binding in unit.scopes.local_bindings():
        if isinstance(binding.how, TypeParameter) and binding.how.receiver_index >= 0:
            param = type_param(unit, binding)
            if isinstance(param, TypeParam):
                found[binding.how.receiver_index] = param
    return found


def receiver_type(unit: Unit) -> Type:
    """The type that a method is declared on, without its pointer."""
    for node in (unit.root, *unit.root.named_children):
        receiver = node.child_by_field_name("receiver")
        for param in expressions(receiver):
            found = type_at(unit, param.child_by_field_name("type"))
            return found.element if isinstance(found, Pointer) else found
    return Unknown(Reason.SYNTAX)


def signature(unit: Unit, node: Node) -> Func:
    """The type of a function declaration, method, literal or function type."""
    params, variadic = _parameters(unit, node.child_by_field_name("parameters"))
    result = node.child_by_field_name("result")
    if result is None:
        results: tuple[Type, ...] = ()
    elif result.type == "parameter_list":
        results, _ = _parameters(unit, result)
    else:
        results = (type_at(unit, result),)
    return Func(params, results, variadic, type_params(unit, node))


def variable_type(unit: Unit, how: Declared) -> Type:
    """The type of a variable that is declared with one."""
    found = type_at(unit, how.type)
    return Slice(found) if how.variadic else found


def _parameters(unit: Unit, node: Node | None) -> tuple[tuple[Type, ...], bool]:
    found: list[Type] = []
    variadic = False
    for each in node.named_children if node else ():
        if each.type not in _LISTED:
            continue
        param = type_at(unit, each.child_by_field_name("type"))
        if each.type == "variadic_parameter_declaration":
            param, variadic = Slice(param), True
        names = [name for name in each.children_by_field_name("name") if name.is_named]
        found.extend([param] * max(1, len(names)))
    return tuple(found), variadic


def _declared_type(unit: Unit, binding: Binding, spec: Node, args: tuple[Type, ...]) -> Type:
    generic = spec.child_by_field_name("type_parameters") is not None
    if spec.type == "type_alias":
        return _alias(unit, binding, spec, args if generic else ())
    known = unit.declared.get(binding.offset)
    if known is None:
        package = unit.file.package
        local = unit.site(binding.offset) if binding.scope != 0 else None
        declaration = SourceDeclaration(unit, spec, package)
        known = Named(package.path, binding.name, declaration, (), local)
        unit.declared[binding.offset] = known
    if args and generic and isinstance(known, Named):
        return Named(known.package, known.name, known.declaration, args, known.local)
    return known


def _alias(unit: Unit, binding: Binding, spec: Node, args: tuple[Type, ...]) -> Type:
    target = unit.declared.get(binding.offset)
    if target is None:
        unit.declared[binding.offset] = Unknown(Reason.CYCLE, binding.name)
        try:
            target = type_at(unit, spec.child_by_field_name("type"))
        finally:
            del unit.declared[binding.offset]
        unit.declared[binding.offset] = target
    if not args:
        return target
    return substitute(target, dict(zip(type_params(unit, spec), args, strict=False)))


def absent_type(found: Elsewhere, args: tuple[Type, ...] = ()) -> Type:
    """A type that is known by its import path and name alone."""
    match found:
        case Elsewhere("unsafe", "Pointer", _):
            return Basic("unsafe.Pointer")
        case Elsewhere("C", name, reason):
            return Unknown(reason, name)
        case Elsewhere(package, name, reason):
            return Named(package, name, AbsentDeclaration(reason), args)


def _named(unit: Unit, node: Node, depth: int) -> Type:
    del depth
    return _or_unknown(unit, resolve(unit, text_of(node), node.start_byte), ())


def _qualified(unit: Unit, node: Node, depth: int) -> Type:
    del depth
    return _or_unknown(unit, _qualified_node(unit, node), ())


def _qualified_node(unit: Unit, node: Node) -> Referent:
    package = node.child_by_field_name("package")
    if package is None:
        return Undeclared("")
    found = resolve(unit, text_of(package), package.start_byte)
    name = text_of(node.child_by_field_name("name"))
    if isinstance(found, Imported):
        return member_of(unit.file, found.path, name)
    if isinstance(found, Undeclared):
        return Undeclared(text_of(package), Reason.UNRESOLVED_IMPORT)
    return Undeclared(name)


def _or_unknown(unit: Unit, referent: Referent, args: tuple[Type, ...]) -> Type:
    found = denoted(unit, referent, args)
    if found is not None:
        return found
    match referent:
        case Elsewhere():
            return absent_type(referent, args)
        case Undeclared(name, reason):
            return Unknown(reason, name)
        case _:
            return Unknown(Reason.SYNTAX)


def _generic(unit: Unit, node: Node, depth: int) -> Type:
    base = node.child_by_field_name("type")
    if base is None:
        return Unknown(Reason.SYNTAX)
    args = tuple(
        type_at(unit, unwrapped(arg), depth)
        for arg in expressions(node.child_by_field_name("type_arguments"))
    )
    if base.type == "qualified_type":
        return _or_unknown(unit, _qualified_node(unit, base), args)
    return _or_unknown(unit, resolve(unit, text_of(base), base.start_byte), args)


def unwrapped(node: Node) -> Node:
    """A type argument without the element that the grammar wraps it in."""
    return node.named_children[0] if node.type == "type_elem" and node.named_children else node


def _inner(unit: Unit, node: Node, depth: int) -> Type:
    return type_at(unit, next(iter(expressions(node)), None), depth)


def _chan(unit: Unit, node: Node, depth: int) -> Type:
    tokens = [child.type for child in node.children if not child.is_named]
    direction = Direction.BOTH
    if tokens[:1] == ["<-"]:
        direction = Direction.RECEIVE
    elif "<-" in tokens:
        direction = Direction.SEND
    return Chan(type_at(unit, node.child_by_field_name("value"), depth), direction)


def _interface(unit: Unit, node: Node, depth: int) -> Type:
    del depth
    body = InterfaceElements(unit, node, type_at, signature)
    # All empty interfaces are one type.
    return Interface(body.site if node.named_child_count else _NOWHERE, body)


def _struct(unit: Unit, node: Node, depth: int) -> Type:
    del depth
    body = StructFields(unit, node, type_at)
    return Struct(body.site if body.names() else _NOWHERE, body)


def _element(unit: Unit, node: Node, depth: int) -> Type:
    return type_at(unit, node.child_by_field_name("element"), depth)


_READERS: Final[dict[str, Callable[[Unit, Node, int], Type]]] = {
    "type_identifier": _named,
    "identifier": _named,
    "qualified_type": _qualified,
    "generic_type": _generic,
    "pointer_type": lambda unit, node, depth: Pointer(_inner(unit, node, depth)),
    "parenthesized_type": _inner,
    "type_elem": _inner,
    "map_type": lambda unit, node, depth: Map(
        type_at(unit, node.child_by_field_name("key"), depth),
        type_at(unit, node.child_by_field_name("value"), depth),
    ),
    "slice_type": lambda unit, node, depth: Slice(_element(unit, node, depth)),
    "array_type": lambda unit, node, depth: Array(_element(unit, node, depth)),
    "implicit_length_array_type": lambda unit, node, depth: Array(_element(unit, node, depth)),
    "channel_type": _chan,
    "function_type": lambda unit, node, _: signature(unit, node),
    "interface_type": _interface,
    "struct_type": _struct,
}
