"""Functions that are told of events: informer handlers and the bodies of watch loops."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tree_sitter import Node

from commaok.golang import Finder
from commaok.golang.syntax import expressions, text_of
from commaok.scan.file import File
from commaok.scan.watching import RECEIVES_EVENTS, receivings

HANDLES_EVENTS: Final = (
    RECEIVES_EVENTS + rb"|AddFunc:|UpdateFunc:|DeleteFunc:|\) OnAdd\(|\) OnUpdate\(|\) OnDelete\("
)
"""What a file contains that handles events: a byte test for ``needs``."""

_FIELDS: Final = frozenset(("AddFunc", "UpdateFunc", "DeleteFunc"))
_METHODS: Final = frozenset(("OnAdd", "OnUpdate", "OnDelete"))
_KEYS: Final = Finder(
    "(keyed_element key: (literal_element (identifier) @key) value: (literal_element (_) @value))"
)


@dataclass(frozen=True, slots=True)
class Handling:
    """Code that runs for each event: ``body`` of a handler or a loop; where it is set up.

    ``deletes`` says that it is told of deletions and nothing else.
    """

    body: Node
    source: Node
    what: str
    deletes: bool


def handlings(file: File) -> Iterator[Handling]:
    """Everything in a file that runs once for an event, each body once."""
    seen: set[int] = set()
    for found in (*_in_loops(file), *_registered(file), *_methods(file)):
        if found.body.id not in seen:
            seen.add(found.body.id)
            yield found


def _in_loops(file: File) -> Iterator[Handling]:
    for receiving in receivings(file):
        if receiving.loop is not None:
            yield Handling(
                receiving.body, receiving.channel, "watch events arrive here", deletes=False
            )


def _registered(file: File) -> Iterator[Handling]:
    for key in file.captures(_KEYS).get("key", ()):
        name = text_of(key)
        element = key.parent.parent if key.parent is not None else None
        if name not in _FIELDS or element is None:
            continue
        value = next(iter(expressions(element.child_by_field_name("value"))), None)
        body = _body_of(file, value) if value is not None else None
        if body is not None:
            yield Handling(body, key, f"registered as {name}", deletes=name == "DeleteFunc")


def _methods(file: File) -> Iterator[Handling]:
    for function in file.functions:
        name = function.child_by_field_name("name")
        body = function.child_by_field_name("body")
        if function.type != "method_declaration" or name is None or body is None:
            continue
        if text_of(name) in _METHODS:
            deletes = text_of(name) == "OnDelete"
            yield Handling(body, name, f"called as {text_of(name)}", deletes=deletes)


def _body_of(file: File, value: Node) -> Node | None:
    """The body of a literal, or of the function of this file that a value names."""
    if value.type == "func_literal":
        return value.child_by_field_name("body")
    if value.type not in ("identifier", "selector_expression"):
        return None
    wanted = file.types.object(value)
    if wanted is None or wanted.site is None or wanted.site.path != file.source.path:
        return None
    for function in file.functions:
        name = function.child_by_field_name("name")
        if name is not None and name.start_byte == wanted.site.offset:
            return function.child_by_field_name("body")
    return None
