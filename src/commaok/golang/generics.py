"""Type parameters: filling them in, and finding out what a call fills in."""

from collections.abc import Mapping, Sequence

from commaok.golang.types import (
    Array,
    Basic,
    Bindings,
    Chan,
    Func,
    Interface,
    Map,
    Named,
    Pointer,
    Reason,
    Slice,
    Struct,
    Tuple,
    Type,
    TypeParam,
    Unknown,
    default_type,
)

Env = Mapping[TypeParam, Type]


def substitute(found: Type, env: Env) -> Type:
    """``found`` with type parameters replaced; bodies of structs are replaced when read."""
    if not env:
        return found
    match found:
        case TypeParam():
            return env.get(found, found)
        case Pointer(element):
            return Pointer(substitute(element, env))
        case Slice(element):
            return Slice(substitute(element, env))
        case Array(element):
            return Array(substitute(element, env))
        case Chan(element, direction):
            return Chan(substitute(element, env), direction)
        case Map(key, value):
            return Map(substitute(key, env), substitute(value, env))
        case Tuple(types):
            return Tuple(_all(types, env))
        case Func(params, results, variadic, type_params):
            return Func(_all(params, env), _all(results, env), variadic, type_params)
        case Named(package, name, declaration, args, local) if args:
            return Named(package, name, declaration, _all(args, env), local)
        case Struct(site, body, bindings):
            return Struct(site, body, _composed(bindings, env))
        case Interface(site, body, bindings):
            return Interface(site, body, _composed(bindings, env))
        case _:
            return found


def core_type(found: Type) -> Type:
    """The one underlying type that all types of a type parameter share (Go spec, Core types)."""
    if not isinstance(found, TypeParam):
        return found.underlying
    terms = found.bound.terms()
    if not terms:
        return Unknown(Reason.NO_CORE_TYPE, found.name)
    shared = terms[0].underlying
    if all(term.underlying == shared for term in terms[1:]):
        return shared
    return Unknown(Reason.NO_CORE_TYPE, found.name)


def instantiated(function: Func, args: Sequence[Type]) -> Func:
    """A generic function with its first type arguments given: ``f[int]``."""
    env = dict(zip(function.type_params, args, strict=False))
    rest = function.type_params[len(args) :]
    done = Func(function.params, function.results, function.variadic)
    filled = substitute(done, env)
    assert isinstance(filled, Func)
    return Func(filled.params, filled.results, filled.variadic, rest) if rest else filled


def inferred(function: Func, args: Sequence[Type], *, spread: bool = False) -> Func:
    """A generic function as a call with these arguments makes it.

    ``spread`` says that the last argument was followed by ``...``. What the arguments do not
    decide stays unknown; it is never guessed.
    """
    wanted = set(function.type_params)
    env: dict[TypeParam, Type] = {}
    untyped: list[tuple[TypeParam, Basic]] = []
    for param, arg in zip(_params_for(function, len(args), spread=spread), args, strict=False):
        if isinstance(arg, Basic) and arg.is_untyped:
            if isinstance(param, TypeParam) and param in wanted:
                untyped.append((param, arg))
        else:
            _unify(param, arg, wanted, env)
    for _ in function.type_params:
        before = len(env)
        _by_constraints(function.type_params, wanted, env)
        if len(env) == before:
            break
    for param, arg in untyped:
        if param not in env or _wider(arg, env[param]):
            env[param] = arg
    settled = {param: default_type(arg) for param, arg in env.items()}
    _by_constraints(function.type_params, wanted, settled)
    for param in function.type_params:
        settled.setdefault(param, Unknown(Reason.NOT_INFERRED, param.name))
    # An argument may itself be made of parameters that another argument decides.
    for param, arg in list(settled.items()):
        settled[param] = substitute(arg, {k: v for k, v in settled.items() if k != param})
    done = substitute(Func(function.params, function.results, function.variadic), settled)
    assert isinstance(done, Func)
    return done


