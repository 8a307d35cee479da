"""What Go's operators yield, by the types of what they are applied to."""

from collections.abc import Callable
from typing import Final

from commaok.golang.generics import core_type
from commaok.golang.types import (
    BOOL,
    BYTE,
    INT,
    RUNE,
    STRING,
    UNTYPED_BOOL,
    UNTYPED_INT,
    UNTYPED_STRING,
    Array,
    Basic,
    Chan,
    Func,
    Map,
    Pointer,
    Reason,
    Slice,
    Tuple,
    Type,
    TypeParam,
    Unknown,
    default_type,
)

COMPARISONS: Final = frozenset(("==", "!=", "<", "<=", ">", ">="))
SHIFTS: Final = frozenset(("<<", ">>"))
_WIDTH: Final = ("untyped int", "untyped rune", "untyped float", "untyped complex")


def element_of(found: Type) -> Type:
    """``x[i]``: the value of a map, the element of a slice, array or pointer to one, a byte."""
    if isinstance(found, TypeParam):
        return _shared(found, element_of)
    match found.underlying:
        case Map(_, value):
            return value
        case Slice(element) | Array(element):
            return element
        case Pointer(target):
            under = target.underlying
            if isinstance(under, Array):
                return under.element
            return under if isinstance(under, Unknown) else Unknown(Reason.NOT_INDEXABLE)
        case Basic() as basic if basic in (STRING, UNTYPED_STRING):
            return BYTE
        case Unknown() as unknown:
            return unknown
        case _:
            return Unknown(Reason.NOT_INDEXABLE)


def sliced(found: Type) -> Type:
    """``x[i:j]``."""
    if isinstance(found, TypeParam):
        return found
    match found.underlying:
        case Array(element):
            return Slice(element)
        case Pointer(target):
            under = target.underlying
            if isinstance(under, Array):
                return Slice(under.element)
            return under if isinstance(under, Unknown) else Unknown(Reason.NOT_INDEXABLE)
        case Basic("untyped string"):
            return STRING
        case _:
            return found


def pointed_at(found: Type) -> Type:
    """``*x``."""
    under = core_type(found)
    if isinstance(under, Pointer):
        return under.element
    return under if isinstance(under, Unknown) else Unknown(Reason.NO_MEMBER)


def received(found: Type) -> Type:
    """``<-x``."""
    under = core_type(found)
    if isinstance(under, Chan):
        return under.element
    return under if isinstance(under, Unknown) else Unknown(Reason.NO_VALUE)


def iterated(found: Type, index: int) -> Type:
    """The key (0) or the value (1) that a range over ``found`` yields."""
    under = core_type(found)
    if isinstance(under, Unknown):
        return under
    pair: tuple[Type, ...] = ()
    match under:
        case Map(key, value):
            pair = (key, value)
        case Slice(element) | Array(element):
            pair = (INT, element)
        case Pointer(target):
            array = target.underlying
            if isinstance(array, Unknown):
                return array
            pair = (INT, array.element) if isinstance(array, Array) else ()
        case Chan(element, _):
            pair = (element,)
        case Basic(name) if name in ("string", "untyped string"):
            pair = (INT, RUNE)
        case Basic(name) if "int" in name or name == "untyped rune":
            pair = (default_type(found),)
        case Func((yielded,), _):
            inner = core_type(yielded)
            if isinstance(inner, Unknown):
                return inner
            pair = inner.params if isinstance(inner, Func) else ()
        case _:
            pass
    return pair[index] if index < len(pair) else Unknown(Reason.NOT_ITERABLE)


def combined(operator: str, left: Type, right: Callable[[], Type]) -> Type:
    """``left operator right``; the right side is only asked for when the left does not decide."""
    if operator in COMPARISONS:
        return UNTYPED_BOOL
    if operator in SHIFTS:
        return UNTYPED_INT if isinstance(left, Basic) and left.is_untyped else left
    if not isinstance(left, Unknown) and not (isinstance(left, Basic) and left.is_untyped):
        return left
    other = right()
    if isinstance(left, Unknown):
        # Both sides of an operator have one type, unless one is untyped.
        typed = not (isinstance(other, Basic) and other.is_untyped)
        return other if typed and not isinstance(other, Unknown) else left
    return widest([left, other])


def widest(found: list[Type]) -> Type:
    """The type that operands share: that of a typed one, else the widest untyped kind."""
    for each in found:
        if not (isinstance(each, Basic) and each.is_untyped):
            return each
    ranked = [each for each in found if isinstance(each, Basic) and each.name in _WIDTH]
    if len(ranked) == len(found):
        return max(ranked, key=lambda each: _WIDTH.index(each.name))
    return found[0] if found else Unknown(Reason.NO_VALUE)


def appended(first: Type) -> Type:
    """``append(first, …)``."""
    return Slice(BYTE) if first == UNTYPED_STRING else first


def builtin_result(name: str, args: Callable[[int], Type], count: int) -> Type:
    """What a predeclared function yields; ``make`` and ``new`` take types and are not here."""
    fixed = _FIXED.get(name)
    if fixed is not None:
        return fixed
    if not count:
        return Unknown(Reason.SYNTAX, name)
    match name:
        case "append":
            return appended(args(0))
        case "min" | "max":
            return widest([args(index) for index in range(count)])
        case "real" | "imag":
            return _FLOAT_OF.get(args(0), Unknown(Reason.NO_VALUE))
        case "complex":
            found = widest([args(index) for index in range(count)])
            return _COMPLEX_OF.get(found, Unknown(Reason.NO_VALUE))
        case _:
            return Unknown(Reason.SYNTAX, name)


def unsafe_result(name: str, first: Callable[[], Type]) -> Type:
    """What a function of package unsafe yields."""
    match name:
        case "Sizeof" | "Alignof" | "Offsetof":
            return Basic("uintptr")
        case "Add":
            return Basic("unsafe.Pointer")
        case "String":
            return STRING
        case "StringData":
            return Pointer(BYTE)
        case "Slice":
            found = first().underlying
            return Slice(found.element) if isinstance(found, Pointer) else Unknown(Reason.NO_VALUE)
        case "SliceData":
            found = first().underlying
            return Pointer(found.element) if isinstance(found, Slice) else Unknown(Reason.NO_VALUE)
        case _:
            return Unknown(Reason.UNDECLARED, f"unsafe.{name}")


def comma_ok(found: Type) -> Tuple:
    """A value and whether there was one."""
    return Tuple((found, BOOL))


def _shared(param: TypeParam, of: Callable[[Type], Type]) -> Type:
    """What all types of a type parameter agree on."""
    terms = param.bound.terms()
    if not terms:
        return Unknown(Reason.NO_CORE_TYPE, param.name)
    results = {of(term) for term in terms}
    return results.pop() if len(results) == 1 else Unknown(Reason.NO_CORE_TYPE, param.name)


_FIXED: Final[dict[str, Type]] = {
    "len": INT,
    "cap": INT,
    "copy": INT,
    "clear": Tuple(()),
    "close": Tuple(()),
    "delete": Tuple(()),
    "panic": Tuple(()),
    "print": Tuple(()),
    "println": Tuple(()),
}
_FLOAT_OF: Final[dict[Type, Type]] = {
    Basic("complex64"): Basic("float32"),
    Basic("complex128"): Basic("float64"),
    Basic("untyped complex"): Basic("untyped float"),
}
_COMPLEX_OF: Final[dict[Type, Type]] = {
    Basic("float32"): Basic("complex64"),
    Basic("float64"): Basic("complex128"),
    **{Basic(name): Basic("untyped complex") for name in _WIDTH},
}
