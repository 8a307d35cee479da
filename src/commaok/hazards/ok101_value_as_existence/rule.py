"""OK101: comparing a map value with nil to decide whether the key exists."""

from collections.abc import Iterator

from commaok.golang.types import Interface
from commaok.hazards import map_existence as existence
from commaok.scan import File, Finding, rule
from commaok.scan.maps import Stored, is_made_here, map_facts

_NILS = (Stored.NIL, Stored.TYPED_NIL, Stored.MAYBE_NIL)


@rule("OK101", needs=existence.may_decide)
def value_as_existence(file: File) -> Iterator[Finding]:
    """``m[k] != nil`` on a map whose values can be nil, and are no interfaces (OK103)."""
    for decision in file.once(existence.decisions):
        values = decision.lookup.map.value
        if decision.other.type != "nil" or not values.can_be_nil:
            continue
        if isinstance(values.underlying, Interface):
            continue
        effects = existence.effects(decision, "a stored nil")
        facts = map_facts(decision.lookup.file, decision.lookup.read.operand)
        if existence.fills_in(decision, effects.branches, facts):
            continue
        evidence = existence.evidence_of(facts, *_NILS)
        if existence.own_business(decision, effects):
            evidence = []
        consequence = [*effects.strong, *(effects.weak if evidence else ())]
        # No registry lives in one function, and nil that nobody stores keeps nothing behind.
        own = is_made_here(decision.lookup.file, decision.lookup.read.operand)
        if facts.never_nil or (own and not evidence):
            consequence = []
        yield decision.lookup.at.finding(
            decision.comparison,
            f"{existence.shown(decision)} asks about the value, not the key: "
            "a key that holds nil is taken for absent",
            evidence=evidence,
            consequence=consequence,
            fix=existence.fix(decision, effects.branches),
        )
