"""OK201: a write to a map that is nil on some way to it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Basic, Map
from commaok.hazards.ok201_nil_map_write.origins import confirm, parameter_names
from commaok.scan import Edit, File, Finder, Finding, Fix, FixKind, Ground, rule
from commaok.scan.nilness import MADE, NilFlow, Nilness, Origin, path_of

_WRITES: Final = Finder(
    """
    (assignment_statement left: (expression_list (index_expression) @write))
    (inc_statement (index_expression) @write)
    (dec_statement (index_expression) @write)
    """
)
_STATEMENTS: Final = frozenset(("assignment_statement", "inc_statement", "dec_statement"))
_SURE: Final = frozenset((Origin.DECLARED, Origin.RESULT, Origin.ASSIGNED, Origin.LITERAL))
_BRANCHES: Final = frozenset(
    (
        "if_statement",
        "for_statement",
        "expression_case",
        "type_case",
        "communication_case",
        "default_case",
    )
)


@rule("OK201", needs=rb"\][ \t]*(?:(?:[-+*/|&^%]|<<|>>|&\^)?=(?!=)|\+\+|--)")
def nil_map_write(file: File) -> Iterator[Finding]:
    """``m[k] = v`` where no map was made on some way to it."""
    if file.source.generated:
        return
    for function, paths in _written(file).items():
        text = text_of(function)
        for path in paths:
            if not _may_be_nil(path, function, text):
                continue
            flow = NilFlow(path, function)
            flow.body(function, _at_start(path, function))
            for target, facts in flow.writes.items():
                yield from _judged(file, function, target, facts)


def _written(file: File) -> Mapping[Node, Iterable[str]]:
    """By function, the paths that are written to, without any type asked."""
    found: dict[Node, dict[str, None]] = {}
    for target in file.captures(_WRITES).get("write", ()):
        operand = target.child_by_field_name("operand")
        path = path_of(operand) if operand is not None else ""
        if not path:
            continue
        around = target.parent
        while around is not None and around.type not in (
            "function_declaration",
            "method_declaration",
        ):
            around = around.parent
        if around is not None:
            found.setdefault(around, {})[path] = None
    return found


def _may_be_nil(path: str, function: Node, text: str) -> bool:
    """Whether the flow can find anything; most maps are made where they are declared."""
    if "." in path:
        return True
    if any(text_of(name) == path for name in (*parameter_names(function), *_results(function))):
        return True
    name = re.escape(path)
    declared = rf"\bvar\b[^=\n]*\b{name}\b|^\s*{name}\s+\S*map\[|\b{name}\b[^=\n]*=\s*nil"
    called = rf"\b{name}\b\s*(?:,\s*\w+\s*)?:?=\s*(?!make\b)[\w.]+\("
    return re.search(f"{declared}|{called}", text, re.MULTILINE) is not None


def _results(function: Node) -> list[Node]:
    result = function.child_by_field_name("result")
    if result is None or result.type != "parameter_list":
        return []
    return [name for each in expressions(result) for name in each.children_by_field_name("name")]


def _at_start(path: str, function: Node) -> frozenset[Nilness]:
    if "." in path:
        return frozenset((MADE, Nilness(Origin.OUTSIDE, function)))
    for result in _results(function):
        if text_of(result) == path and result.parent is not None:
            return frozenset((Nilness(Origin.RESULT, result.parent),))
    if any(text_of(name) == path for name in parameter_names(function)):
        return frozenset((MADE, Nilness(Origin.OUTSIDE, function)))
    return frozenset((MADE,))


def _judged(
    file: File, function: Node, target: Node, facts: frozenset[Nilness]
) -> Iterator[Finding]:
    nils = sorted(
        (fact for fact in facts if fact.node is not None),
        key=lambda fact: fact.node.start_byte if fact.node is not None else 0,
    )
    always = MADE not in facts and all(nil.origin in _SURE for nil in nils)
    evidence: list[Ground] = []
    consequence: list[Ground] = []
    for nil in nils:
        if nil.origin in _SURE and not always and _conditional(target, nil.node):
            continue
        shown, follows = confirm(file, target, function, nil)
        evidence.extend(shown)
        consequence.extend(ground for ground in follows if ground not in consequence)
        always = always and bool(shown)
    if not evidence and not consequence:
        return
    if always:
        consequence.append(file.ground("always", "nil on every way here: the write panics"))
    elif _own_goroutine(target, function):
        text = "a panic in a goroutine ends the process and every watch in it"
        consequence.append(file.ground("goroutine", text))
    name = path_of(target.children[0])
    verb = "is" if always else "may be"
    yield file.finding(
        target,
        f"{name} {verb} nil here; writing to a nil map panics and the event being handled is lost",
        evidence=evidence,
        consequence=consequence,
        fix=_fix(file, target, name),
    )


def _conditional(target: Node, source: Node | None) -> bool:
    """Whether the write stands in a branch that the declaration does not stand in.

    What decides the branch, or how often the loop runs, often decides whether the map was made.
    """
    around = target.parent
    while around is not None and source is not None:
        if around.start_byte <= source.start_byte and source.end_byte <= around.end_byte:
            return False
        if around.type in _BRANCHES:
            return True
        around = around.parent
    return False


def _own_goroutine(target: Node, function: Node) -> bool:
    around = target.parent
    while around is not None and around.id != function.id:
        if around.type == "go_statement":
            return True
        around = around.parent
    return False


def _fix(file: File, target: Node, name: str) -> Fix | None:
    """Make the map before the statement, where a statement can stand."""
    statement: Node | None = target
    while statement is not None and statement.type not in _STATEMENTS:
        statement = statement.parent
    if statement is None or statement.parent is None:
        return None
    if statement.parent.type != "statement_list":
        return None
    line = file.data.rfind(b"\n", 0, statement.start_byte) + 1
    indent = file.data[line : statement.start_byte]
    kind = _written_type(file, target)
    if indent.strip() or not kind:
        return None
    tabs = text_of(indent)
    made = f"if {name} == nil {{\n{tabs}\t{name} = make({kind})\n{tabs}}}\n{tabs}"
    edit = Edit(statement.start_byte, statement.start_byte, made)
    return Fix(FixKind.CHANGING, "make the map before the write", (edit,))


def _written_type(file: File, target: Node) -> str:
    """The map's type as Go source, where it needs no import."""
    operand = target.child_by_field_name("operand")
    found = file.types.of(operand) if operand is not None else None
    if not isinstance(found, Map):
        return ""
    basic = isinstance(found.key, Basic) and isinstance(found.value, Basic)
    return str(found) if basic else ""
