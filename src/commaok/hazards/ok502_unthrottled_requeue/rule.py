"""OK502: putting a key back with Add after its work failed."""

from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import text_of
from commaok.scan import Call, Edit, File, Finding, Fix, FixKind, Ground, rule
from commaok.scan.queues import IMPORTS_WORKQUEUE, can_back_off, queue_of, worked_off
from commaok.scan.surroundings import calls_within, declaration_of, failure, function_of

_WAITS: Final = ("Sleep", "After", "NewTimer", "Wait", "When")


@rule("OK502", needs=(rb"\.Add\(", rb"\berr\b", IMPORTS_WORKQUEUE))
def unthrottled_requeue(file: File) -> Iterator[Finding]:
    """``queue.Add(key)`` where an error is known, in a function that works the queue off."""
    for call in file.calls_named("Add"):
        if len(call.arguments) != 1:
            continue
        error = failure(file, call.node)
        if error is None or _waits_first(file, call.node, error):
            continue
        queue = queue_of(file, call)
        if queue is None:
            continue
        worker = _worker(file, call)
        if worker is None:
            continue
        yield file.finding(
            call.node,
            "Add puts the failed key back at once: it is retried without back-off, and the keys "
            "behind it wait",
            evidence=[worker],
            consequence=_same_key(file, call),
            fix=_rate_limited(file, call, queue),
            related=[file.ground("failed", "the error of the work is known here", error)],
        )


def _worker(file: File, call: Call) -> Ground | None:
    """What shows that the queue is worked off here, or in a function that calls this one.

    An event handler puts keys in with Add too, also after an error, and is right to.
    """
    here = worked_off(file, call.node)
    if here is not None:
        return file.ground("worker", f"the same function calls {here.name} on the queue", here.node)
    function = declaration_of(call.node)
    if function is None or not _is_handed_an_error(function):
        return None
    for use in file.package.callers(function, file):
        there = worked_off(use.file, use.node)
        if there is not None:
            return use.file.ground("worker", "called by the function that works it off", use.node)
    return None


def _is_handed_an_error(function: Node) -> bool:
    """Whether a parameter is an error: the work was done before, by the caller."""
    parameters = function.child_by_field_name("parameters")
    return parameters is not None and b" error" in (parameters.text or b"")


def _same_key(file: File, call: Call) -> list[Ground]:
    """The key is the one that was worked on: a parameter, or what Get returned."""
    function = declaration_of(call.node)
    key = call.arguments[0]
    found = file.types.object(key) if key.type in ("identifier", "selector_expression") else None
    if function is None or found is None or not found.is_local or found.site is None:
        return []
    parameters = function.child_by_field_name("parameters")
    if parameters is not None and parameters.start_byte <= found.site.offset < parameters.end_byte:
        return [file.ground("same-key", "the key that failed is the key that is added", key)]
    for other in calls_within(file, function, "Get", "Done", "Forget"):
        named = text_of(key) in map(text_of, other.arguments) or _assigned(other, key)
        if named and queue_of(file, other) is not None:
            return [file.ground("same-key", "the key that failed is added again", other.node)]
    return []


def _assigned(call: Call, key: Node) -> bool:
    assignment = call.node.parent.parent if call.node.parent is not None else None
    left = assignment.child_by_field_name("left") if assignment is not None else None
    return text_of(left).split(",")[0] == text_of(key)


def _waits_first(file: File, node: Node, error: Node) -> bool:
    """Whether the branch throttles by its own means."""
    function = function_of(node)
    return function is not None and any(
        error.end_byte <= call.node.start_byte and call.node.end_byte <= node.start_byte
        for call in calls_within(file, function, *_WAITS)
    )


def _rate_limited(file: File, call: Call, queue: Node) -> Fix | None:
    function = call.node.child_by_field_name("function")
    name = function.child_by_field_name("field") if function is not None else None
    if name is None or not can_back_off(file, queue):
        return None
    edit = Edit(name.start_byte, name.end_byte, "AddRateLimited")
    return Fix(FixKind.CHANGING, "put it back with AddRateLimited, which backs off", (edit,))
