"""OK503: backing off with AddRateLimited and never calling Forget."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tree_sitter import Node

from commaok.golang import Object, ObjectKind
from commaok.golang.syntax import expressions, text_of
from commaok.scan import Call, Edit, File, Finding, Fix, FixKind, Ground, Use, rule
from commaok.scan.queues import IMPORTS_WORKQUEUE, queue_of
from commaok.scan.surroundings import (
    around,
    called_name,
    declaration_of,
    ends,
    failure,
    following,
    within,
)

_LIMITED: Final = re.compile(r"Queue\w*(?:\[[^\]]*\])?\(\s*([\w.]+)(?:\[[^\]]*\])?\(")
_HOLDERS: Final = frozenset(
    ("keyed_element", "assignment_statement", "short_var_declaration", "var_spec", "block")
)
_HARMLESS: Final = frozenset(("return_statement", "continue_statement"))


@rule("OK503", needs=(rb"\.AddRateLimited\(", IMPORTS_WORKQUEUE))
def missing_forget(file: File) -> Iterator[Finding]:
    """The first AddRateLimited of a queue that nobody in the module tells to forget."""
    seen: set[Object] = set()
    for call in _by_worth(file):
        queue = queue_of(file, call)
        held = file.types.object(queue) if queue is not None else None
        if held is None or held in seen or held.kind is ObjectKind.UNKNOWN or held.site is None:
            continue
        seen.add(held)
        uses = file.package.uses_in_module(held)
        methods = [_method(use.node) for use in uses]
        if "Forget" in methods or _escapes(uses, methods) or _has_own_limiter(uses):
            continue
        yield file.finding(
            call.node,
            "AddRateLimited without Forget: after a success the key keeps the delay of its old "
            "failures, up to 1000 s",
            evidence=[_never(uses, held)],
            consequence=_worker(uses, methods),
            fix=_forget(file, call, text_of(queue)),
        )


def _by_worth(file: File) -> Sequence[Call]:
    """The calls, those on an error path first: there it shows where success goes on."""
    found = list(file.calls_named("AddRateLimited"))
    return sorted(found, key=lambda call: failure(file, call.node) is None)


def _method(name: Node) -> str:
    """The method that is called on a queue, "=" where it is declared or made, else empty."""
    node, outer = name, name.parent
    if outer is not None and outer.type == "selector_expression" and _is(outer, "field", name):
        node, outer = outer, outer.parent
    if outer is None:
        return ""
    if outer.type == "selector_expression" and _is(outer, "operand", node):
        call = outer.parent
        if call is not None and call.type == "call_expression" and _is(call, "function", outer):
            return called_name(call)
        return ""
    return "=" if _is_made(node, outer) else ""


def _is(outer: Node, field: str, inner: Node) -> bool:
    found = outer.child_by_field_name(field)
    return found is not None and found.id == inner.id


def _is_made(node: Node, outer: Node) -> bool:
    """Whether a name is declared, set, or the key of a struct literal."""
    if outer.type in ("field_declaration", "parameter_declaration"):
        return outer.type == "field_declaration"
    if outer.type == "literal_element" and outer.parent is not None:
        keyed = outer.parent
        value = keyed.child_by_field_name("value")
        return _is(keyed, "key", outer) and value is not None and _makes(value)
    if outer.type == "expression_list" and outer.parent is not None:
        assignment = outer.parent
        right = assignment.child_by_field_name("right")
        return _is(assignment, "left", outer) and right is not None and _makes(right)
    if outer.type == "var_spec":
        value = outer.child_by_field_name("value")
        return not within(node, value) and (value is None or _makes(value))
    return False


def _makes(value: Node) -> bool:
    """Whether a value is a queue made right here, known to nobody else."""
    inner = next(iter(expressions(value)), None)
    name = called_name(inner) if inner is not None and inner.type == "call_expression" else ""
    return name.startswith("New") and "Queue" in name


def _escapes(uses: Sequence[Use], methods: Sequence[str]) -> bool:
    """Whether the queue is handed to somebody else, who may call Forget."""
    return not all(methods) or not uses


def _has_own_limiter(uses: Sequence[Use]) -> bool:
    """Whether the queue is made with a limiter that is not client-go's: it may forget by itself."""
    for use in uses:
        node: Node | None = use.node
        while node is not None and node.type not in _HOLDERS:
            node = node.parent
        made = _LIMITED.search(text_of(node)) if node is not None else None
        if (
            made is not None
            and node is not None
            and node.type != "block"
            and not made[1].startswith("workqueue.")
        ):
            return True
    return False


def _never(uses: Sequence[Use], held: Object) -> Ground:
    made = next((use for use in uses if use.node.start_byte == _offset(held)), None)
    text = f"nothing in the module calls Forget on {held.name}"
    return made.file.ground("never-forgets", text, made.node) if made else Ground("never", text)


def _offset(held: Object) -> int:
    return held.site.offset if held.site is not None else -1


def _worker(uses: Sequence[Use], methods: Sequence[str]) -> list[Ground]:
    """Keys are worked off and given back here, so some succeed."""
    return [
        use.file.ground("worker", "successful keys are given back here, not forgotten", use.node)
        for use, method in zip(uses, methods, strict=True)
        if method == "Done"
    ][:1]


def _forget(file: File, call: Call, queue: str) -> Fix | None:
    """``Forget`` after the error's branch, where that branch leaves and no other work follows."""
    if len(call.arguments) != 1 or failure(file, call.node) is None:
        return None
    branch = next((each for each in around(call.node) if each.type == "if_statement"), None)
    if branch is None or branch.child_by_field_name("alternative") is not None:
        return None
    if any(each.type not in _HARMLESS for each in following(branch)):
        return None
    if not ends(branch.child_by_field_name("consequence")) or not _stands_alone(branch, call):
        return None
    forget = f"{queue}.Forget({text_of(call.arguments[0])})"
    line = file.data.rfind(b"\n", 0, branch.start_byte) + 1
    indent = file.data[line : branch.start_byte].decode()
    if indent.strip():
        return None
    edit = Edit(branch.end_byte, branch.end_byte, f"\n{indent}{forget}")
    return Fix(FixKind.CHANGING, "forget the key's failures once its work has succeeded", (edit,))


def _stands_alone(branch: Node, call: Call) -> bool:
    """Whether queue and key exist after the branch, and the branch is all of the error path."""
    consequence = branch.child_by_field_name("consequence")
    initializer = branch.child_by_field_name("initializer")
    key = text_of(call.arguments[0])
    declared = text_of(initializer).split(":=")[0] if initializer is not None else ""
    condition = text_of(branch.child_by_field_name("condition"))
    return (
        within(call.node, consequence)
        and declaration_of(branch) is not None
        and key.isidentifier()
        and key not in declared.replace(",", " ").split()
        and f"{key} :=" not in text_of(consequence)
        and "&&" not in condition
    )
