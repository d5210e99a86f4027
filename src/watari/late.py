"""What is there by name and made when it is first asked for: modules of a room, patterns. Start-up time is a feature."""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

__all__ = ["late", "modules", "pattern"]


def late(package: str, places: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a package: `places` says for each public name which of its modules defines it."""

    def fetch(name: str) -> object:
        if name not in places:
            raise AttributeError(f'module "{package}" has no attribute "{name}"')
        value = getattr(import_module(f"{package}.{places[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return fetch


def modules(places: Iterable[str], prefix: str = "") -> tuple[str, ...]:
    """The names of the modules and packages in a package's `__path__`, in order, with `prefix` before each.

    `pkgutil.iter_modules` imports the half of `inspect` for it.
    """
    from pathlib import Path

    names = set()
    for file in (file for place in places for file in Path(place).iterdir()):
        name, dot, ending = file.name.partition(".")
        if ending in ("py", "pyc") or (not dot and (file / "__init__.py").exists()):
            names.add(name)
    return tuple(prefix + name for name in sorted(names - {"__init__"}))


class _Pattern:
    """A regular expression that is compiled when it is first asked for something."""

    def __init__(self, source: Any, flags: int = 0) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked of everything that stands in a class
            raise AttributeError(name)
        import re

        compile = getattr(re, "compile_now", re.compile)  # the one of `short.py` has both
        value = getattr(compile(self._source, self._flags), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:
    from re import compile as pattern
else:
    #: `re.compile` for the patterns of a module: of the 150 that a command meets, most are never asked.
    pattern = _Pattern
