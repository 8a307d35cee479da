"""What a rule is given: one file, its types, and what the package and the module say around it.

Everything beyond the file itself is read when a rule asks for it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

from tree_sitter import Node

from commaok.golang import Callee, Finder, Index, Object, Source, Types
from commaok.golang.packages import PackageFile
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Type, Unknown
from commaok.scan.findings import Finding, Fix, Ground, Place

if TYPE_CHECKING:
    from commaok.scan.package import PackageFacts

_CALLS: Final = Finder("(call_expression) @call")
_FUNCTIONS: Final = Finder("[(function_declaration) (method_declaration)] @function")
_NAMES: Final = frozenset(("identifier", "field_identifier", "type_identifier"))


_Answer = TypeVar("_Answer")


class Use(NamedTuple):
    """A place where an object is named; ``node`` is the name itself."""

    file: "File"
    node: Node


class Call(NamedTuple):
    """A call, by the last part of the name that is called; ``callee`` is asked of the types."""

    node: Node
    name: str
    arguments: tuple[Node, ...]


class CountedTypes(Types):
    """The answers for one file, and how many were given."""

    def __init__(self, file: PackageFile) -> None:
        super().__init__(file)
        self.known = 0
        self.unknown: Counter[str] = Counter()
        """By reason."""

    def of(self, node: Node) -> Type:
        """The type of an expression, counted."""
        found = super().of(node)
        under = found.underlying
        if isinstance(under, Unknown):
            self.unknown[under.reason.value] += 1
        else:
            self.known += 1
        return found


class File:
    """One Go file under a rule's eyes.

    ``types`` answers about nodes of ``root``; ``package`` leads to the other files.
    """

    def __init__(self, inside: "PackageFacts", file: PackageFile, shown: str) -> None:
        self.package = inside
        self.types = CountedTypes(file)
        self.source: Source = file.source
        self.path = shown
        """As it is shown: below what the user named."""
        self.is_test = file.is_test
        self._captures: dict[int, dict[str, list[Node]]] = {}
        self._read: dict[object, tuple[object, ...]] = {}

    @property
    def root(self) -> Node:
        """The whole tree."""
        return self.source.root

    @property
    def data(self) -> bytes:
        """The file's bytes; nodes' offsets are offsets into them."""
        return self.source.data

    def captures(self, finder: Finder) -> dict[str, list[Node]]:
        """What a query captures in the whole file; asked twice, searched once."""
        found = self._captures.get(id(finder))
        if found is None:
            found = self._captures[id(finder)] = finder.captures(self.root)
        return found

    def once(self, read: Callable[["File"], Iterable[_Answer]]) -> Sequence[_Answer]:
        """What a function reads out of this file; asked by several rules, read once."""
        if read not in self._read:
            self._read[read] = tuple(read(self))
        return cast("tuple[_Answer, ...]", self._read[read])

    @cached_property
    def indexes(self) -> Sequence[Index]:
        """Every ``operand[key]`` whose operand is a value, in source order."""
        return sorted(self.types.indexes(), key=lambda each: each.node.start_byte)

    @cached_property
    def functions(self) -> Sequence[Node]:
        """The function and method declarations."""
        return self.captures(_FUNCTIONS).get("function", ())

    @cached_property
    def calls(self) -> Sequence[Call]:
        """Every call, in source order."""
        nodes = self.captures(_CALLS).get("call", ())
        return [_call(node) for node in sorted(nodes, key=lambda each: each.start_byte)]

    def calls_named(self, *names: str) -> Iterator[Call]:
        """The calls whose last name is one of these; no type is asked."""
        wanted = frozenset(names)
        return (call for call in self.calls if call.name in wanted)

    def callee(self, call: Node) -> Callee | None:
        """Import path, receiver and name of what a call calls."""
        return self.types.callee(call)

    def function_name(self, node: Node) -> str:
        """The declared function around a node, as ``Receiver.name``."""
        around: Node | None = node
        while around is not None:
            if around.type == "function_declaration":
                return text_of(around.child_by_field_name("name"))
            if around.type == "method_declaration":
                name = text_of(around.child_by_field_name("name"))
                base = re.search(r"(\w+)(?:\[[^\]]*\])?\)$", text_of(around.children[1]))
                return f"{base[1]}.{name}" if base else name
            around = around.parent
        return ""

    def place(self, node: Node, end: Node | None = None) -> Place:
        """Where a node stands, or the range from one node to the end of another."""
        last = end if end is not None else node
        line, column = node.start_point
        end_line, end_column = last.end_point
        start, stop = node.start_byte, last.end_byte
        return Place(self.path, line + 1, column + 1, end_line + 1, end_column + 1, start, stop)

    def ground(self, kind: str, text: str, node: Node | None = None) -> Ground:
        """Something that speaks for a finding, with the place in this file that shows it."""
        return Ground(kind, text, self.place(node) if node is not None else None)

    def finding(
        self,
        node: Node,
        message: str,
        *,
        evidence: Sequence[Ground] = (),
        consequence: Sequence[Ground] = (),
        fix: Fix | None = None,
        related: Sequence[Ground] = (),
        end: Node | None = None,
    ) -> Finding:
        """A finding at a node; the engine fills in the rule."""
        place = self.place(node, end)
        return Finding(
            place=place,
            message=message,
            evidence=tuple(evidence),
            consequence=tuple(consequence),
            fix=fix,
            related=tuple(related),
            function=self.function_name(node),
            text=" ".join(text_of(self.data[place.start : place.end]).split()),
        )

    def uses_here(self, wanted: Object) -> Iterator[Use]:
        """Where this file names an object, declaration included."""
        name = wanted.name.encode()
        if name not in self.data:
            return
        for hit in re.finditer(
            rb"(?<![\w\x80-\xff])" + re.escape(name) + rb"(?![\w\x80-\xff])", self.data
        ):
            node = self.root.named_descendant_for_byte_range(hit.start(), hit.end())
            if node is None or node.type not in _NAMES or node.start_byte != hit.start():
                continue
            if self.types.object(node) == wanted:
                yield Use(self, node)


def _call(node: Node) -> Call:
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is not None and function.type == "selector_expression":
        function = function.child_by_field_name("field")
    return Call(node, text_of(function), tuple(expressions(arguments)))
