"""OK602: a reader of a watch that does not look at the watch's errors."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.scan import File, Finding, Ground, rule
from commaok.scan.surroundings import descendants, function_of, loop_of
from commaok.scan.watching import (
    RECEIVES_EVENTS,
    Receiving,
    Server,
    declared_as,
    is_passed_on,
    mentions,
    receivings,
    watch_calls,
)

_ASKED: Final = {
    Server.KUBERNETES: re.compile(
        rb"\.Error\b(?!\()|FromObject|\bStatus\b|Accessor\(|IsGone|IsExpired"
    ),
    Server.ETCD: re.compile(
        rb"(?<!tx)(?<!ontext)(?<!ontext\(\))\.Err\(\)|\.Canceled\b|\.CompactRevision\b|IsCompacted"
    ),
}
_EVENT_TYPE: Final = re.compile(rb"\.(?:Added|Modified|Deleted)\b")


@rule("OK602", needs=RECEIVES_EVENTS)
def watch_error_ignored(file: File) -> Iterator[Finding]:
    """Event loops that handle events and never ask for an error."""
    for receiving in receivings(file):
        if receiving.loop is None or receiving.event is None:
            continue
        if mentions(file, receiving.body, _ASKED[receiving.server]) or _asked_outside(
            file, receiving
        ):
            continue
        if is_passed_on(file, receiving):
            continue
        found = (
            _etcd(file, receiving) if receiving.server is Server.ETCD else _kube(file, receiving)
        )
        if found is not None:
            yield found


def _asked_outside(file: File, receiving: Receiving) -> bool:
    """Whether the function asks about errors after the loop, of the same response."""
    function = function_of(receiving.node)
    return function is not None and mentions(file, function, _ASKED[receiving.server])


def _etcd(file: File, receiving: Receiving) -> Finding | None:
    if not mentions(file, receiving.body, re.compile(rb"\.Events\b")):
        return None
    return file.finding(
        receiving.node,
        "the watch can be cancelled by a compaction: without a look at Err() or CompactRevision "
        "the events up to it are lost and nobody is told",
        evidence=[file.ground("unasked", "only the events are read", receiving.event)],
        consequence=_begins_at(file, receiving),
        end=receiving.channel,
    )


def _begins_at(file: File, receiving: Receiving) -> list[Ground]:
    """The watch begins at a revision of its own choice, or is opened again."""
    function = function_of(receiving.node)
    made = declared_as(file, receiving.channel) or receiving.channel
    if "WithRev" in text_of(made):
        return [file.ground("revision", "the watch asks for history, which may be compacted", made)]
    outer = loop_of(receiving.loop) if receiving.loop is not None else None
    if outer is not None and function is not None:
        for call in watch_calls(file, outer, Server.ETCD):
            return [file.ground("reopened", "opened again as if nothing were lost", call.node)]
    return []


def _kube(file: File, receiving: Receiving) -> Finding | None:
    switch = _switch(receiving)
    if switch is None:
        return None
    return file.finding(
        receiving.node,
        "an expired watch says so with an Error event (410 Gone): it matches no case here and "
        "what was missed is never fetched",
        evidence=[file.ground("no-case", "neither watch.Error nor default", switch)],
        consequence=_retried(file, receiving),
        end=receiving.channel,
    )


def _switch(receiving: Receiving) -> Node | None:
    """The switch over the event's type that lets other types fall through."""
    for switch in descendants(receiving.body, "expression_switch_statement", literals=False):
        value = text_of(switch.child_by_field_name("value"))
        if value != f"{text_of(receiving.event)}.Type":
            continue
        cases = [each for each in switch.named_children if each.type == "expression_case"]
        has_default = any(each.type == "default_case" for each in switch.named_children)
        named = b" ".join((each.text or b"").split(b":")[0] for each in cases)
        return switch if not has_default and _EVENT_TYPE.search(named) else None
    return None


def _retried(file: File, receiving: Receiving) -> list[Ground]:
    outer = loop_of(receiving.loop) if receiving.loop is not None else None
    if receiving.ranges is False:
        outer = receiving.loop
    if outer is None:
        return []
    for call in watch_calls(file, outer, Server.KUBERNETES):
        options = expressions(call.node.child_by_field_name("arguments"))[-1]
        if "ResourceVersion" in text_of(options):
            return [file.ground("retried", "opened again at the same resourceVersion", call.node)]
        return [file.ground("reopened", "opened again as if nothing were lost", call.node)]
    return []
