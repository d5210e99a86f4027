"""`watari.values` beside `dataclasses`: the same source, decorated by both, answers the same."""

from __future__ import annotations

import ast
import copy
import dataclasses
import itertools
import operator
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

import watari
from watari import values

SOURCE = Path(watari.__file__).parent


@values.dataclass(frozen=True, kw_only=True)
class Inner:
    """One that is held."""

    word: str


@values.dataclass(frozen=True, kw_only=True)
class Ours:
    """One of every kind of field."""

    KIND: ClassVar[str] = "kind"
    name: str
    inner: Inner
    number: int = 3
    names: tuple[str, ...] = ()
    held: dict[str, int] = values.field(default_factory=dict)
    secret: str = values.field(default="", repr=False)
    aside: int = values.field(default=0, compare=False, metadata={"live": True})


@values.dataclass(frozen=True, order=True)
class Place:
    """Given by position, and with an order."""

    left: str
    right: str = "z"


@values.dataclass()
class Counted:
    """One that changes, and sets a field itself."""

    count: int = 0
    twice: int = values.field(default=0, init=False)

    def __post_init__(self) -> None:
        self.twice = 2 * self.count


@values.dataclass(frozen=True, kw_only=True)
class Further(Inner):
    """One that adds to another."""

    more: int = 1


@values.dataclass(frozen=True)
class Blind:
    """One that says itself how it is compared and shown."""

    word: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Blind)

    def __repr__(self) -> str:
        return "Blind"


CLASSES = (Inner, Ours, Place, Counted, Further, Blind)


def real(kind: type) -> Any:
    """The same class made by `dataclasses` from the same source."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    wanted = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in {"Inner", kind.__name__}]
    source = "from __future__ import annotations\nfrom typing import ClassVar\n" + "\n".join(map(ast.unparse, wanted))
    places: dict[str, Any] = {"values": dataclasses, "__name__": __name__}
    exec(source, places)
    return places[kind.__name__]


def made(kind: Any) -> Iterator[Any]:
    """Some values of a class."""
    if kind.__name__ == "Ours":
        yield kind(name="a", inner=Inner(word="w"), secret="hush")
        yield kind(name="a", inner=Inner(word="w"), secret="hush", aside=5)
        yield kind(name="a", inner=Inner(word="w"), number=4, names=("x",), held={"y": 1})
    elif kind.__name__ in ("Inner", "Further"):
        yield from (kind(word="a"), kind(word="a"), kind(word="b"))
    elif kind.__name__ == "Counted":
        yield from (kind(), kind(2), kind(count=2))
    else:
        yield from (kind("a"), kind("a"), kind("b"))


def answer(work: Any, *given: Any, **named: Any) -> object:
    """What comes out, or what is raised."""
    try:
        return work(*given, **named)
    except Exception as raised:
        return type(raised)


PAIRS = (operator.eq, operator.lt, operator.ge, lambda left, right: left in {right}, lambda a, b: hash(a) == hash(b))
CHANGES = (lambda value: setattr(value, "word", 1), lambda value: delattr(value, "word"))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_value_answers_as_a_real_dataclass_does(kind: Any) -> None:
    ours, theirs = list(made(kind)), list(made(real(kind)))
    assert [repr(value) for value in ours] == [repr(value) for value in theirs]
    assert [vars(value) for value in ours] == [vars(value) for value in theirs]
    for left, right in itertools.product(range(len(ours)), repeat=2):
        told = [answer(ask, ours[left], ours[right]) for ask in PAIRS]
        assert told == [answer(ask, theirs[left], theirs[right]) for ask in PAIRS]
    assert [answer(change, ours[0]) for change in CHANGES] == [answer(change, theirs[0]) for change in CHANGES]
    assert answer(kind, no_such=1) is answer(real(kind), no_such=1) is TypeError
    assert kind.__match_args__ == real(kind).__match_args__


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_dataclasses_itself_finds_what_it_looks_for(kind: Any) -> None:
    for value in made(kind):
        assert dataclasses.is_dataclass(value)
        assert values.is_dataclass(value)
        assert dataclasses.asdict(value) == values.asdict(value)
        assert pickle.loads(pickle.dumps(value)) == value == copy.deepcopy(value)
    found, theirs, own = dataclasses.fields(kind), dataclasses.fields(real(kind)), values.fields(kind)
    told = ("name", "type", "init", "repr", "compare", "kw_only", "metadata")
    assert [[getattr(one, what) for what in told] for one in found] == [
        [getattr(one, what) for what in told] for one in theirs
    ]
    assert [one.name for one in own] == [one.name for one in found]
    assert [one.default is values.MISSING for one in own] == [one.default is dataclasses.MISSING for one in found]
    value = next(iter(made(kind)))
    assert repr(value) == repr(next(iter(made(real(kind)))))  # being asked has changed nothing
    if kind is not Counted:  # it sets a field that nobody may give
        assert values.replace(value) == dataclasses.replace(value) == value


def test_replacing_makes_another_value_and_checks_its_names() -> None:
    value = Ours(name="a", inner=Inner(word="w"), secret="hush")
    assert values.replace(value, number=9) == dataclasses.replace(value, number=9)
    assert values.replace(value, number=9).secret == "hush"
    with pytest.raises(TypeError):
        values.replace(value, no_such=1)


def test_msgspec_reads_and_writes_them() -> None:
    value = Ours(name="a", inner=Inner(word="w"), names=("b", "c"), held={"d": 1})
    assert msgspec.json.decode(msgspec.json.encode(value), type=Ours) == value
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"name": 1, "inner": {"word": "w"}}', type=Ours)


def test_each_value_has_a_default_of_its_own() -> None:
    one, other = Ours(name="a", inner=Inner(word="w")), Ours(name="a", inner=Inner(word="w"))
    one.held["x"] = 1
    assert not other.held


def test_no_module_makes_its_values_any_other_way() -> None:
    using = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "from dataclasses import" in (text := path.read_text(encoding="utf-8")) or "import dataclasses" in text
    ]
    assert using == ["values.py"]
