"""Where Go code receives watch events: from a Kubernetes ``watch.Interface`` or an etcd client."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from tree_sitter import Node

from commaok.golang import Finder
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Chan
from commaok.scan.file import Call, File
from commaok.scan.surroundings import around, called_name, calls_within, function_of, within

RECEIVES_EVENTS: Final = rb"ResultChan\(\)|WatchChan|WatchResponse|\.Watch\(|watch\.Event"
"""What a file contains that receives events: a byte test for ``needs``."""

_KUBERNETES: Final = "k8s.io/apimachinery/pkg/watch"
_CLIENTS: Final = (
    "go.etcd.io/etcd/client/v3",
    "go.etcd.io/etcd/clientv3",
    "github.com/coreos/etcd/clientv3",
)
_RANGES: Final = Finder("(for_statement (range_clause) @range)")
_RECEIVES: Final = Finder('(unary_expression operator: "<-") @receive')
_CHANNELS: Final = frozenset(("identifier", "selector_expression", "call_expression"))
_OTHERS: Final = frozenset(("Done", "After", "Tick", "C", "List", "Items", "Split", "make"))
_PROPAGATES: Final = re.compile(rb"\bclose\(")


class Server(Enum):
    """Who sends the events; what close and errors look like depends on it."""

    KUBERNETES = "kubernetes"
    ETCD = "etcd"


@dataclass(frozen=True, slots=True)
class Receiving:
    """One place that takes events off a channel.

    ``node`` is the loop over the channel or the receive itself, ``body`` what runs for an event;
    ``loop`` is the loop that receives again and again, None for a single receive.
    """

    server: Server
    node: Node
    channel: Node
    event: Node | None
    ok: Node | None
    body: Node
    loop: Node | None
    ranges: bool


def receivings(file: File) -> Iterator[Receiving]:
    """Every place in a file that receives watch events, ranges first."""
    for clause in file.captures(_RANGES).get("range", ()):
        loop = clause.parent
        channel = clause.child_by_field_name("right")
        body = loop.child_by_field_name("body") if loop is not None else None
        if loop is None or channel is None or body is None:
            continue
        names = expressions(clause.child_by_field_name("left"))
        server = server_of(file, channel) if len(names) < 2 else None
        if server is not None:
            event = names[0] if names else None
            yield Receiving(server, loop, channel, event, None, body, loop, ranges=True)
    for receive in file.captures(_RECEIVES).get("receive", ()):
        channel = receive.child_by_field_name("operand")
        server = server_of(file, channel) if channel is not None else None
        if server is not None and channel is not None:
            yield from _received(server, receive, channel)


def _received(server: Server, receive: Node, channel: Node) -> Iterator[Receiving]:
    holder = receive.parent
    if holder is not None and holder.type == "expression_list":
        holder = holder.parent
    names = expressions(holder.child_by_field_name("left")) if holder is not None else []
    statement = next(
        (each for each in around(receive) if each.type in ("communication_case", "statement_list")),
        None,
    )
    if statement is None or holder is None:
        return
    loop = next((each for each in around(receive) if each.type == "for_statement"), None)
    ok = names[1] if len(names) > 1 and text_of(names[1]) != "_" else None
    event = names[0] if names and text_of(names[0]) != "_" else None
    yield Receiving(server, receive, channel, event, ok, statement, loop, ranges=False)


def server_of(file: File, channel: Node) -> Server | None:
    """Who sends events on a channel, None where it is not known to carry watch events."""
    if channel.type not in _CHANNELS or called_name(channel) in _OTHERS:
        return None
    found = file.types.of(channel)
    under = found.underlying
    carried = under.element.name_of if isinstance(under, Chan) else found.name_of
    if carried == f"{_KUBERNETES}.Event":
        return Server.KUBERNETES
    if carried.endswith((".WatchChan", ".WatchResponse")) and _of_client(carried):
        return Server.ETCD
    return None if isinstance(under, Chan) else _by_name(file, channel)


def _by_name(file: File, channel: Node) -> Server | None:
    """The same by what was called to get the channel, for where a dependency's source is absent."""
    made = channel if channel.type == "call_expression" else declared_as(file, channel)
    if made is None or made.type != "call_expression":
        return None
    if called_name(made) == "Watch":
        callee = file.callee(made)
        return Server.ETCD if callee is not None and callee.package in _CLIENTS else None
    found = called_name(made) == "ResultChan" and b'"k8s.io/' in file.data
    return Server.KUBERNETES if found else None


def declared_as(file: File, name: Node) -> Node | None:
    """The expression that a local variable is declared with, in the same file."""
    found = file.types.object(name) if name.type == "identifier" else None
    if found is None or found.site is None or found.site.path != file.source.path:
        return None
    offset = found.site.offset
    node = file.root.named_descendant_for_byte_range(offset, offset + 1)
    while node is not None and node.type not in ("short_var_declaration", "var_spec", "block"):
        node = node.parent
    if node is None or node.type == "block":
        return None
    return next(iter(expressions(node.child_by_field_name("right"))), None) or next(
        iter(expressions(node.child_by_field_name("value"))), None
    )


def watch_calls(file: File, outer: Node, server: Server) -> list[Call]:
    """The calls inside a node that open a watch."""
    return [
        call
        for call in calls_within(file, outer, "Watch")
        if call.arguments and (server is Server.KUBERNETES or _opens(file, call))
    ]


def _opens(file: File, call: Call) -> bool:
    callee = file.callee(call.node)
    return callee is None or callee.package in _CLIENTS


def mentions(file: File, node: Node, pattern: re.Pattern[bytes]) -> bool:
    """Whether the source of a node matches."""
    return pattern.search(file.data, node.start_byte, node.end_byte) is not None


def is_passed_on(file: File, receiving: Receiving) -> bool:
    """Whether the whole event goes somewhere else, where it may be looked into."""
    if receiving.event is None:
        return False
    found = file.types.object(receiving.event)
    if found is None:
        return True
    return any(
        within(use.node, receiving.body if not receiving.ranges else receiving.node)
        and use.node.start_byte > receiving.event.end_byte
        and not _is_operand(use.node)
        for use in file.uses_here(found)
    )


def _is_operand(name: Node) -> bool:
    outer = name.parent
    if outer is None or outer.type != "selector_expression":
        return False
    operand = outer.child_by_field_name("operand")
    return operand is not None and operand.id == name.id


def tells_its_end(file: File, receiving: Receiving) -> bool:
    """Whether the function closes a channel, so that whoever listens there learns of the end."""
    function = function_of(receiving.node)
    return function is not None and mentions(file, function, _PROPAGATES)


def _of_client(qualified: str) -> bool:
    return qualified.rpartition(".")[0] in _CLIENTS
