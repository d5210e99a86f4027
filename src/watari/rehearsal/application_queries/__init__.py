"""One file a place where the application's statements stand, each with `fits` and `read`; the folder is the registry."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from watari.errors.rehearsals import QueriesUnreadable
from watari.evidence.application import ApplicationQuery
from watari.late import modules
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One kind of file or folder: whether a path is one, and the statements in it, in order.

    `read` raises `OSError` where it cannot be read and `QueriesUnreadable` where it holds nothing that it should.
    """

    fits: Callable[[Path], bool]
    read: Callable[[Path], tuple[ApplicationQuery, ...]]


def queries_in(path: Path) -> tuple[ApplicationQuery, ...]:
    """The statements in a folder of `.sql`, one such file, or a server's log, each text once; raises `QueriesUnreadable`."""
    try:
        found = next(reader for reader in _readers() if reader.fits(path)).read(path)
    except (OSError, StopIteration) as reason:
        raise QueriesUnreadable(
            path=path, reason=getattr(reason, "strerror", None) or "not a folder, .sql or log"
        ) from None
    if not found:
        raise QueriesUnreadable(path=path, reason="no statement in it")
    once: dict[str, ApplicationQuery] = {}
    for query in found:
        once.setdefault(query.text, query)
    return tuple(once.values())


def _readers() -> list[Reader]:
    return [import_module(name).READER for name in modules(__path__, f"{__name__}.")]
