"""OK403: a stored revision that an older one may replace."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang import Finder, Object
from commaok.golang.syntax import expressions, text_of
from commaok.scan import File, Finding, Ground, Use, rule
from commaok.scan.handlers import handlings
from commaok.scan.surroundings import declaration_of, within

_STORES: Final = Finder("(assignment_statement) @store")
_TARGET: Final = re.compile(r"(?i)(?:^|\.)\w*(?:resourceVersion|revision|rev|rv)$")
_READ: Final = re.compile(
    r"(?:[\w.*\[\]()]+\.)(?:GetResourceVersion\(\)|ResourceVersion|Header\.(?:GetRevision\(\)|Revision)"
    r"|(?:Kv\.)?ModRevision)"
)


@rule(
    "OK403",
    needs=rb"(?i)(?:resourceVersion|revision|rev|rv)[ \t]*=[^=\n]*\.(?:GetResourceVersion\(\)"
    rb"|ResourceVersion|Header\.(?:GetRevision\(\)|Revision)|(?:Kv\.)?ModRevision)\s*(?://.*)?$",
)
def revision_may_rewind(file: File) -> Iterator[Finding]:
    """Stores of a revision in a field or a variable of the package, with no comparison around."""
    for store in file.captures(_STORES).get("store", ()):
        target = _target(store)
        function = declaration_of(store)
        if target is None or function is None or _is_compared(function, target):
            continue
        held = file.types.object(target)
        if held is None or held.is_local or held.package != file.package.path:
            continue
        several = _several(file, store, held)
        yield file.finding(
            store,
            f"{text_of(target)} takes any revision, an older one too: after a list from a lagging "
            "server events are handled again, or newer state is overwritten",
            evidence=several,
            consequence=_resumed(file, held) if several else [],
        )


def _target(store: Node) -> Node | None:
    """The field or variable that takes a revision as it was read."""
    left = expressions(store.child_by_field_name("left"))
    right = expressions(store.child_by_field_name("right"))
    if len(left) != 1 or len(right) != 1 or text_of(store.child_by_field_name("operator")) != "=":
        return None
    name = text_of(left[0])
    # obj.ResourceVersion = old.ResourceVersion is how an update says what it is based on.
    if not _TARGET.search(name) or name.endswith(".ResourceVersion"):
        return None
    return left[0] if _READ.fullmatch(text_of(right[0])) else None


def _is_compared(function: Node, target: Node) -> bool:
    """Whether the function asks which of two revisions is newer."""
    name = re.escape(text_of(target).rpartition(".")[2])
    text = text_of(function)
    return (
        re.search(
            rf"{name}\)?\s*[<>]|[<>]=?\s*[\w.]*{name}\b|(?i:compare|max|newer|older)\w*\(", text
        )
        is not None
    )


def _several(file: File, store: Node, held: Object) -> list[Ground]:
    """More than one place stores it, or an informer's handler does: nothing orders them."""
    for handling in handlings(file):
        if within(store, handling.body) and not handling.what.startswith("watch"):
            return [
                file.ground("unordered", f"{handling.what}: relists come here too", handling.source)
            ]
    here = declaration_of(store)
    for use in file.package.uses(held):
        if _is_stored(use) and not (use.file is file and within(use.node, here)):
            return [
                use.file.ground(
                    "unordered", "stored here too, and nothing orders the two", use.node
                )
            ]
    return []


def _is_stored(use: Use) -> bool:
    """Whether a revision that was read is stored where a name stands."""
    node: Node | None = use.node
    while node is not None and node.type in (
        "identifier",
        "field_identifier",
        "selector_expression",
        "expression_list",
    ):
        node = node.parent
    if node is None or node.type != "assignment_statement":
        return False
    return within(use.node, node.child_by_field_name("left")) and _target(node) is not None


def _resumed(file: File, held: Object) -> list[Ground]:
    """A watch that begins at the stored revision."""
    for use in file.package.uses(held):
        outer = use.node.parent
        for _ in range(4):
            if outer is None:
                break
            text = text_of(outer)
            if outer.type == "keyed_element" and text.startswith("ResourceVersion:"):
                return [use.file.ground("resumed", "a watch or list begins at it", use.node)]
            if outer.type == "call_expression" and re.match(r"[\w.]*WithRev\(", text):
                return [use.file.ground("resumed", "a watch begins at it", use.node)]
            outer = outer.parent
    return []
