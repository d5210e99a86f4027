"""Rooms whose door shows every name and opens a module when its name is first asked for: start-up time is a feature."""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False  # typing's own costs its import
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["late"]


def late(package: str, places: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a package: `places` says for each public name which of its modules defines it."""

    def fetch(name: str) -> object:
        if name not in places:
            raise AttributeError(f'module "{package}" has no attribute "{name}"')
        value = getattr(import_module(f"{package}.{places[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return fetch
