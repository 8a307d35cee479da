"""OK101: comparing a map value with nil to decide whether the key exists."""

from collections.abc import Iterator

from commaok.golang.types import Map
from commaok.scan import File, Finding, rule


@rule("OK101", needs=rb"\][ \t]*[!=]=[ \t]*nil\b")
def value_as_existence(file: File) -> Iterator[Finding]:
    """``m[k] != nil`` on a map whose values can be nil."""
    for read in file.indexes:
        around = read.node.parent
        if around is None or around.type != "binary_expression":
            continue
        operand = file.types.of(read.operand).underlying
        right = around.child_by_field_name("right")
        if isinstance(operand, Map) and operand.value.can_be_nil and right and right.type == "nil":
            yield file.finding(around, "a stored nil looks absent")
