"""Struct fields that some constructor never makes."""

import re
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Named
from commaok.scan import File, Finder, Ground, Object, ObjectKind

_LITERALS: Final = Finder("(composite_literal) @literal")
_TAGGED: Final = re.compile(r"`[^`]*(?:json|yaml|toml|mapstructure|protobuf|xml|bson)[^`]*`")
_FILLED: Final = re.compile(r"(?i)reflect\.|unmarshal|decode|deepcopy|gob\.|faker|fuzz")

_COPIES: Final = re.compile(r"(?i)clone|copy|snapshot")
"""What such a function builds is read, and leaves out what readers do not need."""


def never_made(file: File, operand: Node) -> tuple[list[Ground], list[Ground]]:
    """What shows that a field of this package is nil in some or all values of its struct.

    Only fields that nothing assigns later count: who calls an ``Init`` when cannot be known.
    """
    field = file.types.object(operand)
    if field is None or field.kind is not ObjectKind.FIELD or field.package != file.package.path:
        return [], []
    owner = field.owner.rpartition(".")[2].partition("[")[0]
    name = field.name
    if name[:1].isupper() or not owner or owner[:1].isdigit():
        return [], []  # others may fill it
    later = re.compile(rb"(?:\.|&\w+\.)" + name.encode() + rb"\s*(?:,[^=\n]*)?(?<![!=<>:])=(?!=)")
    keyed = re.compile(rb"\b" + name.encode() + rb"\s*:")
    address = re.compile(rb"&[\w.]+\." + name.encode() + rb"\b")
    texts = [each.data for each in file.package.files]
    converted = re.compile(rb"\b" + owner.encode() + rb"\)?\(")
    if any(
        pattern.search(text) for text in texts for pattern in (later, address, converted)
    ) or _tag(file, field):
        return [], []
    made = any(keyed.search(text) for text in texts)
    if not made and any(_FILLED.search(text_of(text)) for text in texts):
        return [], []
    without = _without(file, field, owner, name)
    always = [file.ground("always", "nothing makes it: every write panics")]
    return ([without], [] if made else always) if without is not None else ([], [])


def _tag(file: File, field: Object) -> bool:
    """Whether the field has a tag: somebody decodes into it."""
    if field.site is None:
        return True
    for each in file.package.files:
        if each.source.path == field.site.path:
            end = each.data.find(b"\n", field.site.offset)
            return _TAGGED.search(text_of(each.data[field.site.offset : end])) is not None
    return True


def _without(file: File, field: Object, owner: str, name: str) -> Ground | None:
    """A place that builds the struct without the field."""
    quick = re.compile(
        rb"\b" + owner.encode() + rb"(?:\[[^\]\n]*\])?\{|new\(" + owner.encode() + rb"\)"
    )
    for each in file.package.files:
        if each.source.generated or not quick.search(each.data):
            continue
        for literal in each.captures(_LITERALS).get("literal", ()):
            kind = text_of(literal.child_by_field_name("type")).partition("[")[0]
            if kind != owner or _incidental(literal) or _COPIES.search(each.function_name(literal)):
                continue
            built = each.types.of(literal)
            if not isinstance(built, Named) or built.local or built.name_of != field.owner:
                continue
            keys = [
                text_of(element.child_by_field_name("key"))
                for element in expressions(literal.child_by_field_name("body"))
            ]
            if "" not in keys and name not in keys:
                return each.ground("built-without", f"built here without {name}", literal)
    return None


def _incidental(literal: Node) -> bool:
    """A zero value that is returned beside an error, compared or copied over another."""
    if _asks_the_compiler(literal):
        return True
    around = literal.parent
    if around is not None and around.type == "unary_expression":
        around = around.parent
    if around is None or around.type in ("binary_expression", "literal_element"):
        return True
    listed = around.type == "expression_list"
    if listed and around.parent is not None and around.parent.type == "return_statement":
        values = expressions(around)
        return len(values) > 1 and values[-1].type != "nil"
    return False


def _asks_the_compiler(literal: Node) -> bool:
    """``var _ Interface = &T{}`` and ``_ = Interface(&T{})`` make nothing."""
    around = literal.parent
    while around is not None and around.type not in ("statement_list", "source_file"):
        if around.type == "var_spec":
            return text_of(around.child_by_field_name("name")) == "_"
        around = around.parent
    return False
