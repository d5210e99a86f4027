"""Files that hold data: readable by their owner only, and never half-written."""

from __future__ import annotations

import os
from pathlib import Path

from watari.errors.usage import FileUnwritable
from watari.locale.system import reason_of


def write_private(path: Path, data: bytes) -> None:
    """Writes `data` to `path` with mode 0600, whole or not at all; raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def write_named(path: Path, data: bytes) -> None:
    """As `write_private`, for a file that the caller named; raises `FileUnwritable`."""
    try:
        write_private(path, data)
    except OSError as reason:
        raise FileUnwritable(file=str(path), reason=reason_of(reason)) from None
