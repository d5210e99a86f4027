"""What keeps the life of one call of the program short; none of it changes what a command does.

The database driver, the grammar and what reads JSON import modules that a command never enters: psycopg asyncio for its
asynchronous half, `ssl` for OpenSSL before 1.1, `logging`, `zoneinfo` and `random` for what rarely happens,
`importlib.metadata` for its own version; postgast its helpers, and `platform` to name a file. Measured with psycopg 3.3,
postgast 0.2 and Python 3.11, they are more than half of what these cost. While one is imported, stand-ins are there for
them; what is asked of a stand-in and not known to it comes from the real module.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import ModuleType
    from typing import ClassVar, NoReturn

__all__ = ["leave", "prepare"]

#: Of asyncio, what psycopg binds when it is imported and uses once somebody awaits.
_AWAITED = ("Future", "Lock", "Queue", "Task", "get_running_loop", "sleep")

#: What psycopg's few dataclasses are made with.
_OF_VALUES = ("field", "fields", "replace")

_EXCEPTIONS = "asyncio.exceptions"
_exceptions: list[ModuleType] = []

#: New objects before the collector looks at them: a command makes many that stay, and ends soon.
_THRESHOLDS = (200_000, 20, 50)


def prepare() -> None:
    """Before the first import of weight: the collector looks less often, the two packages are met at the door."""
    import gc

    gc.set_threshold(*_THRESHOLDS)
    if sys.modules.keys().isdisjoint({"psycopg", "postgast", "msgspec", "asyncio"}):
        sys.meta_path.insert(0, _Door())


def leave(status: int) -> NoReturn:
    """Ends the process with everything written, without taking its modules apart one by one."""
    import atexit
    import os

    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        sys.exit(status)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads any more, which has been told
            continue
    os._exit(status)


class _Door:
    """Finds the two packages and has them loaded their own way; later the exceptions of asyncio that one was given."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec of these; None for everything else."""
        way = _WAYS.get(name)
        spec = PathFinder.find_spec(name, path) if way else None
        if way and spec and spec.loader:
            load = spec.loader.exec_module
            spec.loader.exec_module = lambda module: way(load, module)  # type: ignore[method-assign]
            if name == _EXCEPTIONS and _exceptions:
                spec.loader.create_module = lambda spec: _exceptions[0]  # type: ignore[method-assign]
        return spec


def _psycopg(load: Callable[[ModuleType], None], module: ModuleType) -> None:
    from pathlib import Path

    from watari import values

    def dataclass(kind: type | None = None, **options: bool) -> object:
        return values.dataclass(**options) if kind is None else values.dataclass(**options)(kind)

    asked = [
        _stand_in("asyncio", CancelledError=_cancelled(), **{name: _late("asyncio", name) for name in _AWAITED}),
        _stand_in("importlib.metadata", version=_versions(Path(module.__path__[0]).parent)),
        _stand_in("ssl"),
        _stand_in("socket"),
        _searching(),
        _stand_in("logging", getLogger=_Logger, NOTSET=0, WARNING=30),
        _stand_in("dataclasses", dataclass=dataclass, **{name: getattr(values, name) for name in _OF_VALUES}),
        _stand_in("typing_extensions", TypeVar=_type_variable),
        _stand_in("zoneinfo", ZoneInfo=_zone()),
        _stand_in("random", shuffle=_late("random", "shuffle")),
    ]
    _among(asked, lambda: _with_late_patterns(lambda: load(module)))


def _postgast(load: Callable[[ModuleType], None], module: ModuleType) -> None:
    """What every plan calls is there at once; the first question for anything else does the whole import."""
    from importlib import import_module
    from pathlib import Path

    def whole(wanted: str) -> object:
        if wanted.startswith("__"):  # the import system's own questions
            raise AttributeError(wanted)
        del module.__dict__["__getattr__"]
        load(module)
        return getattr(module, wanted)

    def deparse(node: object) -> object:
        real = import_module("postgast.deparse").deparse
        module.__dict__["deparse"] = real  # the import has put the file of that name in its place
        return real(node)

    def lean() -> None:
        parse, error = import_module("postgast.parse").parse, import_module("postgast.errors").PgQueryError
        module.__dict__.update(parse=parse, PgQueryError=error, deparse=deparse, __getattr__=whole)

    resources = _stand_in("importlib.resources", files=lambda package: Path(module.__path__[0]))
    told = _stand_in("google.protobuf.text_format")  # how a message is printed, with a parser for it
    _among([_stand_in("platform", system=_system), _searching(), resources, told], lean)


def _msgspec(load: Callable[[ModuleType], None], module: ModuleType) -> None:
    from typing import NotRequired, Required, get_type_hints

    hints = {"NotRequired": NotRequired, "Required": Required, "get_type_hints": get_type_hints}
    asked = [_stand_in("typing_extensions", **hints), _stand_in("platform", system=_system), _stand_in("textwrap")]
    _among(asked, lambda: _with_late_patterns(lambda: load(module)))


