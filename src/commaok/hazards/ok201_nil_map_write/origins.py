"""Whether a nil map that the flow says is possible is real, and what shows it."""

import re
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Map, Named
from commaok.hazards.ok201_nil_map_write.fields import never_made
from commaok.scan import Callee, File, Ground, ObjectKind
from commaok.scan.guarded import calls
from commaok.scan.nilness import Nilness, Origin

_OBJECT_FIELDS: Final = frozenset(
    (
        "Annotations",
        "Labels",
        "Data",
        "BinaryData",
        "StringData",
        "MatchLabels",
        "NodeSelector",
        "Selector",
    )
)
_GETTERS: Final = frozenset(("GetAnnotations", "GetLabels"))
_API: Final = re.compile(r"(?:k8s\.io/(?:api|apimachinery|client-go)|sigs\.k8s\.io/)")
RETRIED: Final = "an object that has none panics its controller, and again on every retry"


def confirm(
    file: File, target: Node, function: Node, nil: Nilness
) -> tuple[list[Ground], list[Ground]]:
    """What speaks for a map being nil at a write for this reason, and what follows from it."""
    operand = target.child_by_field_name("operand")
    if operand is None or nil.node is None or not isinstance(_map(file, operand), Map):
        return [], []
    match nil.origin:
        case Origin.DECLARED | Origin.RESULT:
            return _declared(file, operand, nil)
        case Origin.ASSIGNED:
            shown = [file.ground("assigned-nil", "nil is assigned here", nil.node)]
        case Origin.LITERAL:
            shown = _left_out(file, operand, nil.node)
        case Origin.CALL:
            return _returned(file, nil.node)
        case Origin.FETCHED:
            return _fetched(file, operand, nil.node)
        case _:
            return _outside(file, operand, function)
    return shown, []


def _fetched(file: File, operand: Node, source: Node) -> tuple[list[Ground], list[Ground]]:
    field = object_field(file, operand)
    if not field:
        return [], []
    text = f"the object comes from the API, where {field} is often absent"
    return [file.ground("fetched", text, source)], [file.ground("retried", RETRIED)]


def object_field(file: File, operand: Node) -> str:
    """The field's name when a map is one that Kubernetes leaves nil."""
    if operand.type != "selector_expression":
        return ""
    name = text_of(operand.child_by_field_name("field"))
    if name not in _OBJECT_FIELDS:
        return ""
    found = file.types.object(operand)
    return name if found is not None and _API.match(found.package) else ""


def _map(file: File, operand: Node) -> object:
    return file.types.of(operand).underlying


def _declared(file: File, operand: Node, nil: Nilness) -> tuple[list[Ground], list[Ground]]:
    name = text_of(operand)
    assert nil.node is not None
    declared = nil.node.children_by_field_name("name")
    same = [each for each in declared if text_of(each) == name]
    if not same or file.types.object(same[0]) != file.types.object(operand):
        return [], []
    text = "a named result starts nil" if nil.origin is Origin.RESULT else "declared without a map"
    return [file.ground("declared-nil", text, same[0])], []


def _left_out(file: File, operand: Node, literal: Node) -> list[Ground]:
    """The struct that is built without the map is the one that has it."""
    field = file.types.object(operand)
    if field is None or field.kind is not ObjectKind.FIELD:
        return []
    root = operand
    while root.type == "selector_expression":
        inner = root.child_by_field_name("operand")
        if inner is None:
            return []
        root = inner
    if literal.type == "var_spec" and not isinstance(file.types.of(root), Named):
        return []
    empty = not expressions(literal.child_by_field_name("body"))
    if not empty and file.types.of(root).name_of != field.owner:
        return []
    return [file.ground("built-without", f"built here without {field.name}", literal)]


def _returned(file: File, call: Node) -> tuple[list[Ground], list[Ground]]:
    callee = file.callee(call)
    name = text_of(call.child_by_field_name("function")).rpartition(".")[2]
    if name in _GETTERS and not expressions(call.child_by_field_name("arguments")):
        if (callee is not None and _API.match(callee.package)) or (
            callee is None and b'"k8s.io/' in file.data
        ):
            text = f"{name} gives nil for an object that has none"
            return [file.ground("getter", text, call)], [file.ground("retried", RETRIED)]
        return [], []
    return _declared_nil(file, callee), []


def _declared_nil(file: File, callee: Callee | None) -> list[Ground]:
    """Where a function of the package returns a nil map as a success."""
    declared = file.package.declaration(callee)
    if declared is None:
        return []
    waiting = [declared.node]
    while waiting:
        node = waiting.pop()
        if node.type == "func_literal":
            continue
        if node.type == "return_statement":
            values = [value for child in expressions(node) for value in expressions(child)]
            if values and all(value.type == "nil" for value in values) and len(values) <= 2:
                text = "it may return nil without an error"
                return [declared.file.ground("returned-nil", text, node)]
        waiting.extend(reversed(node.named_children))
    return []


def _outside(file: File, operand: Node, function: Node) -> tuple[list[Ground], list[Ground]]:
    """A parameter, or a field of something that was handed in."""
    if operand.type == "identifier":
        return _passed(file, operand, function), []
    field = object_field(file, operand)
    if field:
        if _is_parameter(operand, function) and not _prepared(file, function, field):
            return [], [file.ground("retried", RETRIED)]
        return [], []
    return never_made(file, operand)


def _prepared(file: File, function: Node, field: str) -> bool:
    """Whether a caller in the package sees to the map before it hands the object in."""
    name = text_of(function.child_by_field_name("name"))
    if name[:1].isupper():
        return False
    sees_to = re.compile(rf"\.{field}\s*(?:=|==|!=)\s*(?:nil|make|map)|\b{field}:")
    for use in calls(file, function):
        around = use.file.types.enclosing_function(use.node)
        if around is not None and sees_to.search(text_of(around)):
            return True
    return False


def _is_parameter(operand: Node, function: Node) -> bool:
    root = text_of(operand).partition(".")[0].strip()
    return any(root == text_of(name) for name in parameter_names(function))


def parameter_names(function: Node) -> list[Node]:
    """The names of a function's parameters, in order."""
    listed = function.child_by_field_name("parameters")
    return [name for each in expressions(listed) for name in each.children_by_field_name("name")]


def _passed(file: File, operand: Node, function: Node) -> list[Ground]:
    """A caller in the package that passes nil for this parameter."""
    names = [text_of(name) for name in parameter_names(function)]
    name = text_of(operand)
    if name not in names or function.child_by_field_name("type_parameters") is not None:
        return []
    position = names.index(name)
    for use in calls(file, function):
        call = use.node.parent
        if call is not None and call.type == "selector_expression":
            call = call.parent
        if call is None or call.type != "call_expression":
            continue
        arguments = expressions(call.child_by_field_name("arguments"))
        if len(arguments) == len(names) and arguments[position].type == "nil":
            text = "this caller passes nil"
            return [use.file.ground("passed-nil", text, arguments[position])]
    return []
