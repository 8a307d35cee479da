"""OK501: owner references, and the pointer that says which owner is the controller."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang import Finder
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Unknown
from commaok.scan import Edit, File, Finding, Fix, FixKind, Ground, rule
from commaok.scan.surroundings import around, function_of, statements

_META: Final = "k8s.io/apimachinery/pkg/apis/meta/v1"
_READS: Final = Finder(
    """
    (unary_expression operator: "*"
      operand: (selector_expression field: (field_identifier) @field))
    """
)
_LITERALS: Final = Finder(
    """
    (composite_literal body: (literal_value) @body)
    (literal_element (literal_value) @body)
    """
)
_RANGES: Final = Finder("(for_statement (range_clause right: (_) @owners))")
_OWNERS: Final = re.compile(r"(?:\.OwnerReferences|\.GetOwnerReferences\(\))$")
_BY_CONTROLLER: Final = re.compile(
    rb"\bGetControllerOf(?:NoCopy)?\(|\bIsControlledBy\(|\bOnlyControllerOwner\b|\.Owns\("
)
_COMMENTED: Final = re.compile(rb",?[ \t]*/")
_POINTERS: Final = re.compile(rb'"k8s\.io/utils/(ptr|pointer)"')


@rule(
    "OK501",
    needs=(rb"\*[\w.\[\]()]+\.Controller\b|\bOwnerReference\b", rb"meta/v1\"|OwnerReferences"),
)
def controller_ref(file: File) -> Iterator[Finding]:
    """Reads of ``*ref.Controller``, loops for the controller, literals without it."""
    for field in file.captures(_READS).get("field", ()):
        if text_of(field) == "Controller":
            yield from _unchecked(file, field)
    for owners in file.captures(_RANGES).get("owners", ()):
        if _OWNERS.search(text_of(owners)):
            yield from _by_hand(file, owners)
    for body in file.captures(_LITERALS).get("body", ()):
        yield from _unmarked(file, body)


def _unchecked(file: File, field: Node) -> Iterator[Finding]:
    """``*ref.Controller`` where nothing before it has asked whether it is nil."""
    selector = field.parent
    read = selector.parent if selector is not None else None
    function = function_of(field)
    if selector is None or read is None or function is None or not _is_reference(file, selector):
        return
    text = text_of(selector)
    before = file.data[function.start_byte : read.start_byte].decode("utf-8", "replace")
    if re.search(rf"{re.escape(text)}\s*[!=]=\s*nil|GetControllerOf|NewControllerRef", before):
        return
    loop = _ranged(file, selector)
    yield file.finding(
        read,
        f"{text} is nil for every owner that is no controller: this panics, and the event that "
        "brought the object here is lost with its worker",
        evidence=[
            file.ground("unchecked", "the field is optional, and nothing asks for nil", field)
        ],
        consequence=loop,
        fix=_checked(read, text),
    )


def _is_reference(file: File, selector: Node) -> bool:
    operand = selector.child_by_field_name("operand")
    found = file.types.of(operand) if operand is not None else None
    if isinstance(found, Unknown):
        return any(_OWNERS.search(ground.text) for ground in _ranged(file, selector))
    return found is not None and found.name_of == f"{_META}.OwnerReference"


def _ranged(file: File, selector: Node) -> list[Ground]:
    """The loop over all owners of an object that a reference comes from."""
    name = text_of(selector.child_by_field_name("operand")).split("[")[0]
    for outer in around(selector):
        if outer.type == "for_statement":
            clause = next((e for e in outer.named_children if e.type == "range_clause"), None)
            left = clause.child_by_field_name("left") if clause is not None else None
            if clause is not None and re.search(rf"\b{re.escape(name)}\b", text_of(clause)):
                owners = text_of(clause.child_by_field_name("right"))
                return [file.ground("any-owner", f"it runs over all of {owners}", left)]
    return []


def _checked(read: Node, text: str) -> Fix:
    outer = read.parent
    joined = outer is not None and (
        outer.type == "if_statement"
        or (
            outer.type == "binary_expression"
            and text_of(outer.child_by_field_name("operator")) == "&&"
        )
    )
    check = f"{text} != nil && *{text}"
    edit = Edit(read.start_byte, read.end_byte, check if joined else f"({check})")
    return Fix(FixKind.CHANGING, "take an owner without the field for no controller", (edit,))


def _by_hand(file: File, owners: Node) -> Iterator[Finding]:
    """A loop whose only statement looks for the owner that is the controller."""
    clause = owners.parent
    loop = clause.parent if clause is not None else None
    body = statements(loop.child_by_field_name("body")) if loop is not None else []
    if loop is None or len(body) != 1 or body[0].type != "if_statement":
        return
    condition = text_of(body[0].child_by_field_name("condition"))
    if not re.fullmatch(r"([\w.\[\]]+)\.Controller != nil && \*\1\.Controller", condition):
        return
    if "GetControllerOf" in file.function_name(loop):
        return
    yield file.finding(
        loop,
        "metav1.GetControllerOf finds the controller, and says nil where there is none",
        end=owners,
    )


def _unmarked(file: File, body: Node) -> Iterator[Finding]:
    """An owner reference that is put on an object, without Controller."""
    outer = body.parent
    literal = outer if outer is not None and outer.type == "composite_literal" else body
    keys = [text_of(each.child_by_field_name("key")) for each in expressions(body)]
    if not {"UID", "Name", "Kind"} <= set(keys) or "Controller" in keys or not _is_put_on(literal):
        return
    if literal is not body and file.types.of(literal).name_of != f"{_META}.OwnerReference":
        return
    yield file.finding(
        literal,
        "an owner reference without Controller: true: whoever looks for the controller passes over "
        "the object, and its events reach nobody",
        evidence=_looked_for(file) if _is_first(literal) else [],
        fix=_marked(file, body),
        end=literal.child_by_field_name("type") or expressions(body)[0],
    )


def _is_put_on(literal: Node) -> bool:
    """Whether a literal is an element of a list of references, or appended to one."""
    for outer in around(literal):
        if outer.type in ("literal_element", "literal_value", "unary_expression"):
            continue
        if outer.type == "composite_literal":
            return "OwnerReference" in text_of(outer.child_by_field_name("type"))
        call = outer.parent if outer.type == "argument_list" else None
        return call is not None and text_of(call.child_by_field_name("function")) == "append"
    return False


def _is_first(literal: Node) -> bool:
    """Whether it makes the list; one that joins others is a further owner, not the controller."""
    return not any(outer.type == "argument_list" for outer in around(literal))


def _looked_for(file: File) -> list[Ground]:
    for other in file.package.files:
        found = _BY_CONTROLLER.search(other.data)
        if found is not None:
            node = other.root.named_descendant_for_byte_range(found.start(), found.start() + 1)
            return [other.ground("by-controller", "this package looks for the controller", node)]
    return []


def _marked(file: File, body: Node) -> Fix | None:
    """``Controller`` as a further element, where the file has a function for such pointers."""
    package = _POINTERS.search(file.data)
    last = expressions(body)[-1]
    value = last.child_by_field_name("value")
    if package is None or value is None or _COMMENTED.match(file.data, last.end_byte):
        return None
    true = "ptr.To(true)" if package[1] == b"ptr" else "pointer.Bool(true)"
    if body.start_point[0] == body.end_point[0]:
        edit = Edit(last.end_byte, last.end_byte, f", Controller: {true}")
    else:
        line = file.data.rfind(b"\n", 0, last.start_byte) + 1
        indent = file.data[line : last.start_byte].decode("utf-8", "replace")
        width = value.start_byte - last.start_byte
        if indent.strip() or width < len("Controller: "):
            return None
        edit = Edit(last.end_byte, last.end_byte, f",\n{indent}{'Controller:'.ljust(width)}{true}")
    return Fix(FixKind.CHANGING, "say that the owner is the controller", (edit,))
