"""Work queues of client-go: which calls are theirs, and which function works one off."""

from typing import Final

from tree_sitter import Node

from commaok.golang import Object
from commaok.scan.file import Call, File
from commaok.scan.surroundings import calls_within, declaration_of

WORKQUEUE: Final = "k8s.io/client-go/util/workqueue"
IMPORTS_WORKQUEUE: Final = rb'"k8s\.io/client-go/util/workqueue"|"k8s\.io/client-go/'


def queue_of(file: File, call: Call) -> Node | None:
    """The queue that a call is made on, if its method is one of a work queue."""
    callee = file.callee(call.node)
    if callee is None or callee.package != WORKQUEUE or not callee.receiver:
        return None
    function = call.node.child_by_field_name("function")
    return function.child_by_field_name("operand") if function is not None else None


def named_queue(file: File, queue: Node) -> Object | None:
    """The variable or field that holds a queue."""
    return file.types.object(queue)


def can_back_off(file: File, queue: Node) -> bool:
    """Whether the queue's type has AddRateLimited, as far as its name tells."""
    return "RateLimiting" in file.types.of(queue).name_of


def worked_off(file: File, node: Node) -> Call | None:
    """The call that takes an item from a queue, or gives it back, in the function around a node."""
    function = declaration_of(node)
    if function is None:
        return None
    for call in calls_within(file, function, "Get", "Done", "Forget", "NumRequeues"):
        if queue_of(file, call) is not None:
            return call
    return None
