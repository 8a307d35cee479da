"""OK102: comparing a map value with its zero value to decide whether the key exists."""

import re
from collections.abc import Iterator
from typing import Final

from commaok.golang import ObjectKind
from commaok.golang.syntax import text_of
from commaok.golang.types import Array, Basic, Struct
from commaok.hazards import map_existence as existence
from commaok.scan import File, Finding, Ground, rule
from commaok.scan.branches import Branches, body
from commaok.scan.lookups import Decision
from commaok.scan.maps import Stored, bare, map_facts, map_object

_META: Final = re.compile(
    r"\.(ObjectMeta\.(Annotations|Labels)|(ConfigMap|Secret)\.(Data|StringData|BinaryData))$"
)
_ACCESSORS: Final = frozenset(("GetAnnotations", "GetLabels"))
_NAMED: Final = re.compile(r"(?i)^(\w*annotations?|\w*labels?)$")
_ERROR: Final = re.compile(r"(?i)err|fail|panic|log\.|klog\.|invalid")


@rule("OK102", needs=existence.may_decide)
def zero_as_existence(file: File) -> Iterator[Finding]:
    """``m[k] == ""``, ``== 0`` or ``== T{}``."""
    for decision in file.once(existence.decisions):
        values = decision.lookup.map.value.underlying
        if decision.other.type == "nil" or not isinstance(values, Basic | Struct | Array):
            continue
        effects = existence.effects(decision, "the zero value")
        facts = map_facts(decision.lookup.file, decision.lookup.read.operand)
        # What is counted is absent at zero by intent.
        if facts.counted or existence.fills_in(decision, effects.branches, facts):
            continue
        stored = existence.evidence_of(facts, Stored.ZERO)
        if existence.own_business(decision, effects):
            stored = []
        legal = _legal_when_empty(decision) if not stored else []
        silent = _skips_silently(effects.branches)
        weak = effects.weak if stored else ()
        evidence = stored or (legal if effects.strong or silent else [])
        yield decision.lookup.at.finding(
            decision.comparison,
            f"{existence.shown(decision)} asks about the value, not the key: "
            f"a key that holds {text_of(decision.other)} is taken for absent",
            evidence=evidence,
            consequence=(*effects.strong, *weak),
            fix=existence.fix(decision, effects.branches),
        )


def _legal_when_empty(decision: Decision) -> list[Ground]:
    """Maps whose users may well write a key with nothing behind it."""
    file, operand = decision.lookup.file, bare(decision.lookup.read.operand)
    what = ""
    if operand.type == "call_expression":
        function = operand.child_by_field_name("function")
        name = text_of(function.child_by_field_name("field")) if function is not None else ""
        what = name if name in _ACCESSORS else ""
    else:
        held = map_object(file, operand)
        if held is not None and held.kind is ObjectKind.FIELD and _META.search(held.qualified):
            what = held.name
        elif held is not None and decision.lookup.map.value == Basic("string"):
            what = held.name if _NAMED.match(held.name) else ""
    if not what:
        return []
    kind = "a label" if "label" in what.lower() else "an annotation"
    kind = kind if "data" not in what.lower() else "a key of a ConfigMap or Secret"
    return [file.ground("legal-when-empty", f"{kind} may be present and empty", operand)]


def _skips_silently(outcome: Branches | None) -> bool:
    """Whether the branch for absence leaves without an error or a word."""
    if outcome is None or not outcome.whole:
        return False
    statements = body(outcome.absent)
    if not statements or statements[-1].type not in ("return_statement", "continue_statement"):
        return False
    return not any(_ERROR.search(text_of(each)) for each in statements)
