"""The types of expressions, found when asked for and kept with the tree they stand in.

Python's stack bounds how deep an expression may be nested: a ``RecursionError`` from here means
"nested too deeply", and nothing half done is kept.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from tree_sitter import Node

from commaok.golang.declared import (
    denoted,
    signature,
    type_at,
    universe_type,
    unwrapped,
    variable_type,
)
from commaok.golang.denote import (
    NAMES,
    TYPE_NODES,
    denoted_type,
    denotes,
    indexed_parts,
    referent_of,
    selector_parts,
    type_argument,
)
from commaok.golang.generics import core_type, inferred, instantiated
from commaok.golang.members import Member, find_member
from commaok.golang.names import (
    Bound,
    Elsewhere,
    Imported,
    Predeclared,
    Referent,
    Undeclared,
    resolve,
)
from commaok.golang.operations import (
    builtin_result,
    combined,
    comma_ok,
    element_of,
    iterated,
    pointed_at,
    received,
    sliced,
    unsafe_result,
)
from commaok.golang.packages import Unit
from commaok.golang.scopes import Assigned, Constant, Declared, Function, Ranged, Switched
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import (
    UNTYPED_BOOL,
    UNTYPED_COMPLEX,
    UNTYPED_FLOAT,
    UNTYPED_INT,
    UNTYPED_NIL,
    UNTYPED_RUNE,
    UNTYPED_STRING,
    Array,
    Chan,
    Direction,
    Func,
    Map,
    Pointer,
    Reason,
    Slice,
    Tuple,
    Type,
    Unknown,
    components,
    default_type,
    single,
)


def type_of(unit: Unit, node: Node) -> Type:
    """The type of an expression; a ``Tuple`` for a call with no result or several.

    Of an expression that denotes a type, it is that type.
    """
    known = unit.types.get(node.id)
    if known is None:
        read = _READERS.get(node.type)
        known = read(unit, node) if read else Unknown(Reason.SYNTAX, node.type)
        unit.types[node.id] = known
    return known


def value_of(unit: Unit, node: Node | None) -> Type:
    """The type of an expression where one value is wanted."""
    return single(type_of(unit, node)) if node is not None else Unknown(Reason.SYNTAX)


def member_at(unit: Unit, node: Node) -> Member | None:
    """The field or method that a selector selects; None when it selects from a package."""
    operand, name = selector_parts(node)
    if operand is None or not isinstance(referent_of(unit, node), Undeclared):
        return None
    return find_member(value_of(unit, operand), name)


def bound_type(found: Bound) -> Type:
    """The type of what a binding declares."""
    unit, binding = found.unit, found.binding
    known = unit.bound.get(binding.offset)
    # The variable of a type switch is written once and has a type in every clause.
    shared = isinstance(binding.how, Switched)
    if known is not None and not shared:
        return known
    if binding.offset in unit.working:
        return Unknown(Reason.CYCLE, binding.name)
    unit.working.add(binding.offset)
    try:
        result = _bound_type(unit, found)
    finally:
        unit.working.discard(binding.offset)
    if not shared:
        unit.bound[binding.offset] = result
    return result


def _bound_type(unit: Unit, found: Bound) -> Type:
    match found.binding.how:
        case Declared() as how:
            return variable_type(unit, how)
        case Assigned(value, index, count):
            return default_type(_share(unit, value, index, count))
        case Ranged(over, index):
            return default_type(iterated(value_of(unit, over), index))
        case Switched(types, value):
            if len(types) == 1 and types[0].type != "nil" and types[0].text != b"nil":
                return type_at(unit, types[0])
            return value_of(unit, value)
        case Constant(kind, value):
            if kind is not None:
                return type_at(unit, kind)
            return value_of(unit, value)
        case Function(declaration):
            return signature(unit, declaration)
        case _:
            return denoted(unit, found) or Unknown(Reason.NO_VALUE, found.binding.name)


def _share(unit: Unit, value: Node, index: int, count: int) -> Type:
    """One of ``count`` values of an expression, the comma-ok forms among them."""
    if count == 1:
        return value_of(unit, value)
    if count == 2:
        core = value
        while core.type == "parenthesized_expression" and core.named_child_count:
            core = expressions(core)[0]
        receives = core.type == "unary_expression" and core.children[0].type == "<-"
        if receives or core.type in ("index_expression", "type_assertion_expression"):
            return comma_ok(value_of(unit, core)).types[index]
    return components(type_of(unit, value), count)[index]


def _referred(unit: Unit, found: Referent) -> Type:
    """The type of what a name refers to."""
    match found:
        case Bound():
            return bound_type(found)
        case Predeclared(name):
            constant = _CONSTANTS.get(name)
            return constant or denoted(unit, found) or Unknown(Reason.NO_VALUE, name)
        case Elsewhere(package, name, reason):
            return denoted_type(unit, found) or Unknown(reason, f"{package}.{name}")
        case Undeclared(name, reason):
            return Unknown(reason, name)
        case Imported(path):
            return Unknown(Reason.NO_VALUE, path)


def _name(unit: Unit, node: Node) -> Type:
    return _referred(unit, resolve(unit, text_of(node), node.start_byte))


def _selector(unit: Unit, node: Node) -> Type:
    operand, name = selector_parts(node)
    if operand is None:
        return Unknown(Reason.SYNTAX)
    found = referent_of(unit, node)
    if not isinstance(found, Undeclared):
        return _referred(unit, found)
    receiver = denotes(unit, operand)
    if receiver is None:
        return find_member(value_of(unit, operand), name).type
    method = find_member(receiver, name).type
    # A method expression takes its receiver first.
    if isinstance(method, Func):
        return Func((receiver, *method.params), method.results, method.variadic)
    return method


def _index(unit: Unit, node: Node) -> Type:
    """``x[i]``, ``f[T]`` or ``T[A]``: which one, only the name in front can tell."""
    denotation = denotes(unit, node)
    if denotation is not None:
        return denotation
    base, args = indexed_parts(node)
    return _subscripted(unit, value_of(unit, base), args)


def _subscripted(unit: Unit, found: Type, args: Sequence[Node]) -> Type:
    if isinstance(found, Func) and found.type_params:
        return instantiated(found, [type_argument(unit, arg) for arg in args])
    return element_of(found)


def _call(unit: Unit, node: Node) -> Type:
    function = node.child_by_field_name("function")
    args = expressions(node.child_by_field_name("arguments"))
    if function is None:
        return Unknown(Reason.SYNTAX)
    if function.type in ("identifier", "selector_expression"):
        found = referent_of(unit, function)
        match found:
            case Predeclared(name) if name not in _CONSTANTS and denoted(unit, found) is None:
                return _builtin(unit, name, args)
            case Elsewhere("unsafe", name, _) if name != "Pointer":
                return unsafe_result(name, lambda: _argument(unit, args, 0))
            case _:
                pass
    return _applied(unit, function, args, node)


def _applied(unit: Unit, function: Node, args: Sequence[Node], node: Node) -> Type:
    converted = denotes(unit, function)
    if converted is not None:
        return converted
    found = value_of(unit, function)
    given = node.child_by_field_name("type_arguments")
    if given is not None:
        # f[T](x) or handlers[k](x): only what f is can tell.
        plain = [unwrapped(arg) for arg in expressions(given)]
        found = _subscripted(unit, found, plain)
    target = found if isinstance(found, Func) else _callable(found)
    if not isinstance(target, Func):
        return target
    if target.type_params:
        spread = bool(args) and args[-1].type == "variadic_argument"
        target = inferred(target, _arguments(unit, args), spread=spread)
    return target.results[0] if len(target.results) == 1 else Tuple(target.results)


def _callable(found: Type) -> Type:
    from_param = core_type(found)
    if isinstance(from_param, Func | Unknown):
        return from_param
    return Unknown(Reason.NOT_CALLABLE)


def _arguments(unit: Unit, args: Sequence[Node]) -> list[Type]:
    if len(args) == 1:
        only = type_of(unit, args[0])
        if isinstance(only, Tuple):
            return list(only.types)
    return [value_of(unit, arg) for arg in args]


def _argument(unit: Unit, args: Sequence[Node], index: int) -> Type:
    return value_of(unit, args[index]) if index < len(args) else Unknown(Reason.SYNTAX)


def _builtin(unit: Unit, name: str, args: Sequence[Node]) -> Type:
    if name == "recover":
        return universe_type(unit, "any")
    if name == "make":
        return (denotes(unit, args[0]) if args else None) or _written(unit, args)
    if name == "new":
        made = denotes(unit, args[0]) if args else None
        # From Go 1.26 on, new takes a value as well.
        return Pointer(made if made is not None else default_type(_written(unit, args)))
    return builtin_result(name, lambda index: _argument(unit, args, index), len(args))


def _written(unit: Unit, args: Sequence[Node]) -> Type:
    """The type that ``make`` or ``new`` is given, where its declaration may be absent."""
    if not args:
        return Unknown(Reason.SYNTAX)
    if args[0].type in ("qualified_type", "type_identifier", "generic_type"):
        found = referent_of(unit, args[0])
        if isinstance(found, Elsewhere | Undeclared):
            return type_at(unit, args[0])
    return value_of(unit, args[0])


def _conversion(unit: Unit, node: Node) -> Type:
    """``T(x)``; the grammar also reads ``handlers[k](x)`` and ``f[T](x)`` as conversions."""
    written = node.child_by_field_name("type")
    argument = node.child_by_field_name("operand")
    if written is None or argument is None:
        return Unknown(Reason.SYNTAX)
    if written.type == "generic_type":
        base = written.child_by_field_name("type")
        if base is not None and denotes(unit, base) is None:
            return _applied(unit, written, [argument], node)
    if written.type == "pointer_type":
        # *(*T)(x) dereferences the conversion (*T)(x): a conversion to *T is written (*T)(x).
        inner = expressions(written)
        return (
            pointed_at(_applied(unit, inner[0], [argument], node))
            if inner
            else type_at(unit, written)
        )
    found = type_at(unit, written)
    # <-chan T(x) receives from chan T(x), likewise.
    is_receive = isinstance(found, Chan) and found.direction is Direction.RECEIVE
    return received(found) if is_receive and written.type == "channel_type" else found


def _literal(unit: Unit, node: Node) -> Type:
    return type_at(unit, node.child_by_field_name("type"))


def _elided(unit: Unit, node: Node) -> Type:
    """The type of the braces inside a composite literal that leaves it out."""
    holder = node.parent
    if holder is None:
        return Unknown(Reason.SYNTAX)
    if holder.type == "composite_literal":
        return type_of(unit, holder)
    is_key = False
    if holder.type == "literal_element" and holder.parent is not None:
        keyed = holder.parent
        if keyed.type == "keyed_element":
            key = keyed.child_by_field_name("key")
            is_key = key is not None and key.id == holder.id
            holder = keyed
    outer = holder.parent
    if outer is None or outer.type != "literal_value":
        return Unknown(Reason.SYNTAX)
    around = type_of(unit, outer)
    under = around.underlying
    if isinstance(under, Pointer):
        under = under.element.underlying
    match under:
        case Map(key_type, value):
            return key_type if is_key else value
        case Slice(element) | Array(element):
            return element
        case Unknown():
            return under
        case _:
            return Unknown(Reason.SYNTAX)


def _assertion(unit: Unit, node: Node) -> Type:
    return type_at(unit, node.child_by_field_name("type"))


def _parenthesized(unit: Unit, node: Node) -> Type:
    inner = expressions(node)
    return type_of(unit, inner[0]) if inner else Unknown(Reason.SYNTAX)


def _unary(unit: Unit, node: Node) -> Type:
    operand = node.child_by_field_name("operand")
    operator = node.children[0].type
    if operator == "*" and operand is not None:
        denotation = denotes(unit, node)
        return denotation if denotation is not None else pointed_at(value_of(unit, operand))
    found = value_of(unit, operand)
    if operator == "&":
        return Pointer(found)
    return received(found) if operator == "<-" else found


def _binary(unit: Unit, node: Node) -> Type:
    """Long sums are nested to the left: walked in a loop, not on the stack."""
    spine = [node]
    left = node.child_by_field_name("left")
    while left is not None and left.type == "binary_expression" and left.id not in unit.types:
        spine.append(left)
        left = left.child_by_field_name("left")
    found = value_of(unit, left)
    for each in reversed(spine):
        operator = each.child_by_field_name("operator")
        right = each.child_by_field_name("right")
        sign = operator.type if operator is not None else ""
        found = combined(sign, found, partial(value_of, unit, right))
        unit.types[each.id] = found
    return found


def _slice(unit: Unit, node: Node) -> Type:
    return sliced(value_of(unit, node.child_by_field_name("operand")))


def _pointer_type(unit: Unit, node: Node) -> Type:
    """``*b`` where the grammar expected a type and a value may stand."""
    inner = expressions(node)
    if inner and inner[0].type in NAMES and denotes(unit, inner[0]) is None:
        found = referent_of(unit, inner[0])
        if isinstance(found, Bound):
            return pointed_at(bound_type(found))
    return type_at(unit, node)


_CONSTANTS: Final[dict[str, Type]] = {
    "true": UNTYPED_BOOL,
    "false": UNTYPED_BOOL,
    "iota": UNTYPED_INT,
    "nil": UNTYPED_NIL,
}
_READERS: Final[dict[str, Callable[[Unit, Node], Type]]] = {
    **dict.fromkeys(TYPE_NODES, type_at),
    "identifier": _name,
    "type_identifier": _name,
    "package_identifier": _name,
    "true": _name,
    "false": _name,
    "nil": _name,
    "iota": _name,
    "selector_expression": _selector,
    "qualified_type": _selector,
    "index_expression": _index,
    "generic_type": _index,
    "type_instantiation_expression": _index,
    "call_expression": _call,
    "type_conversion_expression": _conversion,
    "composite_literal": _literal,
    "literal_value": _elided,
    "func_literal": signature,
    "type_assertion_expression": _assertion,
    "parenthesized_expression": _parenthesized,
    "unary_expression": _unary,
    "binary_expression": _binary,
    "slice_expression": _slice,
    "pointer_type": _pointer_type,
    "variadic_argument": _parenthesized,
    "literal_element": _parenthesized,
    "type_elem": _parenthesized,
    "int_literal": lambda _unit, _node: UNTYPED_INT,
    "float_literal": lambda _unit, _node: UNTYPED_FLOAT,
    "imaginary_literal": lambda _unit, _node: UNTYPED_COMPLEX,
    "rune_literal": lambda _unit, _node: UNTYPED_RUNE,
    "interpreted_string_literal": lambda _unit, _node: UNTYPED_STRING,
    "raw_string_literal": lambda _unit, _node: UNTYPED_STRING,
}
