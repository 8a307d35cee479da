"""OK303: ``sync.Map`` used as if two calls on it were one, or as if it had a length."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tree_sitter import Node

from commaok.golang.syntax import expressions, text_of
from commaok.scan import Call, Edit, File, Finder, Finding, Fix, FixKind, Ground, rule
from commaok.scan.decisions import EFFECTS, decides, statements
from commaok.scan.locks import LockFlow

_LOADS: Final = Finder(
    """
    (short_var_declaration right: (expression_list . (call_expression) @load .))
    (assignment_statement right: (expression_list . (call_expression) @load .))
    """
)
_ASSERTIONS: Final = Finder("(type_assertion_expression operand: (identifier) @asserted)")


class Load(NamedTuple):
    """``value, ok := m.Load(key)``."""

    statement: Node
    call: Node
    value: str
    ok: str
    map: str
    key: str


@rule("OK303", needs=rb"\.(?:Load\([^)\s]|Range\()")
def sync_map_misuse(file: File) -> Iterator[Finding]:
    """Load then Store, Load then Delete, Range as length, a blind assertion."""
    if file.source.generated:
        return
    acts = [call for call in file.calls_named("Store", "Delete") if call.arguments]
    for load in _loads(file):
        if load.ok == "_":
            yield from _blind(file, load)
        else:
            yield from _two_steps(file, load, acts)
    yield from _counted(file)


def _is_map_call(file: File, call: Node) -> bool:
    callee = file.callee(call)
    return callee is not None and callee[:2] == ("sync", "Map")


def _receiver(call: Node) -> str:
    function = call.child_by_field_name("function")
    return text_of(function.child_by_field_name("operand")) if function is not None else ""


def _loads(file: File) -> Iterator[Load]:
    for call in file.captures(_LOADS).get("load", ()):
        function = call.child_by_field_name("function")
        if function is None or not text_of(function).endswith(".Load"):
            continue
        arguments = expressions(call.child_by_field_name("arguments"))
        statement = call.parent.parent if call.parent is not None else None
        if len(arguments) != 1 or statement is None or not _is_map_call(file, call):
            continue
        left = expressions(statement.child_by_field_name("left"))
        if len(left) == 2:
            value, ok = map(text_of, left)
            yield Load(statement, call, value, ok, _receiver(call), text_of(arguments[0]))


def _two_steps(file: File, load: Load, acts: list[Call]) -> Iterator[Finding]:
    around = file.types.enclosing_function(load.statement)
    if around is None:
        return
    for act in acts:
        same = _receiver(act.node) == load.map and text_of(act.arguments[0]) == load.key
        if act.node.start_byte < load.call.end_byte or not same:
            continue
        if file.types.enclosing_function(act.node) != around:
            continue
        if not decides(load.ok, load.statement, act.node, around):
            continue
        if act.name == "Delete" and _first_of_its_branch(act.node):
            continue  # gocritic's syncMapLoadAndDelete
        flow = LockFlow(around)
        if flow.sections(load.statement) & flow.sections(act.node):
            return
        yield _two_step_finding(file, load, act)
        return


def _first_of_its_branch(call: Node) -> bool:
    statement = call.parent
    listed = statement.parent if statement is not None else None
    branch = listed.parent.parent if listed is not None and listed.parent is not None else None
    if branch is None or statement is None or branch.type != "if_statement":
        return False
    first = statements(branch.child_by_field_name("consequence"))[:1]
    return bool(first) and first[0].id == statement.id


def _two_step_finding(file: File, load: Load, act: Call) -> Finding:
    line = load.statement.start_point[0] + 1
    between = text_of(file.data[load.call.end_byte : act.node.end_byte])
    consequence = []
    if effect := EFFECTS.search(between):
        text = f"`{effect[0].strip(' .(')}` happens for each caller, and one of them loses"
        consequence.append(file.ground("effect", text))
    better = "CompareAndDelete or LoadAndDelete"
    if act.name == "Store":
        updates = re.search(rf"\b{re.escape(load.value)}\b", text_of(act.arguments[-1]))
        better = "CompareAndSwap" if updates and load.value != "_" else "LoadOrStore"
    evidence = file.ground("two-steps", f"Load on line {line} decides about it", load.call)
    return file.finding(
        act.node,
        f"{act.name} on the word of an earlier Load: another goroutine can come in between and "
        f"its entry is lost; {better} does it in one step",
        evidence=[evidence],
        consequence=consequence,
        fix=_one_step(load, act),
    )


def _one_step(load: Load, act: Call) -> Fix | None:
    """``if _, ok := m.Load(k); !ok { m.Store(k, v) }`` is ``m.LoadOrStore(k, v)``."""
    branch = load.statement.parent
    if branch is None or branch.type != "if_statement" or load.value != "_":
        return None
    condition = text_of(branch.child_by_field_name("condition"))
    inner = statements(branch.child_by_field_name("consequence"))
    alone = len(inner) == 1 and inner[0].id == (act.node.parent.id if act.node.parent else 0)
    if act.name != "Store" or condition != f"!{load.ok}" or not alone:
        return None
    if branch.child_by_field_name("alternative") or b"//" in (branch.text or b""):
        return None
    value = text_of(act.arguments[-1])
    text = f"{load.map}.LoadOrStore({load.key}, {value})"
    edit = Edit(branch.start_byte, branch.end_byte, text)
    return Fix(FixKind.CHANGING, "store in one step where nothing is stored", (edit,))


def _blind(file: File, load: Load) -> Iterator[Finding]:
    """The value of a Load that may have found nothing, asserted to be of a type."""
    around = file.types.enclosing_function(load.statement)
    if around is None or load.value == "_":
        return
    if re.search(rf"\b{re.escape(load.value)}\s*[!=]=\s*nil", text_of(around)):
        return
    for name in file.captures(_ASSERTIONS).get("asserted", ()):
        assertion = name.parent
        if text_of(name) != load.value or assertion is None or _checked(assertion):
            continue
        if assertion.start_byte < load.statement.end_byte:
            continue
        if file.types.object(name) != file.types.object(
            expressions(load.statement.child_by_field_name("left"))[0]
        ):
            continue
        deleted = _deletions(file, load)
        panics = file.ground("panic", "an absent key ends the goroutine", load.call)
        yield file.finding(
            assertion,
            f"{load.value} is nil when {load.key} is absent, and the assertion panics with the "
            "event in hand",
            evidence=deleted,
            consequence=[panics] if deleted else [],
        )
        return


def _checked(assertion: Node) -> bool:
    listed = assertion.parent
    statement = listed.parent if listed is not None else None
    if listed is None or statement is None or listed.type != "expression_list":
        return listed is not None and listed.type in ("var_spec", "type_switch_statement")
    return len(expressions(statement.child_by_field_name("left"))) == 2


def _deletions(file: File, load: Load) -> list[Ground]:
    """Where the package deletes from this map: then a key can be absent."""
    name = load.map.rpartition(".")[2]
    gone = re.compile(rb"\b" + re.escape(name.encode()) + rb"\.(?:Delete|LoadAndDelete|Clear)\(")
    for each in file.package.files:
        if found := gone.search(each.data):
            node = each.root.named_descendant_for_byte_range(found.start(), found.end())
            text = "entries are deleted from it here"
            return [each.ground("deleted", text, node)] if node is not None else []
    return []


def _counted(file: File) -> Iterator[Finding]:
    """``m.Range(func(_, _ any) bool { n++; return true })``, and a decision about ``n``."""
    for call in file.calls_named("Range"):
        if len(call.arguments) != 1 or call.arguments[0].type != "func_literal":
            continue
        inner = statements(call.arguments[0].child_by_field_name("body"))
        if len(inner) != 2 or text_of(inner[1]) != "return true":
            continue
        count = re.fullmatch(r"(\w+)(?:\+\+|\s*\+=\s*1)", text_of(inner[0]))
        if count is None or not _is_map_call(file, call.node):
            continue
        around = file.types.enclosing_function(call.node)
        end = around.end_byte if around is not None else call.node.end_byte
        after = text_of(file.data[call.node.end_byte : end])
        decided = re.search(rf"\b{count[1]}\s*[<>=!]=?\s*\w|\w\s*[<>=!]=?\s*{count[1]}\b", after)
        text = "what is decided by the count can be wrong by the time it is done"
        yield file.finding(
            call.node,
            "Range is no snapshot: entries stored or deleted meanwhile are counted or not",
            consequence=[file.ground("decided", text)] if decided else [],
        )
