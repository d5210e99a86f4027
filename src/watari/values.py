"""`dataclass` and what belongs to it, as `dataclasses` has them, for a program that is to be ready soon.

`dataclasses` compiles six methods of every class where it is defined: 0.3 ms a class (measured with Python 3.11), some 150
classes, and a command makes values of a third of them. Here a class gets at once what is the same for all, and its
`__init__` is compiled for its first value. Whoever asks such a class for `__dataclass_fields__` (msgspec, `dataclasses`
itself) finds them, made when they are looked at, and a type checker sees `dataclasses` alone. `frozen`, `kw_only` and `order` are the options.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

__all__ = ["MISSING", "asdict", "dataclass", "field", "fields", "is_dataclass", "replace"]


class _Missing:
    """The default of a field that has none."""

    def __repr__(self) -> str:
        return "MISSING"


_MISSING: Any = _Missing()
_EMPTY: Mapping[str, Any] = {}


class _Field:
    """One attribute of a value: what `field` was given, and later its name and its annotation as written."""

    __slots__ = ("compare", "default", "default_factory", "init", "kw_only", "metadata", "name", "repr", "type")
    name: str
    type: Any
    kw_only: bool

    def __init__(
        self,
        *,
        default: Any = _MISSING,
        default_factory: Any = _MISSING,
        init: bool = True,
        repr: bool = True,
        compare: bool = True,
        metadata: Mapping[str, Any] = _EMPTY,
    ) -> None:
        self.default, self.default_factory, self.metadata = default, default_factory, metadata
        self.init, self.repr, self.compare = init, repr, compare


def _dataclass(*, frozen: bool = False, kw_only: bool = False, order: bool = False) -> Callable[[type], type]:
    def make(kind: Any) -> type:
        known = dict(getattr(kind, "__value_fields__", _EMPTY))
        known.update((one.name, one) for one in _declared(kind, kw_only=kw_only))
        kind.__value_fields__ = known
        places = tuple(one.name for one in known.values() if one.init and not one.kw_only)
        kind.__match_args__ = places  # type: ignore[misc]  # for the positional ones, as `dataclasses` does
        kind.__dataclass_fields__ = _RealFields()
        for name, method in ((_FROZEN if frozen else _OPEN) | (_ORDERED if order else {})).items():
            if kind.__dict__.get(name) is None:  # what a class says itself stands
                setattr(kind, name, method)
        return kind  # type: ignore[no-any-return]  # `Any` lets attributes be set

    return make


def _declared(kind: Any, *, kw_only: bool) -> Iterator[_Field]:
    """The fields that a class itself adds; what is left at the class is their defaults."""
    for name, annotation in kind.__annotations__.items():
        if str(annotation).startswith(("ClassVar", "typing.ClassVar")):
            continue
        said = kind.__dict__.get(name, _MISSING)
        one = said if isinstance(said, _Field) else _Field(default=said)
        one.name, one.type, one.kw_only = name, annotation, kw_only
        if one is said:
            delattr(kind, name) if one.default is _MISSING else setattr(kind, name, one.default)
        yield one


def _late(name: str) -> Callable[..., Any]:
    """The method `name` before its first call, which compiles the one of the class and goes on in it."""

    def first(self: Any, *given: object, **named: object) -> object:
        kind = next((kind for kind in type(self).__mro__ if kind.__dict__.get(name) is first), None)
        if kind is not None:  # no other thread was quicker
            setattr(kind, name, _compiled(kind, name))
        return getattr(kind or type(self), name)(self, *given, **named)

    return first


def _compiled(kind: Any, name: str) -> Any:
    places: dict[str, Any] = {"_MISSING": _MISSING, "_set": object.__setattr__}
    exec(_init(kind, places) if name == "__init__" else _comparing(kind, name), places)
    places[name].__qualname__ = f"{kind.__qualname__}.{name}"
    return places[name]


def _init(kind: Any, places: dict[str, Any]) -> str:
    """Sets every field, past the refusal of a frozen class; `places` gets the defaults."""
    free: list[str] = []
    named: list[str] = []
    lines: list[str] = []
    open_ = kind.__setattr__ is object.__setattr__
    for name, one in kind.__value_fields__.items():
        factory = one.default_factory is not _MISSING
        places[f"_default_{name}"] = one.default_factory if factory else one.default
        value = name
        if not one.init:
            value = f"_default_{name}{'()' if factory else ''}"
        elif factory:
            value = f"_default_{name}() if {name} is _MISSING else {name}"
        lines.append(f"self.{name} = {value}" if open_ else f"_set(self, {name!r}, {value})")
        if one.init:
            needed = one.default is _MISSING and not factory
            default = "" if needed else f"={'_MISSING' if factory else f'_default_{name}'}"
            (named if one.kw_only else free).append(name + default)
    if hasattr(kind, "__post_init__"):
        lines.append("self.__post_init__()")
    head = ", ".join(["self", *free, *(["*", *named] if named else [])])
    return f"def __init__({head}):\n " + "\n ".join(lines or ["pass"])


def _comparing(kind: Any, name: str) -> str:
    compared = [one.name for one in kind.__value_fields__.values() if one.compare]
    mine, others = ("".join(f"{of}.{one}, " for one in compared) for of in ("self", "other"))
    if name == "__hash__":
        return f"def __hash__(self):\n return hash(({mine}))"
    same = "other.__class__ is self.__class__"
    return f"def {name}(self, other):\n return ({mine}) {_SIGNS[name]} ({others}) if {same} else NotImplemented"


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name, one in self.__value_fields__.items() if one.repr)
    return f"{type(self).__qualname__}({shown})"


def _refuse_setting(self: object, name: str, value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(self: object, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


_SIGNS = {"__eq__": "==", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
_OPEN = {"__init__": _late("__init__"), "__repr__": _repr, "__eq__": _late("__eq__"), "__hash__": None}
_FROZEN = {
    **_OPEN,
    "__hash__": _late("__hash__"),
    "__setattr__": _refuse_setting,
    "__delattr__": _refuse_deleting,
}
_ORDERED = {name: _late(name) for name in ("__lt__", "__le__", "__gt__", "__ge__")}


class _RealFields:
    """In the place of `__dataclass_fields__`, which msgspec reads for the names alone when it writes a value."""

    def __get__(self, value: object, owner: Any) -> object:
        kind = next(kind for kind in owner.__mro__ if kind.__dict__.get("__dataclass_fields__") is self)
        kind.__dataclass_fields__ = {name: _RealField(kind, name) for name in kind.__value_fields__}
        return kind.__dataclass_fields__


class _RealField:
    """A field as `dataclasses` knows it, once somebody asks what it is."""

    def __init__(self, kind: Any, name: str) -> None:
        self._kind, self._name = kind, name

    def __getattr__(self, wanted: str) -> object:
        return getattr(_made_known(self._kind)[self._name], wanted)


def _made_known(kind: Any) -> Any:
    """The fields of a class that is made known to `dataclasses` by this."""
    import dataclasses

    if "__dataclass_params__" in kind.__dict__:
        return kind.__dataclass_fields__
    for base in kind.__bases__:
        if hasattr(base, "__value_fields__"):
            _made_known(base)
    own = {name: kind.__value_fields__[name] for name in kind.__annotations__ if name in kind.__value_fields__}
    for name, one in own.items():
        given = {what: getattr(one, what) for what in ("default", "default_factory")}
        given = {what: value for what, value in given.items() if value is not _MISSING}
        given |= {what: getattr(one, what) for what in ("init", "repr", "compare", "metadata", "kw_only")}
        setattr(kind, name, dataclasses.field(**given))
    dataclasses.dataclass(init=False, repr=False, eq=False, match_args=False)(kind)
    return kind.__dataclass_fields__


def _fields(value: Any) -> tuple[Any, ...]:
    return tuple(value.__value_fields__.values())


def _is_dataclass(value: object) -> bool:
    return hasattr(value, "__value_fields__")


def _replace(value: Any, **changes: object) -> Any:
    for name, one in value.__value_fields__.items():
        if one.init and name not in changes:
            changes[name] = getattr(value, name)
    return type(value)(**changes)


def _asdict(value: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(value)


if TYPE_CHECKING:
    from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass, replace
else:
    MISSING, field, dataclass = _MISSING, _Field, _dataclass
    fields, is_dataclass, replace, asdict = _fields, _is_dataclass, _replace, _asdict
