"""The types of Go, as values to match on.

Aliases do not exist here: a type expression that names one yields what it stands for. A named type
is known by its import path and name even when its source is absent; its ``underlying`` is then
``Unknown``. Nothing is guessed: where the reader is not sure, it answers ``Unknown(reason)``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol


class Site(NamedTuple):
    """Where a name is declared: the file and the byte offset of the name in it."""

    path: str
    offset: int


class Reason(Enum):
    """Why a type is unknown. Each is counted by ``--stats``."""

    DEPENDENCY = "the dependency's source is not here"
    STANDARD_LIBRARY = "GOROOT is not here"
    CGO = "declared in C"
    PARTIAL = "not in the table of external types"
    OTHER_BUILD = "not declared in this build"
    UNDECLARED = "not declared"
    UNRESOLVED_IMPORT = "no import has this name"
    NO_MEMBER = "no such field or method"
    AMBIGUOUS = "more than one field or method of this name"
    NOT_INDEXABLE = "indexed, but neither map, slice, array, string nor generic"
    NOT_CALLABLE = "called, but neither function nor type"
    NOT_ITERABLE = "ranged over, but not iterable"
    NOT_INFERRED = "type argument not inferred"
    NO_CORE_TYPE = "type parameter without a core type"
    NO_VALUE = "used as a value, but has none"
    CYCLE = "defined by itself"
    TOO_DEEP = "nested too deeply"
    SYNTAX = "not understood as Go"


class Type:
    """What all types answer. Subclasses are the cases to match on."""

    __slots__ = ()

    @property
    def underlying(self) -> "Type":
        """The type itself, or what a named type is made of."""
        return self

    @property
    def is_known(self) -> bool:
        """Whether this type and what it is made of are known."""
        return not isinstance(self.underlying, Unknown)

    @property
    def is_map(self) -> bool:
        """Whether this is certainly a map."""
        return isinstance(self.underlying, Map)

    @property
    def can_be_nil(self) -> bool:
        """Whether nil is certainly a value of this type."""
        under = self.underlying
        if isinstance(under, Basic):
            return under.name in ("unsafe.Pointer", "untyped nil")
        return isinstance(under, Pointer | Slice | Map | Chan | Func | Interface)

    @property
    def name_of(self) -> str:
        """The qualified name of a named type or of what it points to, else empty."""
        target = self.element if isinstance(self, Pointer) else self
        return target.qualified if isinstance(target, Named) else ""


@dataclass(frozen=True, slots=True)
class Unknown(Type):
    """No answer, and why; ``detail`` names what was looked for."""

    reason: Reason
    detail: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"unknown: {self.reason.value}"


@dataclass(frozen=True, slots=True)
class Basic(Type):
    """A predeclared type, ``byte`` and ``rune`` by what they stand for; or an untyped constant."""

    name: str

    @property
    def is_untyped(self) -> bool:
        """Whether the context decides the type yet."""
        return self.name.startswith("untyped ")

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Pointer(Type):
    """``*E``."""

    element: Type

    def __str__(self) -> str:
        return f"*{self.element}"


@dataclass(frozen=True, slots=True)
class Slice(Type):
    """``[]E``."""

    element: Type

    def __str__(self) -> str:
        return f"[]{self.element}"


@dataclass(frozen=True, slots=True)
class Array(Type):
    """``[n]E``; the length is not read."""

    element: Type

    def __str__(self) -> str:
        return f"[_]{self.element}"


@dataclass(frozen=True, slots=True)
class Map(Type):
    """``map[K]V``."""

    key: Type
    value: Type

    def __str__(self) -> str:
        return f"map[{self.key}]{self.value}"


class Direction(Enum):
    """What may be done with a channel."""

    BOTH = "chan "
    SEND = "chan<- "
    RECEIVE = "<-chan "


@dataclass(frozen=True, slots=True)
class Chan(Type):
    """``chan E``, ``chan<- E`` or ``<-chan E``."""

    element: Type
    direction: Direction = Direction.BOTH

    def __str__(self) -> str:
        return f"{self.direction.value}{self.element}"


@dataclass(frozen=True, slots=True)
class Func(Type):
    """A function's type. The last parameter of a variadic one is a slice.

    ``type_params`` are those that a call has still to decide.
    """

    params: tuple[Type, ...]
    results: tuple[Type, ...]
    variadic: bool = False
    type_params: "tuple[TypeParam, ...]" = ()

    def __str__(self) -> str:
        params = [str(param) for param in self.params]
        if self.variadic and params:
            params[-1] = "..." + params[-1].removeprefix("[]")
        shown = f"func({', '.join(params)})"
        if len(self.results) == 1:
            return f"{shown} {self.results[0]}"
        return shown + (f" {Tuple(self.results)}" if self.results else "")


@dataclass(frozen=True, slots=True)
class Tuple(Type):
    """What a call with no result or several yields."""

    types: tuple[Type, ...]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.types))})"


class Field(NamedTuple):
    """A field of a struct."""

    name: str
    type: Type
    embedded: bool
    site: Site
    tag: str


class Method(NamedTuple):
    """A method of an interface."""

    name: str
    type: Func
    site: Site


class StructBody(Protocol):
    """The fields between a struct's braces, read when asked for."""

    site: Site

    def names(self) -> Sequence[tuple[str, bool]]:
        """Name and embedded or not, in order, without reading any type."""

    def field(self, index: int) -> Field:
        """The field at an index of ``names``."""


