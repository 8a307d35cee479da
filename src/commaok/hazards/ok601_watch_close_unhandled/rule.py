"""OK601: a reader of a watch that does not expect the channel to close."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import text_of
from commaok.scan import Call, File, Finding, Ground, rule
from commaok.scan.surroundings import (
    around,
    called_name,
    calls_within,
    following,
    function_of,
    loop_of,
    statements,
    within,
)
from commaok.scan.watching import (
    RECEIVES_EVENTS,
    Receiving,
    Server,
    is_passed_on,
    mentions,
    receivings,
    tells_its_end,
    watch_calls,
)

_CLOSED: Final = re.compile(
    rb'\.Type\s*==\s*""|\.Object\s*==\s*nil\s*\{(?!\s*continue)|(?<!tx)(?<!ontext)\.Err\(\)|\.Canceled\b|\.CompactRevision\b'
    rb"|Event\{\}|Accessor\(|\bdefault:|len\(\w+\.Events\)"
)
_BOUNDED: Final = re.compile(rb"(?i)<-\s*[\w.]*(?:time|after|deadline|tick)")
_TIDYING: Final = frozenset(("Stop", "HandleCrash", "HandleCrashWithContext", "cancel", "recover"))
_DECLARES: Final = frozenset(("function_declaration", "method_declaration", "method_elem"))
_LISTS: Final = ("List", "Get", "ListAndWatch", "relist", "resync", "sync", "list", "reload")


@rule("OK601", needs=RECEIVES_EVENTS)
def watch_close_unhandled(file: File) -> Iterator[Finding]:
    """Loops over a watch with nothing after them, blind receives, reopening without a revision."""
    for receiving in receivings(file):
        found = (
            _ends_for_good(file, receiving)
            if receiving.ranges and not _outer_loop(receiving)
            else _spins(file, receiving)
            if not receiving.ranges
            else None
        )
        if found is not None:
            yield found
        yield from _starts_anew(file, receiving)


def _outer_loop(receiving: Receiving) -> Node | None:
    """The loop that would open the watch again."""
    if receiving.loop is None:
        return None
    return loop_of(receiving.loop)


def _ends_for_good(file: File, receiving: Receiving) -> Finding | None:
    """The range ends when the server closes the watch, and so does the function, untold."""
    function = function_of(receiving.node)
    if function is None or receiving.server is Server.ETCD or _answers(function):
        return None
    if not _is_last(receiving.node) or tells_its_end(file, receiving) or _leaves(receiving):
        return None
    if any(
        within(each, function) and called_name(each) not in _TIDYING
        for each in _deferred(file, function)
    ):
        return None
    started = _started(file, function)
    if started is None:
        return None
    return file.finding(
        receiving.node,
        "the server closes a watch after minutes: the loop ends, nothing opens the watch again, "
        "and all later events are lost",
        evidence=[file.ground("last", "nothing comes after the loop", receiving.channel)],
        consequence=started,
        end=receiving.channel,
    )


def _answers(function: Node) -> bool:
    """Whether a function returns something, by which the caller can learn of the end."""
    return function.child_by_field_name("result") is not None


def _is_last(node: Node) -> bool:
    """Whether nothing runs after a statement but a bare return, up to the end of the function."""
    inner = node
    for outer in around(node):
        if outer.type in ("statement_list", "block"):
            rest = [each for each in following(inner) if each.type != "return_statement"]
            if rest:
                return False
        inner = outer
    return True


def _leaves(receiving: Receiving) -> bool:
    """Whether the loop waits for something and leaves when it has come."""
    return any(text_of(each).startswith(("return", "break ")) for each in _jumps(receiving.body))


def _jumps(body: Node) -> Iterator[Node]:
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if node.type in ("return_statement", "break_statement"):
            yield node
        if node.type != "func_literal":
            waiting.extend(node.named_children)


def _deferred(file: File, function: Node) -> Iterator[Node]:
    for call in calls_within(file, function):
        if call.node.parent is not None and call.node.parent.type == "defer_statement":
            yield call.node


def _started(file: File, function: Node) -> list[Ground] | None:
    """How the function is run: grounds if in a goroutine, None where somebody may run it again."""
    if function.type == "func_literal":
        call = function.parent
        outer = call.parent if call is not None and call.type == "call_expression" else None
        if outer is None or outer.type != "go_statement":
            return None
        if loop_of(outer) is not None:
            return []
        return [file.ground("goroutine", "the goroutine ends and nobody is told", outer)]
    name = function.child_by_field_name("name")
    wanted = file.types.object(name) if name is not None else None
    if wanted is None:
        return None
    calls = file.package.callers(function, file)
    uses = [use for use in file.package.uses_in_module(wanted) if not _declares(use.node)]
    if len(uses) > len(calls) or any(_may_come_again(use.node) for use in calls):
        return None
    text = "started as a goroutine, which ends and tells nobody"
    return [
        use.file.ground("goroutine", text, outer)
        for use in calls
        if (outer := use.node.parent) is not None and outer.type == "go_statement"
    ][:1]


def _declares(name: Node) -> bool:
    return name.parent is not None and name.parent.type in _DECLARES


def _may_come_again(call: Node) -> bool:
    """Whether a call stands in a loop, or in a function that somebody else may call again."""
    if loop_of(call) is not None:
        return True
    starts = call.parent is not None and call.parent.type == "go_statement"
    holder = function_of(call)
    return not starts and (holder is None or holder.type == "func_literal")


def _spins(file: File, receiving: Receiving) -> Finding | None:
    """A receive in a loop that does not ask whether the channel is closed."""
    if receiving.loop is None:
        return None
    if receiving.ok is not None:
        return _goes_round(file, receiving)
    if receiving.event is None or is_passed_on(file, receiving):
        return None
    if mentions(file, receiving.body, _CLOSED) or _asks_otherwise(receiving):
        return None
    loop = file.data[receiving.loop.start_byte : receiving.loop.end_byte]
    bounded = _BOUNDED.search(loop) is not None
    leaves = _leaves(receiving)
    consequence = "the loop turns on zero events for ever, at full speed, and sees no more changes"
    return file.finding(
        receiving.node,
        "a closed watch yields zero events at once: without `, ok` the loop spins on them and the "
        "watch is never opened again",
        evidence=[file.ground("blind", "received without asking whether it is closed")],
        consequence=[]
        if bounded or leaves
        else [file.ground("spins", consequence, receiving.loop)],
    )


def _asks_otherwise(receiving: Receiving) -> bool:
    """Whether a failed assertion of the object's type makes the loop end."""
    return any(
        text_of(each).startswith("return")
        and each.parent is not None
        and any(
            outer.type == "if_statement"
            and text_of(outer.child_by_field_name("condition")).startswith("!")
            for outer in around(each)
            if within(outer, receiving.body)
        )
        for each in _jumps(receiving.body)
    )


