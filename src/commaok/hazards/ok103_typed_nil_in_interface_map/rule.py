"""OK103: comparing an interface out of a map with nil: a typed nil is not nil."""

from collections.abc import Iterator

from tree_sitter import Node

from commaok.golang.types import Interface
from commaok.hazards import map_existence as existence
from commaok.scan import File, Finding, rule
from commaok.scan.branches import branches, names_in, same_text
from commaok.scan.lookups import Decision
from commaok.scan.maps import Stored, map_facts


@rule("OK103", needs=existence.may_decide)
def typed_nil_in_interface_map(file: File) -> Iterator[Finding]:
    """``m[k] != nil`` on ``map[K]I``."""
    for decision in file.once(existence.decisions):
        values = decision.lookup.map.value
        if decision.other.type != "nil" or not isinstance(values.underlying, Interface):
            continue
        effects = existence.effects(decision, "a stored nil")
        facts = map_facts(decision.lookup.file, decision.lookup.read.operand)
        if existence.fills_in(decision, effects.branches, facts):
            continue
        typed = existence.evidence_of(facts, Stored.TYPED_NIL)
        plain = existence.evidence_of(facts, Stored.NIL, Stored.MAYBE_NIL)
        if existence.own_business(decision, effects):
            typed = plain = []
        at = decision.lookup.at
        consequence = [*effects.strong, *(effects.weak if typed or plain else ())]
        if facts.never_nil:
            consequence = []
        if typed and (used := _used(decision)) is not None:
            text = "the value is used here, and its methods run on nil"
            consequence.append(at.ground("used", text, used))
        yield at.finding(
            decision.comparison,
            f"{existence.shown(decision)} is true of a typed nil and false of a stored nil: "
            "it tells neither whether the key exists nor whether the value can be used"
            if not decision.equal
            else f"{existence.shown(decision)} is true of a stored nil and false of a typed one: "
            "it tells neither whether the key exists nor whether the value can be used",
            evidence=[*typed, *plain],
            consequence=consequence,
        )


def _used(decision: Decision) -> Node | None:
    outcome = branches(decision)
    variable = decision.lookup.variable
    if outcome is None:
        return None
    if variable is not None:
        return next(iter(names_in(outcome.present, variable.name)), None)
    return next(iter(same_text(outcome.present, decision.lookup.read.node)), None)
