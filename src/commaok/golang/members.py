"""Fields and methods: what ``x.name`` selects, promoted ones included.

The rule is https://go.dev/ref/spec#Selectors: the shallowest depth counts, and there it must be the
only one. A type that is not known here could hide a deeper member, so nothing below it is believed.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from commaok.golang.generics import substitute
from commaok.golang.types import (
    Interface,
    Named,
    Pointer,
    Reason,
    Site,
    Struct,
    Type,
    TypeParam,
    Unknown,
)

MAX_DEPTH: Final = 12


class MemberKind(Enum):
    """What a selector selects."""

    FIELD = "field"
    METHOD = "method"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Member:
    """What a selector selects: its type, where it is declared, and the named type that has it."""

    kind: MemberKind
    name: str
    type: Type
    site: Site | None
    owner: str
    """The qualified name of the type that declares it; empty for an unnamed struct."""


def find_member(found: Type, name: str) -> Member:
    """The field or method ``name`` of a type, through pointers and embedding."""
    start = found.element if isinstance(found, Pointer) else found
    level = [start]
    seen: set[Type] = set()
    incomplete: list[str] = []
    for _ in range(MAX_DEPTH):
        hits: list[Member] = []
        unsure: list[tuple[str, Unknown]] = []
        deeper: list[Type] = []
        for each in level:
            if each in seen:
                continue
            if isinstance(each, Named):
                seen.add(each)
            _direct(each, name, hits, unsure, deeper)
            if isinstance(each, Named) and each.declaration.partial:
                incomplete.append(each.qualified)
        if hits:
            first = hits[0]
            if all(hit.site == first.site for hit in hits[1:]):
                return first
            return _unknown(name, Unknown(Reason.AMBIGUOUS, name))
        if unsure:
            owner = unsure[0][0] if len(unsure) == 1 and not deeper else ""
            return _unknown(name, unsure[0][1], owner)
        if not deeper:
            break
        level = deeper
    if incomplete:
        # The table lists no type's members in full; those that it lists are not hidden by others.
        owner = incomplete[0] if len(incomplete) == 1 else ""
        return _unknown(name, Unknown(Reason.PARTIAL, f"{incomplete[0]}.{name}"), owner)
    return _unknown(name, Unknown(Reason.NO_MEMBER, name))


def embedded_field(found: Struct, index: int) -> Type:
    """The type of a struct's field with its type parameters filled in."""
    return substitute(found.body.field(index).type, dict(found.bindings))


def _unknown(name: str, reason: Unknown, owner: str = "") -> Member:
    return Member(MemberKind.UNKNOWN, name, reason, None, owner)


def _direct(
    found: Type,
    name: str,
    hits: list[Member],
    unsure: list[tuple[str, Unknown]],
    deeper: list[Type],
) -> None:
    """What one type has at this depth, what may be hidden in it, and what it embeds."""
    owner = found.qualified if isinstance(found, Named) else ""
    if isinstance(found, Named):
        method = found.declaration.method(found, name)
        if method is not None:
            hits.append(Member(MemberKind.METHOD, name, method.type, method.site, owner))
            return
    under = found.underlying
    if isinstance(under, TypeParam):
        under = under.bound.interface()
        owner = under.qualified if isinstance(under, Named) else ""
        under = under.underlying
        if not isinstance(under, Interface | Unknown):
            return
    if isinstance(under, Pointer):
        # A defined pointer type has the fields of what it points to, and none of its methods.
        under = under.element.underlying
    match under:
        case Struct():
            _in_struct(under, name, owner, hits, deeper)
        case Interface():
            _in_interface(under, name, owner, hits, unsure)
        case Unknown():
            unsure.append((owner, under))
            return
        case _:
            pass


def _in_struct(
    found: Struct, name: str, owner: str, hits: list[Member], deeper: list[Type]
) -> None:
    for index, (field_name, embedded) in enumerate(found.body.names()):
        if field_name == name:
            field = found.body.field(index)
            kind = substitute(field.type, dict(found.bindings))
            hits.append(Member(MemberKind.FIELD, name, kind, field.site, owner))
        elif embedded:
            inner = embedded_field(found, index)
            deeper.append(inner.element if isinstance(inner, Pointer) else inner)


def _in_interface(
    found: Interface,
    name: str,
    owner: str,
    hits: list[Member],
    unsure: list[tuple[str, Unknown]],
) -> None:
    """An interface's embedded interfaces count as its own: they add no depth."""
    method = found.body.method(name)
    if method is not None:
        kind = substitute(method.type, dict(found.bindings))
        hits.append(Member(MemberKind.METHOD, name, kind, method.site, owner))
        return
    for raw in found.body.embedded():
        each = substitute(raw, dict(found.bindings))
        inner = each.qualified if isinstance(each, Named) else owner
        under = each.underlying
        if isinstance(under, Interface):
            before = len(hits)
            _in_interface(under, name, inner, hits, unsure)
            if len(hits) > before:
                return
            if isinstance(each, Named) and each.declaration.partial:
                unsure.append((inner, Unknown(Reason.PARTIAL, f"{inner}.{name}")))
        elif isinstance(under, Unknown):
            unsure.append((inner, under))
