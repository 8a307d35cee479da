"""OK603: sending an event where a slow receiver stops everybody, or loses it."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang import Finder
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Chan, Named, Pointer, Type
from commaok.scan import Call, File, Finding, Ground, rule
from commaok.scan.surroundings import (
    around,
    calls_within,
    declaration_of,
    function_of,
    preceding,
    statements,
    within,
)

_SENDS: Final = Finder("(send_statement) @send")
_EVENT: Final = re.compile(r"Event$|^WatchResponse$|^WatchEvent")
_CHANGE: Final = re.compile(r"(?:Notification|Update|Change|Delta)$")
_JUMPS: Final = frozenset(("return", "continue", "break"))
_LOCKS: Final = ("Lock", "RLock")


@rule(
    "OK603",
    needs=(
        rb"<-\s*[\w&(]",
        rb"\bselect\s*\{|\.R?Lock\(\)",
        rb"Event|Notification|Update|Change|Delta",
    ),
)
def send_blocks_or_drops(file: File) -> Iterator[Finding]:
    """Sends of events in a ``select`` with a silent default, and under a lock (once for each)."""
    locked: set[int] = set()
    for send in file.captures(_SENDS).get("send", ()):
        select = _select(send)
        if select is not None and any(
            each.type == "default_case" for each in select.named_children
        ):
            found = _dropped(file, send, select)
        elif select is None:
            found = _under_lock(file, send, locked)
        else:
            found = None
        if found is not None:
            yield found


def _select(send: Node) -> Node | None:
    """The ``select`` that a send is a case of."""
    case = send.parent
    if case is None or case.type != "communication_case":
        return None
    return case.parent


def _carried(file: File, send: Node) -> str:
    """The name of the type of what is sent, where it is a type with a name."""
    channel = send.child_by_field_name("channel")
    under = file.types.of(channel).underlying if channel is not None else None
    element: Type | None = under.element if isinstance(under, Chan) else None
    if isinstance(element, Pointer):
        element = element.element
    return element.name if isinstance(element, Named) else ""


def _dropped(file: File, send: Node, select: Node) -> Finding | None:
    cases = [each for each in select.named_children if each.type.endswith("_case")]
    default = next(each for each in cases if each.type == "default_case")
    inside = [text_of(each) for each in statements(default)]
    # A second case chooses again; anything but leaving is somebody's answer to a full channel; and
    # where success is recorded, whoever comes back later can tell that it did not happen.
    if len(cases) != 2 or not all(each in _JUMPS for each in inside) or _makes_room(send, select):
        return None
    if any(text_of(each) not in _JUMPS for each in statements(send.parent)):
        return None
    carried = _carried(file, send)
    is_event = _EVENT.search(carried) is not None
    if not is_event and not _CHANGE.search(carried):
        return None
    return file.finding(
        send,
        f"this {carried} is lost when the receiver is not ready, and nobody is told: count it, end "
        "the slow receiver, or let it wait",
        evidence=[file.ground("silent", "neither count, log nor answer", default)],
        consequence=[file.ground("event", "each event is sent once", send)] if is_event else [],
    )


def _makes_room(send: Node, select: Node) -> bool:
    """Whether the function also takes from the channel, so that the newest value wins."""
    channel = re.escape(text_of(send.child_by_field_name("channel")))
    function = function_of(select)
    return function is not None and re.search(rf"<-\s*{channel}\b", text_of(function)) is not None


def _under_lock(file: File, send: Node, reported: set[int]) -> Finding | None:
    lock = _held(file, send)
    if lock is None or lock.node.start_byte in reported:
        return None
    carried = _carried(file, send)
    is_event = _EVENT.search(carried) is not None
    if (not is_event and not _CHANGE.search(carried)) or _has_room(send):
        return None
    reported.add(lock.node.start_byte)
    return file.finding(
        send,
        f"a receiver that does not take this {carried} keeps the lock: all who need it wait, "
        "and no event reaches anyone",
        evidence=[file.ground("locked", "locked here, and still locked at the send", lock.node)],
        consequence=_others(file, lock) if is_event and lock.name == "Lock" else [],
    )


def _held(file: File, send: Node) -> Call | None:
    """The call that locked a mutex that is not unlocked before the send, in the same function."""
    function = function_of(send)
    if function is None:
        return None
    for lock in calls_within(file, function, *_LOCKS):
        if lock.node.end_byte > send.start_byte or function_of(lock.node) != function:
            continue
        if not _leads_to(lock.node, send) or _is_unlocked(file, lock, send):
            continue
        callee = file.callee(lock.node)
        if callee is not None and callee.package == "sync":
            return lock
    return None


def _leads_to(lock: Node, send: Node) -> bool:
    """Whether a lock is a statement of a list that the send stands in or below."""
    inner = send
    for outer in around(send):
        if outer.type in ("statement_list", "block"):
            for each in preceding(inner):
                if each.type == "expression_statement" and within(lock, each):
                    return True
        inner = outer
    return False


def _is_unlocked(file: File, lock: Call, send: Node) -> bool:
    unlock = text_of(lock.node).replace("Lock(", "Unlock(")
    return any(
        call.node.start_byte > lock.node.end_byte
        and call.node.end_byte <= send.start_byte
        and text_of(call.node) == unlock
        and (call.node.parent is None or call.node.parent.type != "defer_statement")
        for call in file.calls_named("Unlock", "RUnlock")
    )


def _has_room(send: Node) -> bool:
    """Whether the channel was made with a buffer in the same function."""
    channel = text_of(send.child_by_field_name("channel"))
    function = text_of(declaration_of(send))
    return any(
        re.search(rf"\b{re.escape(name)}\s*(?::|:?=)\s*make\(chan [^,()]+,", function)
        for name in (channel, channel.rpartition(".")[2])
    )


def _others(file: File, lock: Call) -> list[Ground]:
    """Who else needs the lock."""
    operand = expressions(lock.node)[0].child_by_field_name("operand")
    mutex = file.types.object(operand) if operand is not None else None
    if mutex is None:
        return []
    here = declaration_of(lock.node)
    for use in file.package.uses(mutex):
        call = use.node.parent
        while call is not None and call.type == "selector_expression":
            call = call.parent
        locks = call is not None and call.type == "call_expression" and "Lock(" in text_of(call)
        if locks and not (use.file is file and within(use.node, here)):
            return [use.file.ground("waits", "waits for the same lock", use.node)]
    return []
