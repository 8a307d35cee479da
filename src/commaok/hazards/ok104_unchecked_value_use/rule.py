"""OK104: using a map's value at once, where an absent key yields nil."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang import Index, ObjectKind
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Func, Interface, Map, Pointer, Struct, Type
from commaok.scan import File, Finding, Fix, FixKind, Ground, Use, rule
from commaok.scan.branches import inside
from commaok.scan.findings import Edit
from commaok.scan.maps import bare, map_facts, map_object

_CALLS: Final = ("call_expression", "type_conversion_expression")
_USED: Final = re.compile(rb"\][ \t)]*(?:\.\w|\()|\*[\w.]+\[")


@rule("OK104", needs=_USED.pattern)
def unchecked_value_use(file: File) -> Iterator[Finding]:
    """``m[k].f``, ``m[k]()`` and ``*m[k]`` with nothing before it that makes sure of the key."""
    for read in file.indexes:
        use = _use(file, read)
        if use is None:
            continue
        function = _function(read.node)
        if function is None or _is_sure(file, read, function):
            continue
        facts = map_facts(file, read.operand)
        elsewhere = [each for each in facts.deletes if _elsewhere(file, each, function)]
        asked = [each for each in facts.guarded if _elsewhere(file, each, function)]
        given = _given(file, read, function)
        evidence: list[Ground] = []
        # A key of the code's own keeping is usually there by some invariant we cannot see.
        if elsewhere and asked and given is not None:
            evidence = [
                elsewhere[0].file.ground("deleted", "keys are deleted here", elsewhere[0].node),
                asked[0].file.ground("asked", "and asked for with comma-ok here", asked[0].node),
            ]
        consequence = given if evidence else None
        yield file.finding(
            read.operand,
            f"{_text(file, read)} is used as if the key were there; "
            "an absent one yields nil, and the goroutine panics",
            evidence=evidence,
            consequence=[consequence] if consequence is not None else [],
            fix=_fix(file, read, use),
            end=read.key,
        )


def _use(file: File, read: Index) -> Node | None:
    """The expression that needs the value to be there."""
    node = read.node
    while node.parent is not None and node.parent.type == "parenthesized_expression":
        node = node.parent
    # The grammar has no node for the handlers[k] of handlers[k](x): the whole call stands for it.
    parent = node if node.type == "call_expression" else node.parent
    if parent is None:
        return None
    syntactic = (
        parent.id == read.node.id
        or (parent.type == "selector_expression" and parent.named_children[0].id == node.id)
        or (parent.type == "unary_expression" and parent.children[0].type == "*")
        or (parent.type in _CALLS and parent.named_children[0].id == node.id)
    )
    if not syntactic:
        return None
    kind = file.types.of(read.operand).underlying
    if not isinstance(kind, Map):
        return None
    needs = _needs(file, kind.value, parent)
    return parent if needs else None


def _needs(file: File, value: Type, use: Node) -> bool:
    """Whether nil in place of the value panics: a field, a call, a method of an interface."""
    under = value.underlying
    if use.type == "unary_expression":
        return isinstance(under, Pointer)
    if use.type in _CALLS:
        return isinstance(under, Func)
    if isinstance(under, Interface):
        return True
    if not isinstance(under, Pointer) or not isinstance(under.element.underlying, Struct):
        return False
    # A method may well be made for nil receivers; a field never is.
    member = file.types.object(use)
    return member is not None and member.kind is ObjectKind.FIELD


def _is_sure(file: File, read: Index, function: Node) -> bool:
    """Whether something before the use speaks of the key: a test, a store, a range, a literal."""
    key = bare(read.key)
    if key.type in ("interpreted_string_literal", "raw_string_literal", "int_literal"):
        return True
    text = _text(file, read).encode()
    body = function.child_by_field_name("body")
    names = list(inside(key, "identifier", "type_identifier"))
    before = file.data[function.start_byte : read.node.start_byte]
    if re.search(
        re.escape(text) + rb"(?!\.|\()|\b(?:ok|found|exists|(?i:\w*(?:has|contains|exists)\w*)\()",
        before,
    ):
        return True
    if not names:
        return True
    for statement in inside(body, "range_clause"):
        left = statement.child_by_field_name("left")
        if left is not None and any(
            text_of(one) == text_of(name) for one in expressions(left) for name in names
        ):
            return True
    held = map_object(file, read.operand)
    return held is None or (held.is_local and not _is_parameter(file, read.operand))


def _is_parameter(file: File, operand: Node) -> bool:
    del file
    return bare(operand).type == "selector_expression"


def _given(file: File, read: Index, function: Node) -> Ground | None:
    """The key comes from the caller, who may name one that was deleted meanwhile."""
    parameters = function.child_by_field_name("parameters")
    names = {text_of(each) for each in inside(read.key, "identifier", "type_identifier")}
    for name in inside(parameters, "identifier"):
        if text_of(name) in names:
            text = f"{text_of(name)} is the caller's, and may name a key that is gone"
            return file.ground("callers-key", text, name)
    return None


def _fix(file: File, read: Index, use: Node) -> Fix | None:
    """``if v, ok := m[k]; ok`` around a statement that does nothing else."""
    statement = use
    while statement.parent is not None and statement.type != "expression_statement":
        if statement.parent.type not in (
            "selector_expression",
            *_CALLS,
            "expression_statement",
        ):
            return None
        if statement.parent.named_children[0].id != statement.id:
            return None
        statement = statement.parent
    line = file.data.rfind(b"\n", 0, statement.start_byte) + 1
    indent = file.data[line : statement.start_byte].decode("utf-8", "replace")
    text = file.data[statement.start_byte : statement.end_byte]
    if indent.strip() or b"\n" in text or any(inside(read.key, "call_expression")):
        return None
    start = read.operand.start_byte - statement.start_byte
    end = read.operand.start_byte + len(_text(file, read).encode())
    rest = (b"value" + text[end - statement.start_byte :]).decode("utf-8", "replace")
    head = text[:start].decode("utf-8", "replace")
    if re.search(r"\b(value|ok)\b", text.decode("utf-8", "replace")):
        return None
    wrapped = f"if value, ok := {_text(file, read)}; ok {{\n{indent}\t{head}{rest}\n{indent}}}"
    edit = Edit(statement.start_byte, statement.end_byte, wrapped)
    return Fix(FixKind.CHANGING, "use the value only when the key is there", (edit,))


def _function(node: Node) -> Node | None:
    """The declared function around a node, so that a check outside a closure counts too."""
    around: Node | None = node
    while around is not None:
        if around.type in ("function_declaration", "method_declaration"):
            return around
        around = around.parent
    return None


def _elsewhere(file: File, use: Use, function: Node) -> bool:
    """Whether a use stands in another function of the same package: who shares its map's rules."""
    return use.file.package is file.package and not _within(use.node, function)


def _within(node: Node, function: Node) -> bool:
    around: Node | None = node
    while around is not None:
        if around == function:
            return True
        around = around.parent
    return False


def _text(file: File, read: Index) -> str:
    """``m[k]`` as written."""
    close = file.data.index(b"]", read.key.end_byte) + 1
    return file.data[read.operand.start_byte : close].decode("utf-8", "replace")