class InterfaceBody(Protocol):
    """The elements between an interface's braces, read when asked for."""

    site: Site

    def method(self, name: str) -> Method | None:
        """The method declared right here under this name."""

    def method_names(self) -> Sequence[str]:
        """The methods declared right here."""

    def embedded(self) -> Sequence[Type]:
        """The embedded interfaces and single types."""

    def terms(self) -> Sequence[Type] | None:
        """The types that satisfy it by its unions and ``~T``; None when any type may."""


Bindings = tuple[tuple["TypeParam", Type], ...]
"""Type parameters and what stands in for them, applied when a body is read."""


@dataclass(frozen=True, slots=True)
class Struct(Type):
    """``struct{…}``; ``fields`` reads all types, ``members`` finds one."""

    site: Site
    body: StructBody = field(compare=False, repr=False)
    bindings: Bindings = ()

    def __str__(self) -> str:
        return "struct{...}" if self.body.names() else "struct{}"


@dataclass(frozen=True, slots=True)
class Interface(Type):
    """``interface{…}``, with methods or constraints or neither."""

    site: Site
    body: InterfaceBody = field(compare=False, repr=False)
    bindings: Bindings = ()

    def __str__(self) -> str:
        empty = not (self.body.method_names() or self.body.embedded() or self.body.terms())
        return "interface{}" if empty else "interface{...}"


class TypeParamBound(Protocol):
    """The constraint of a type parameter, read when asked for."""

    def terms(self) -> Sequence[Type] | None:
        """The types that satisfy it, or None when any type may."""

    def interface(self) -> Type:
        """The constraint as a type, for its methods."""


@dataclass(frozen=True, slots=True)
class TypeParam(Type):
    """A type parameter, inside what it parameterises."""

    name: str
    site: Site
    bound: TypeParamBound = field(compare=False, repr=False)

    def __str__(self) -> str:
        return self.name


class Declaration(Protocol):
    """What declares a named type."""

    def underlying(self, named: "Named") -> Type:
        """What the type is made of, its arguments filled in."""

    def type_params(self) -> tuple[TypeParam, ...]:
        """Its type parameters."""

    def method(self, named: "Named", name: str) -> Method | None:
        """The method declared on the type (not promoted) under this name."""

    @property
    def partial(self) -> bool:
        """Whether fields and methods may exist that are not known here."""


@dataclass(frozen=True, slots=True)
class Named(Type):
    """A defined type: ``package`` is its import path, "" for ``error`` and for ``comparable``.

    ``local`` tells apart the types that functions declare for themselves.
    """

    package: str
    name: str
    declaration: Declaration = field(compare=False, repr=False)
    args: tuple[Type, ...] = ()
    local: Site | None = None

    @property
    def underlying(self) -> Type:
        """What the declaration makes it of."""
        return self.declaration.underlying(self)

    @property
    def qualified(self) -> str:
        """The import path and name, as ``k8s.io/api/core/v1.ConfigMap``."""
        return f"{self.package}.{self.name}" if self.package else self.name

    def __str__(self) -> str:
        return self.qualified + (f"[{','.join(map(str, self.args))}]" if self.args else "")


VOID = Tuple(())
BOOL = Basic("bool")
INT = Basic("int")
STRING = Basic("string")
BYTE = Basic("uint8")
RUNE = Basic("int32")
UNTYPED_BOOL = Basic("untyped bool")
UNTYPED_INT = Basic("untyped int")
UNTYPED_RUNE = Basic("untyped rune")
UNTYPED_FLOAT = Basic("untyped float")
UNTYPED_COMPLEX = Basic("untyped complex")
UNTYPED_STRING = Basic("untyped string")
UNTYPED_NIL = Basic("untyped nil")

PREDECLARED: Mapping[str, Basic] = {
    name: Basic(name)
    for name in (
        "bool string int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 uintptr "
        "float32 float64 complex64 complex128"
    ).split()
} | {"byte": BYTE, "rune": RUNE}

_DEFAULTS: Mapping[Type, Basic] = {
    UNTYPED_BOOL: BOOL,
    UNTYPED_INT: INT,
    UNTYPED_RUNE: RUNE,
    UNTYPED_FLOAT: Basic("float64"),
    UNTYPED_COMPLEX: Basic("complex128"),
    UNTYPED_STRING: STRING,
}


def default_type(found: Type) -> Type:
    """What an untyped constant becomes when nothing else decides (Go spec, Constants)."""
    return _DEFAULTS.get(found, found) if isinstance(found, Basic) else found


def single(found: Type) -> Type:
    """A call's value where one value is wanted."""
    if isinstance(found, Tuple):
        return found.types[0] if len(found.types) == 1 else Unknown(Reason.NO_VALUE)
    return found


def components(found: Type, count: int) -> tuple[Type, ...]:
    """A value spread over ``count`` names."""
    if isinstance(found, Tuple) and len(found.types) == count:
        return found.types
    return ((found,) if isinstance(found, Unknown) else (Unknown(Reason.NO_VALUE),)) * count
