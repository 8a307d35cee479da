"""OK202: ``if s.M == nil`` means something else than empty, and ``omitempty`` makes them one."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.scan import File, Finder, Finding, Ground, ObjectKind, rule
from commaok.scan.decisions import statements

_COMPARED: Final = re.compile(rb"\.(\w+)[ \t]*[!=]=[ \t]*nil\b")
_COMPARISONS: Final = Finder("(if_statement condition: (binary_expression right: (nil)) @test)")
_EMPTY: Final = re.compile(r"make\(|map\[[^{]*\{\s*\}\Z|[\w.]+\{\s*\}\Z")


@rule("OK202", needs=(rb"\bmap\[|omitempty", rb"\bif\b[^\n]*\.\w+[ \t]*[!=]=[ \t]*nil\b"))
def nil_map_as_meaning(file: File) -> Iterator[Finding]:
    """A default for a nil map, where an empty one is encoded as none at all."""
    if file.source.generated:
        return
    dropped = {
        name: tag
        for name in {hit[1] for hit in _COMPARED.finditer(file.data)}
        if (tag := _dropped_when_empty(file, name)) is not None
    }
    if not dropped:
        return
    for test in file.captures(_COMPARISONS).get("test", ()):
        left = test.child_by_field_name("left")
        if left is None or left.type != "selector_expression":
            continue
        name = left.child_by_field_name("field")
        tag = dropped.get(name.text or b"") if name is not None else None
        field = file.types.object(left) if tag is not None else None
        if tag is None or field is None or field.kind is not ObjectKind.FIELD:
            continue
        if tag.at is None or field.site is None or tag.at.start != field.site.offset:
            continue  # another struct's field
        if not file.types.of(left).is_map:
            continue
        yield from _judged(file, test, left, tag)


def _dropped_when_empty(file: File, name: bytes) -> Ground | None:
    """Where the package declares a field of this name that is left out when it is empty."""
    pattern = re.compile(
        rb"^[ \t]*(" + re.escape(name) + rb")[ \t]+[^\n`]*`[^`\n]*(?:json|yaml):\"[^\"]*,omitempty",
        re.MULTILINE,
    )
    for each in file.package.files:
        if found := pattern.search(each.data):
            node = each.root.named_descendant_for_byte_range(found.start(1), found.end(1))
            if node is not None:
                return each.ground(
                    "omitempty", "an empty one is not encoded, and reads as nil", node
                )
    return None


def _judged(file: File, test: Node, left: Node, tag: Ground) -> Iterator[Finding]:
    branch = test.parent
    operator = text_of(test.child_by_field_name("operator"))
    side = "consequence" if operator == "==" else "alternative"
    block = branch.child_by_field_name(side) if branch is not None else None
    path = text_of(left)
    for statement in statements(block):
        if statement.type != "assignment_statement":
            continue
        targets, values = (
            expressions(statement.child_by_field_name(part)) for part in ("left", "right")
        )
        if len(targets) != 1 or len(values) != 1 or text_of(targets[0]) != path:
            continue
        value = text_of(values[0])
        if _EMPTY.match(value) or value == "nil":
            continue
        yield file.finding(
            test,
            f"nil {path} gets a default and an empty one does not, but after encoding they are "
            "the same: who asked for none gets the default back",
            evidence=[tag],
            consequence=[file.ground("default", "the default is put in here", statement)],
        )