def _known_exceptions(load: Callable[[ModuleType], None], module: ModuleType) -> None:
    if not _exceptions:
        load(module)


_WAYS = {"psycopg": _psycopg, "postgast": _postgast, "msgspec": _msgspec, _EXCEPTIONS: _known_exceptions}


def _among(stand_ins: Sequence[ModuleType], work: Callable[[], None]) -> None:
    """Does the work while the stand-ins can be imported, as far as the real modules are not there already."""
    placed = [made for made in stand_ins if made.__name__ not in sys.modules]
    sys.modules.update({made.__name__: made for made in placed})
    try:
        work()
    finally:
        for made in placed:
            if sys.modules.get(made.__name__) is made:
                del sys.modules[made.__name__]


def _stand_in(name: str, **known: object) -> ModuleType:
    """A module that knows a few names, and asks the real one for the others."""
    from types import ModuleType

    def ask(wanted: str) -> object:
        if wanted.startswith("__"):  # the import system's own questions
            raise AttributeError(wanted)
        return getattr(_real(name, made), wanted)

    made = ModuleType(name)
    made.__dict__.update(known, __getattr__=ask)
    return made


def _real(name: str, stand_in: ModuleType | None = None) -> ModuleType:
    from importlib import import_module

    if stand_in is not None and sys.modules.get(name) is stand_in:
        del sys.modules[name]
    return import_module(name)


def _searching() -> ModuleType:
    """For `ctypes.util`, which looks for libraries that the packages bring along themselves."""
    import ctypes

    made = _stand_in("ctypes.util")
    if not hasattr(ctypes, "util"):
        vars(ctypes)["util"] = made
    return made


def _cancelled() -> object:
    """The very class that asyncio will have: its module of exceptions imports nothing, and is found again later."""
    import os
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    file = Path(os.__file__).parent / "asyncio" / "exceptions.py"
    spec = spec_from_file_location(_EXCEPTIONS, file)
    assert spec is not None
    assert spec.loader is not None
    _exceptions.append(module_from_spec(spec))
    spec.loader.exec_module(_exceptions[0])
    return _exceptions[0].CancelledError


class _Logger:
    """A logger of psycopg's, which is a real one from its first warning on; what is less than that nobody hears."""

    _levels: ClassVar[dict[str, int]] = {}

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def level(self) -> int:
        """What was set for the name."""
        return self._levels.get(self._name, 0)

    def setLevel(self, level: int) -> None:  # noqa: N802 - logging's own name
        """Keeps it for the real one."""
        self._levels[self._name] = level

    def debug(self, *said: object) -> None:
        """Below the level that psycopg gives itself."""

    info = debug

    def __getattr__(self, wanted: str) -> object:
        there = sys.modules.get("logging")
        logger = _real("logging", there if there and getattr(there, "getLogger", None) is _Logger else None).getLogger(
            self._name
        )
        logger.setLevel(logger.level or self.level)
        return getattr(logger, wanted)


def _type_variable(name: str, *bounds: object, default: object = None, **options: object) -> object:
    """As `typing_extensions.TypeVar`; what stands for a variable that is not given only a type checker asks."""
    from typing import TypeVar

    return TypeVar(name, *bounds, **options)  # type: ignore[arg-type]  # as they were given


def _with_late_patterns(work: Callable[[], None]) -> None:
    """Does the work with an `re` that compiles a pattern when it is used: 40 are met, of which a command uses three."""
    import re
    from types import ModuleType

    from watari.late import pattern

    made = ModuleType("re")
    made.__dict__.update(vars(re), compile=pattern, compile_now=re.compile)
    sys.modules["re"] = made
    try:
        work()
    finally:
        sys.modules["re"] = re


def _system() -> str:
    """As `platform.system`, which reads its module's patterns first."""
    import os

    return "Windows" if os.name == "nt" else os.uname().sysname


def _zone() -> type:
    """`ZoneInfo`, which reads how Python was built before it knows where its files are; not for the zone of most servers."""
    from datetime import UTC

    def known(kind: type, name: str) -> object:
        return UTC if name in ("UTC", "Etc/UTC") else _real("zoneinfo").ZoneInfo(name)

    return type("ZoneInfo", (), {"__new__": known})


def _late(module: str, name: str) -> type:
    """A class or function of a module that is fetched when somebody calls it."""

    def call(kind: type, *given: object, **named: object) -> object:
        return getattr(_real(module), name)(*given, **named)

    return type(name, (), {"__new__": call, "__class_getitem__": classmethod(lambda kind, item: kind)})


def _versions(site: Path) -> Callable[[str], str]:
    def version(distribution: str) -> str:
        """The version as the folder of the distribution's records says it."""
        start = distribution.replace("-", "_") + "-"
        found = [folder.name for folder in site.glob(f"{start}*.dist-info")]
        if len(found) == 1:
            return found[0].removeprefix(start).removesuffix(".dist-info")
        return str(_real("importlib.metadata").version(distribution))

    return version
