"""What will be needed next is imported while the server is at work, and nobody else imports anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread

__all__ = ["imported_meanwhile"]


@contextmanager
def imported_meanwhile(*modules: str) -> Iterator[None]:
    """Imports the modules beside the block, and waits for them at its end.

    The block is to wait for a server, and to import nothing of the same packages: two threads that import one package from
    both ends may each find it half made. What cannot be imported is told by the import that then needs it.
    """
    beside = Thread(target=_import, args=(modules,), daemon=True)
    beside.start()
    try:
        yield
    finally:
        beside.join()


def _import(modules: tuple[str, ...]) -> None:
    with suppress(Exception):
        for module in modules:
            import_module(module)
