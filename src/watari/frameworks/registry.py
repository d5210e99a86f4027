"""Which frameworks there are, and which one a project uses; the folder is the registry."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from watari.errors.usage import UnknownFramework
from watari.frameworks.framework import Detection, Framework
from watari.late import modules

__all__ = ["detect", "named", "names"]


@cache
def names() -> tuple[str, ...]:
    """The names of all frameworks, in alphabetical order; imports every adapter once."""
    found = []
    for module in modules([str(Path(__file__).parent)]):
        adapter = _adapter(module) if _may_adapt(module) else None
        if adapter is not None and adapter.name == module:
            found.append(module)
    return tuple(sorted(found))


def named(name: str) -> type[Framework]:
    """The adapter of one framework, without importing the others; raises `UnknownFramework`."""
    there = name.isidentifier() and Path(__file__).with_name(f"{name}.py").exists()
    adapter = _adapter(name) if there else None
    if adapter is None or adapter.name != name:
        raise UnknownFramework(name=name, known=", ".join(names()))
    return adapter


def detect(root: Path) -> tuple[Detection, ...]:
    """What the project in the folder `root` looks like, best first; empty where nothing is recognised. Reads files only."""
    found = [detection for name in names() if (detection := named(name).detect(root)) is not None]
    return tuple(sorted(found, key=lambda detection: (-detection.certainty, detection.framework)))


def _may_adapt(module: str) -> bool:
    """Whether the source of a module beside this one defines an adapter; where there is no source, it may."""
    if Path(__file__).with_name(module).is_dir():
        return False
    try:
        return b"(Framework)" in Path(__file__).with_name(f"{module}.py").read_bytes()
    except OSError:
        return True


def _adapter(module: str) -> type[Framework] | None:
    """The one class in a module beside this one that implements the contract itself."""
    if module == "framework":
        return None
    loaded = import_module(f"watari.frameworks.{module}")
    own = [value for value in vars(loaded).values() if getattr(value, "__module__", "") == loaded.__name__]
    return next((value for value in own if isinstance(value, type) and issubclass(value, Framework)), None)
