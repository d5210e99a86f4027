"""Folders of clones, held by a lock that a killed rehearsal lets go of, so that the next one knows what was left and removes it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_PREFIX = "watari-clone-"
_HELD = "held"
#: A file of this name in a folder says what is still to be removed elsewhere; until it is gone, the folder stays.
OWED = "owed"


def scratch_folder(removal: ExitStack) -> Path:
    """A new folder that goes with `removal`; a server of another user may go through it, and nobody may list it."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    removal.callback(_delete, folder)
    unheld = folder / "unheld"
    held = os.open(unheld, os.O_RDWR | os.O_CREAT, 0o600)
    removal.callback(os.close, held)
    fcntl.flock(held, fcntl.LOCK_EX)
    unheld.rename(folder / _HELD)  # at no moment is there one that can be taken
    folder.chmod(0o711)
    return folder


@contextmanager
def left_folders() -> Iterator[tuple[Path, ...]]:
    """This user's folders that nobody holds any more, held in the meantime; they are deleted when the context ends well."""
    with ExitStack() as stack:
        left = tuple(folder for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _take(folder, stack))
        yield left
        for folder in left:
            _delete(folder)


def _delete(folder: Path) -> None:
    if not (folder / OWED).exists():
        shutil.rmtree(folder, ignore_errors=True)


def _take(folder: Path, stack: ExitStack) -> bool:
    try:
        if folder.stat().st_uid != os.geteuid():
            return False
        held = os.open(folder / _HELD, os.O_RDWR)
    except OSError:
        return False
    stack.callback(os.close, held)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
