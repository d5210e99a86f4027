"""Files that hold data: readable by their owner only, and never half-written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from watari.errors.usage import FileUnwritable
from watari.locale.system import reason_of


def write_private(path: Path, data: bytes) -> None:
    """Writes `data` to `path` with mode 0600, whole or not at all; raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_named(path: Path, data: bytes) -> None:
    """As `write_private`, for a file that the caller named; raises `FileUnwritable`."""
    try:
        write_private(path, data)
    except OSError as reason:
        raise FileUnwritable(file=str(path), reason=reason_of(reason)) from None
