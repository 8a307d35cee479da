"""OK302: a map that is guarded in most places and touched without its mutex in some."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from tree_sitter import Node

from commaok.golang.syntax import text_of
from commaok.scan import File, Finder, Finding, Ground, Object, rule
from commaok.scan.guarded import Locks, Touch, as_used, called_locked, calls, own_object, touch

_FIELDS: Final = Finder(
    """
    (field_declaration name: (field_identifier) @field type: (map_type))
    (source_file (var_declaration (var_spec name: (identifier) @field type: (map_type))))
    (source_file (var_declaration (var_spec name: (identifier) @field
      value: (expression_list . [(composite_literal type: (map_type)) (call_expression)] .))))
    (source_file (var_declaration (var_spec_list (var_spec name: (identifier) @field
      type: (map_type)))))
    (source_file (var_declaration (var_spec_list (var_spec name: (identifier) @field
      value: (expression_list . [(composite_literal type: (map_type)) (call_expression)] .)))))
    """
)
_SHARE: Final = 0.66
"""Under the lock at this many of all places, the map is taken to be guarded by it."""


@rule("OK302", needs=(rb"\bmap\[", rb"\bsync\.(?:RW)?Mutex\b"))
def unsynchronised_shared_map(file: File) -> Iterator[Finding]:
    """Fields and package variables of a map type that is guarded, but not everywhere."""
    if file.source.generated:
        return
    texts = [each.data for each in file.package.files]
    if not any(b"Lock()" in text for text in texts):
        return
    locks = Locks()
    for name in file.captures(_FIELDS).get("field", ()):
        word = re.compile(rb"\b" + re.escape(name.text or b"") + rb"\b")
        if sum(len(word.findall(text)) for text in texts) < 4:
            continue
        declared = as_used(file, name) if _near_a_mutex(name) else None
        if declared is None:
            continue
        yield from _judged(file, name, declared, locks)


def _near_a_mutex(name: Node) -> bool:
    """Whether the struct, or the file of a package variable, has a mutex at all."""
    around = name.parent
    while around is not None and around.type not in ("struct_type", "source_file"):
        around = around.parent
    return around is not None and re.search(rb"sync\.(?:RW)?Mutex", around.text or b"") is not None


def _uses(file: File, name: Node, declared: Object, locks: Locks) -> list[Touch]:
    found = []
    for use in file.package.uses(declared):
        if use.node.start_byte == name.start_byte and use.file is file:
            continue
        one = touch(use, locks)
        if one is not None and not own_object(one):
            found.append(one)
    return found


def _judged(file: File, name: Node, declared: Object, locks: Locks) -> Iterator[Finding]:
    touches = _uses(file, name, declared, locks)
    mutex = _guard(touches)
    if not mutex:
        return
    guarded = [one for one in touches if _holds(one, mutex)]
    bare = [
        one
        for one in touches
        if not one.held and not called_locked(one.use.file, one.function, locks)
    ]
    if not bare or not any(one.what == "write" for one in guarded):
        escapes = [one for one in guarded if one.what == "escape"]
        if len(guarded) > 2 and any(one.what == "write" for one in guarded):
            for one in escapes:
                if one.use.file is file:
                    yield _escape(one, mutex)
        return
    if len(guarded) < 2 or len(guarded) / (len(guarded) + len(bare)) < _SHARE:
        return
    share = f"{mutex} is held at {len(guarded)} of {len(guarded) + len(bare)} places"
    write = next(one for one in guarded if one.what == "write")
    evidence = write.use.file.ground("guarded", share, write.operand)
    elsewhere = False
    for one in _first_of_each([one for one in bare if _is_shared(one)]):
        if one.use.file is file:
            yield _bare(file, one, one.operand, mutex, evidence)
        elif not elsewhere:
            # A finding belongs to the file that is scanned: there the declaration stands for it.
            elsewhere = True
            yield _bare(file, one, name, mutex, evidence)


def _guard(touches: Sequence[Touch]) -> str:
    """The mutex that is held most often, by its last name."""
    names = Counter(
        mutex for one in touches for mutex in {_last(section.mutex) for section in one.held}
    )
    return names.most_common(1)[0][0] if names else ""


def _last(path: str) -> str:
    return path.rpartition(".")[2] if "." in path else path


def _holds(one: Touch, mutex: str) -> bool:
    return any(_last(section.mutex) == mutex for section in one.held)


def _first_of_each(bare: Sequence[Touch]) -> list[Touch]:
    """One a function, the writes first."""
    found: dict[int, Touch] = {}
    for one in sorted(bare, key=lambda each: each.what != "write"):
        found.setdefault(one.function.id, one)
    return sorted(found.values(), key=lambda each: each.operand.start_byte)


def _bare(file: File, one: Touch, at: Node, mutex: str, evidence: Ground) -> Finding:
    consequence = []
    where = one.use.file
    runs = _runs_beside(one)
    if one.what == "write":
        text = "a write beside any other access ends the process (fatal error, no recover)"
        consequence.append(where.ground("write", text, one.operand))
    elif runs:
        consequence.append(where.ground("beside", runs, one.operand))
    path = text_of(one.operand)
    verb = {"write": "written", "range": "ranged over", "escape": "handed out"}.get(
        one.what, "read"
    )
    function = where.function_name(one.operand)
    return file.finding(
        at,
        f"{path} is {verb} in {function} without {mutex}, which guards it elsewhere; concurrent "
        "map access ends the process and every watch in it",
        evidence=[evidence],
        consequence=consequence,
        related=[where.ground("bare", f"without {mutex}", one.operand)],
    )


def _is_shared(one: Touch) -> bool:
    """Whether it is the receiver's or the package's map, not one of an object met on the way."""
    root, dot, _ = text_of(one.operand).partition(".")
    receiver = text_of(one.function.child_by_field_name("receiver"))
    return not dot or re.search(rf"\(\s*{re.escape(root)}\b", receiver) is not None


def _runs_beside(one: Touch) -> str:
    """Why the function runs beside others, if that can be seen."""
    around: Node | None = one.operand
    while around is not None and around.id != one.function.id:
        if around.type == "go_statement":
            return "it runs in a goroutine of its own"
        around = around.parent
    if "http.ResponseWriter" in text_of(one.function.child_by_field_name("parameters")):
        return "every request runs it in a goroutine of its own"
    for use in calls(one.use.file, one.function):
        call = use.node.parent
        while call is not None and call.type in ("selector_expression", "call_expression"):
            call = call.parent
        if call is not None and call.type == "go_statement":
            return "it is started as a goroutine"
    return ""


def _escape(one: Touch, mutex: str) -> Finding:
    where = one.use.file
    text = f"the caller goes on reading it after {mutex} is given up"
    return where.finding(
        one.operand,
        f"{text_of(one.operand)} itself is returned, not a copy: {mutex} guards it no longer",
        evidence=[where.ground("escapes", text, one.operand)],
    )
