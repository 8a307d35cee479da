"""Reading Go without a Go toolchain: syntax, packages and types, found when asked for.

The one way in::

    program = Program()                          # one in a process; keeps what it has read
    types = open_types(program, "pkg/x.go")      # the answers for one file
    for read in types.indexes():                 # m[k], however the grammar took it
        operand = types.of(read.operand)
        if operand.is_map and operand.underlying.value.can_be_nil: ...

``types.of`` answers with the cases of ``commaok.golang.types``; what is not certain is
``Unknown(reason)``, never a guess. ``types.object`` says which declaration a name refers to and
``types.callee`` which function a call names. The rooms inside, from the ground up: ``syntax`` and
``constraints``; ``gomod`` and ``modules`` (import path to directory); ``outline``, ``scopes`` and
``packages`` (what is declared where); ``names``, ``declared``, ``members``, ``operations`` and
``infer`` (types); ``known`` (external types for when a dependency's source is absent); ``answers``.
"""

from commaok.golang.answers import Callee, Index, Object, ObjectKind, Types, open_types
from commaok.golang.constraints import Build
from commaok.golang.modules import Toolchain
from commaok.golang.packages import Program
from commaok.golang.syntax import Finder, Problem, Source, UnreadableSource, read_source

__all__ = [
    "Build",
    "Callee",
    "Finder",
    "Index",
    "Object",
    "ObjectKind",
    "Problem",
    "Program",
    "Source",
    "Toolchain",
    "Types",
    "UnreadableSource",
    "open_types",
    "read_source",
]
