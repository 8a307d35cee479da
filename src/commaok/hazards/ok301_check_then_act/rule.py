"""OK301: a comma-ok test in one critical section, the write that depends on it in the next."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Chan, Pointer
from commaok.scan import Edit, File, Finder, Finding, Fix, FixKind, Ground, rule
from commaok.scan.decisions import EFFECTS, decides
from commaok.scan.locks import LockFlow, Section

_TESTS: Final = Finder(
    """
    (short_var_declaration right: (expression_list . (index_expression) @read .))
    (assignment_statement right: (expression_list . (index_expression) @read .))
    """
)
_ACTS: Final = Finder(
    """
    (assignment_statement left: (expression_list (index_expression) @write))
    (call_expression function: (identifier) @name arguments: (argument_list (_) (_))
      (#eq? @name "delete")) @delete
    """
)


class Test(NamedTuple):
    """``value, ok := m[key]``."""

    node: Node
    value: str
    ok: str
    operand: Node
    path: str
    key: str


class Act(NamedTuple):
    """``m[key] = …`` or ``delete(m, key)``."""

    node: Node
    path: str
    key: str
    deletes: bool


@rule("OK301", needs=(rb"\.R?Unlock\(\)", rb"\w\s*,\s*\w+\s*:?=\s*[\w.]+\["))
def check_then_act(file: File) -> Iterator[Finding]:
    """A write after a look into the same map, each under the lock, not both under one."""
    if file.source.generated:
        return
    acts = list(_acts(file))
    flows: dict[int, LockFlow] = {}
    done: set[int] = set()
    for test in _tests(file):
        for act in acts:
            if act.node.id in done or act.node.start_byte < test.node.end_byte:
                continue
            if (act.path, act.key) != (test.path, test.key):
                continue
            around = file.types.enclosing_function(act.node)
            if around is None or file.types.enclosing_function(test.node) != around:
                continue
            if _one_at_a_time(around) or not decides(test.ok, test.node, act.node, around):
                continue
            flow = flows.setdefault(around.id, LockFlow(around))
            sections = _apart(flow, test, act)
            if sections is None or not file.types.of(test.operand).is_map:
                continue
            if _looks_again(file, test, act, sections[1]):
                continue
            done.add(act.node.id)
            yield _finding(file, test, act, sections)


def _tests(file: File) -> Iterator[Test]:
    for read in file.captures(_TESTS).get("read", ()):
        listed = read.parent
        statement = listed.parent if listed is not None else None
        operand = read.child_by_field_name("operand")
        key = read.child_by_field_name("index")
        if statement is None or operand is None or key is None:
            continue
        left = expressions(statement.child_by_field_name("left"))
        if len(left) == 2 and text_of(left[1]) != "_":
            value, ok = map(text_of, left)
            yield Test(statement, value, ok, operand, text_of(operand), text_of(key))


def _acts(file: File) -> Iterator[Act]:
    found = file.captures(_ACTS)
    for target in found.get("write", ()):
        statement = target.parent.parent if target.parent is not None else None
        operand, key = (target.child_by_field_name(part) for part in ("operand", "index"))
        if statement is not None:
            yield Act(statement, text_of(operand), text_of(key), deletes=False)
    for call in found.get("delete", ()):
        arguments = expressions(call.child_by_field_name("arguments"))
        statement = call.parent
        if len(arguments) != 2 or statement is None:
            continue
        operand, key = arguments
        if statement.type == "expression_statement":
            yield Act(statement, text_of(operand), text_of(key), deletes=True)


def _one_at_a_time(function: Node) -> bool:
    """A literal that is handed to ``Do``: ``singleflight`` and ``sync.Once`` run one of a key."""
    listed = function.parent
    call = listed.parent if listed is not None and listed.type == "argument_list" else None
    called = call.child_by_field_name("function") if call is not None else None
    return called is not None and text_of(called).endswith(".Do")


def _apart(flow: LockFlow, test: Test, act: Act) -> tuple[Section, Section] | None:
    """The two sections of one mutex; None where one section covers both, or there are not two."""
    first, second = flow.sections(test.node), flow.sections(act.node)
    if first & second:
        return None
    for one in first:
        for other in second:
            if one.mutex == other.mutex and other.start > test.node.end_byte and other.exclusive:
                return one, other
    return None


def _looks_again(file: File, test: Test, act: Act, section: Section) -> bool:
    """Whether the second section asks anything before it acts, or the key changed."""
    again = file.data[section.start : act.node.start_byte]
    if re.search(rb"\b(?:if|switch|range)\b", again) or test.path.encode() in again:
        return True
    between = text_of(file.data[test.node.end_byte : act.node.start_byte])
    word = re.match(r"\w+", test.key)
    changed = rf"\b{word[0]}\s*(?:,[^=\n]*)?:?=(?!=)" if word else r"\Z\A"
    return re.search(changed, between) is not None


def _finding(file: File, test: Test, act: Act, sections: tuple[Section, Section]) -> Finding:
    between = text_of(file.data[test.node.end_byte : sections[1].start])
    consequence = []
    if act.deletes:
        text = "it deletes whatever is there by now, a newer entry too"
        consequence.append(file.ground("deletes", text, act.node))
    elif effect := EFFECTS.search(between):
        text = f"`{effect[0].strip(' .(')}` has happened by then: the loser's is never undone"
        consequence.append(file.ground("effect", text))
    mutex = sections[0].mutex
    line = test.node.start_point[0] + 1
    verb = "deleted" if act.deletes else "written"
    gap = f"{mutex} is given up between the check and this line"
    return file.finding(
        act.node,
        f"{act.path}[{act.key}] is {verb} on the word of line {line}, but {mutex} was given up "
        "since: two callers can both find it, or both miss it",
        evidence=[file.ground("lock-given-up", gap, test.node)],
        consequence=consequence,
        fix=_fix(file, test, act, consequence),
    )


def _fix(file: File, test: Test, act: Act, consequence: list[Ground]) -> Fix | None:
    """Ask again under the second lock; not where something would have to be undone as well."""
    start = file.data.rfind(b"\n", 0, act.node.start_byte) + 1
    tabs = text_of(file.data[start : act.node.start_byte])
    if tabs.strip() or b"\n" in (act.node.text or b"\n"):
        return None
    if act.deletes:
        read = expressions(test.node.child_by_field_name("right"))
        scoped = test.node.parent is not None and test.node.parent.type == "if_statement"
        if test.value == "_" or scoped:
            return None
        if not isinstance(file.types.of(read[0]).underlying, Pointer | Chan):
            return None
        question = f"{act.path}[{act.key}] == {test.value}"
    elif consequence:
        return None
    else:
        question = f"_, ok := {act.path}[{act.key}]; !ok"
    text = f"if {question} {{\n{tabs}\t{text_of(act.node)}\n{tabs}}}"
    edit = Edit(act.node.start_byte, act.node.end_byte, text)
    return Fix(FixKind.CHANGING, "ask again under the lock that is held for the write", (edit,))
