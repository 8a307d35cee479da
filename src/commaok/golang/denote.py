"""Which expressions denote types, and what the names in expressions refer to.

The grammar cannot know: ``f[k](x)`` is a call, a conversion or an instantiation, by what f is.
"""

from typing import Final

from tree_sitter import Node

from commaok.golang.declared import absent_type, denoted, type_at, unwrapped
from commaok.golang.names import Elsewhere, Imported, Referent, Undeclared, member_of, resolve
from commaok.golang.packages import Unit
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Basic, Named, Pointer, Reason, Type, Unknown

TYPE_NODES: Final = frozenset(
    "map_type slice_type array_type pointer_type channel_type function_type interface_type "
    "struct_type implicit_length_array_type parenthesized_type".split()
)
NAMES: Final = frozenset(("identifier", "type_identifier", "package_identifier"))


def denotes(unit: Unit, node: Node) -> Type | None:
    """The type that an expression denotes; None when it is a value, a package or nothing."""
    kind = node.type
    if kind == "parenthesized_type":
        inner = next(iter(expressions(node)), None)
        return denotes(unit, inner) if inner is not None else None
    if kind in TYPE_NODES:
        return type_at(unit, node)
    if kind in NAMES:
        return denoted_type(unit, referent_of(unit, node))
    if kind in ("selector_expression", "qualified_type"):
        found = referent_of(unit, node)
        return None if isinstance(found, Undeclared) else denoted_type(unit, found)
    if kind == "parenthesized_expression":
        inner = next(iter(expressions(node)), None)
        return denotes(unit, inner) if inner is not None else None
    if kind == "unary_expression" and node.children[0].type == "*":
        target = node.child_by_field_name("operand")
        pointed = denotes(unit, target) if target is not None else None
        return Pointer(pointed) if pointed is not None else None
    if kind in ("index_expression", "generic_type", "type_instantiation_expression"):
        base, args = indexed_parts(node)
        generic = denotes(unit, base) if base is not None else None
        if isinstance(generic, Named):
            found_args = tuple(type_argument(unit, arg) for arg in args)
            assert base is not None
            return denoted_type(unit, referent_of(unit, base), found_args)
        return generic
    return None


def denoted_type(unit: Unit, found: Referent, args: tuple[Type, ...] = ()) -> Type | None:
    """The type that a name stands for; of a package that is absent, only ``unsafe`` is sure."""
    if isinstance(found, Elsewhere):
        return (
            Basic("unsafe.Pointer")
            if (found.package, found.name) == ("unsafe", "Pointer")
            else None
        )
    return denoted(unit, found, args)


def referent_of(unit: Unit, node: Node) -> Referent:
    """What a name or ``package.name`` refers to; ``Undeclared`` when it selects from a value."""
    if node.type in NAMES:
        return resolve(unit, text_of(node), node.start_byte)
    if node.type in ("selector_expression", "qualified_type"):
        operand, name = selector_parts(node)
        if operand is not None and operand.type in NAMES:
            package = resolve(unit, text_of(operand), operand.start_byte)
            if isinstance(package, Imported):
                return member_of(unit.file, package.path, name)
    return Undeclared(text_of(node))


def selector_parts(node: Node) -> tuple[Node | None, str]:
    """What stands before the dot and the name after it."""
    if node.type == "qualified_type":
        return node.child_by_field_name("package"), text_of(node.child_by_field_name("name"))
    return node.child_by_field_name("operand"), text_of(node.child_by_field_name("field"))


def indexed_parts(node: Node) -> tuple[Node | None, list[Node]]:
    """What stands before the brackets, and what in them."""
    if node.type == "index_expression":
        index = node.child_by_field_name("index")
        return node.child_by_field_name("operand"), [index] if index is not None else []
    base = node.child_by_field_name("type")
    listed = node.child_by_field_name("type_arguments")
    args = expressions(listed) if listed is not None else expressions(node)
    plain = [unwrapped(arg) for arg in args if base is None or arg.id != base.id]
    return base, plain


def type_argument(unit: Unit, node: Node) -> Type:
    """A type argument, of an absent package too: in this place it can only be a type."""
    if node.type in ("selector_expression", "qualified_type"):
        found = referent_of(unit, node)
        if isinstance(found, Elsewhere):
            return absent_type(found)
    return denotes(unit, node) or Unknown(Reason.SYNTAX)