def _goes_round(file: File, receiving: Receiving) -> Finding | None:
    """``if !ok { continue }``, or a ``break`` that leaves the select only."""
    name = text_of(receiving.ok)
    for statement in statements(receiving.body):
        if statement.type != "if_statement":
            continue
        if text_of(statement.child_by_field_name("condition")) != f"!{name}":
            continue
        inner = statements(statement.child_by_field_name("consequence"))
        if not inner or not _only_jumps_back(inner):
            return None
        return file.finding(
            statement,
            "a closed watch stays closed: the loop comes straight back to it, spins, and never "
            "opens it again",
            evidence=[file.ground("closed", "the close is seen here", receiving.node)],
            consequence=[file.ground("spins", "this leads back to the receive", inner[-1])],
        )
    return None


def _only_jumps_back(inner: list[Node]) -> bool:
    last = text_of(inner[-1])
    jumps = last == "continue" or (last == "break" and _in_select(inner[-1]))
    # Anything but a log line may open the watch again.
    return jumps and all(
        each.type == "expression_statement"
        and re.search(r"(?i)log|warn|info|err|print", text_of(each))
        for each in inner[:-1]
    )


def _in_select(node: Node) -> bool:
    for outer in around(node):
        if outer.type in ("select_statement", "expression_switch_statement"):
            return True
        if outer.type == "for_statement":
            return False
    return False


def _starts_anew(file: File, receiving: Receiving) -> Iterator[Finding]:
    """An outer loop opens the watch again, from now instead of from the last event."""
    outer = _outer_loop(receiving)
    if outer is None:
        return
    if any(calls_within(file, outer, *_LISTS)):
        return
    for call in watch_calls(file, outer, receiving.server):
        if loop_of(call.node) != outer or not _from_now(call, receiving.server):
            continue
        etcd = receiving.server is Server.ETCD
        yield file.finding(
            call.node,
            "the watch is opened again from now: what happened since the last event is lost"
            if etcd
            else "the watch is opened again without the last resourceVersion: objects deleted in "
            "between are never reported",
            evidence=[file.ground("reopened", "opened again in this loop", outer)],
            consequence=_missed(file, receiving),
        )


def _from_now(call: Call, server: Server) -> bool:
    """Whether the options are all written here, and none of them says where to begin."""
    options = [text_of(each) for each in call.arguments]
    if server is Server.ETCD:
        known = all("(" in each for each in options[2:])
        return known and not any("WithRev" in each for each in options)
    last = call.arguments[-1]
    return (
        last.type == "composite_literal"
        and text_of(last.child_by_field_name("type")).endswith("ListOptions")
        and "ResourceVersion" not in options[-1]
    )


def _missed(file: File, receiving: Receiving) -> list[Ground]:
    if receiving.server is Server.ETCD:
        return [file.ground("gap", "each event is handled once, here", receiving.body)]
    if mentions(file, receiving.body, re.compile(rb"\.Deleted\b")):
        return [file.ground("deletes", "deletions are handled here", receiving.body)]
    return []