def _all(types: tuple[Type, ...], env: Env) -> tuple[Type, ...]:
    return tuple(substitute(each, env) for each in types)


def _composed(bindings: Bindings, env: Env) -> Bindings:
    """First ``bindings``, then ``env``: for bodies of structs and interfaces."""
    done = tuple((param, substitute(arg, env)) for param, arg in bindings)
    bound = {param for param, _ in bindings}
    return done + tuple((param, arg) for param, arg in env.items() if param not in bound)


def _params_for(function: Func, count: int, *, spread: bool) -> tuple[Type, ...]:
    params = function.params
    if not function.variadic or spread or not params:
        return params
    last = params[-1]
    element = last.element if isinstance(last, Slice) else last
    return params[:-1] + (element,) * max(0, count - len(params) + 1)


def _by_constraints(
    params: Sequence[TypeParam], wanted: set[TypeParam], env: dict[TypeParam, Type]
) -> None:
    """``S ~[]E`` decides E once S is known, and S once E is."""
    for param in params:
        terms = param.bound.terms()
        if not terms or len(terms) != 1 or isinstance(terms[0], Unknown):
            continue
        if param in env:
            _unify(terms[0], env[param].underlying, wanted, env)
        else:
            core = substitute(terms[0], env)
            if not mentions(core, wanted):
                env[param] = core


def mentions(found: Type, params: set[TypeParam]) -> bool:
    """Whether a type is made of one of these parameters."""
    match found:
        case TypeParam():
            return found in params
        case Pointer(element) | Slice(element) | Array(element) | Chan(element, _):
            return mentions(element, params)
        case Map(key, value):
            return mentions(key, params) or mentions(value, params)
        case Func(parameters, results, _, _):
            return any(mentions(each, params) for each in (*parameters, *results))
        case Named(args=args) | Tuple(args):
            return any(mentions(each, params) for each in args)
        case Struct(bindings=bindings) | Interface(bindings=bindings):
            return any(mentions(each, params) for _, each in bindings)
        case _:
            return False


def _wider(new: Basic, old: Type) -> bool:
    """Of several untyped arguments the widest kind counts (Go 1.21)."""
    order = ("untyped int", "untyped rune", "untyped float", "untyped complex")
    if not (isinstance(old, Basic) and old.name in order and new.name in order):
        return False
    return order.index(new.name) > order.index(old.name)


def _unify(param: Type, arg: Type, wanted: set[TypeParam], env: dict[TypeParam, Type]) -> None:
    """Match a parameter's type with an argument's and note what each type parameter must be."""
    if isinstance(arg, Unknown):
        return
    if isinstance(param, TypeParam) and param in wanted:
        known = env.get(param)
        # A defined type says more than the literal that it is assignable to.
        if known is None or (isinstance(arg, Named) and not isinstance(known, Named)):
            env[param] = arg
        return
    if isinstance(param, Named):
        if isinstance(arg, Named) and param.qualified == arg.qualified and param.local == arg.local:
            for left, right in zip(param.args, arg.args, strict=False):
                _unify(left, right, wanted, env)
            return
        if param.args and not isinstance(arg, Named):
            _unify(param.underlying, arg, wanted, env)
        return
    match param, (arg.underlying if isinstance(arg, Named) else arg):
        case (
            (Pointer(left), Pointer(right))
            | (Slice(left), Slice(right))
            | (Array(left), Array(right))
            | (Chan(left, _), Chan(right, _))
        ):
            _unify(left, right, wanted, env)
        case Map(key, value), Map(other_key, other_value):
            _unify(key, other_key, wanted, env)
            _unify(value, other_value, wanted, env)
        case Func(params, results), Func(other_params, other_results, _, ()):
            for left, right in zip(
                (*params, *results), (*other_params, *other_results), strict=False
            ):
                _unify(left, right, wanted, env)
        case _:
            pass
