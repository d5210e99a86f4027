"""Where the demo works: a folder of its own with enough room, made before anything is loaded."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from watari.errors.programs import DiskTooSmall
from watari.values import dataclass

__all__ = ["Place", "find_place", "report_file"]

#: What two copies, a clone, a restored backup and the WAL of a crossing take at their peak: measured, with a reserve.
_FIXED = 900 << 20
_PER_ORDER = 1_400
_REPORT = "watari-demo-report.html"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The demo's folder, with the server's and the project's in it."""

    folder: Path

    @property
    def server(self) -> Path:
        """The server's folder."""
        return self.folder / "server"

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.folder / "project"


def find_place(folder: Path | None, *, orders: int) -> Place:
    """A new folder under `folder`, or under the temporary folder that has room for `orders` orders.

    Raises `DiskTooSmall`.
    """
    needed = _FIXED + _PER_ORDER * orders
    bases = [folder] if folder else [Path(tempfile.gettempdir()), Path("/var/tmp")]
    for base in bases:
        base.mkdir(parents=True, exist_ok=True)
    roomy = max(bases, key=lambda base: min(_free(base), needed))
    if _free(roomy) < needed:
        raise DiskTooSmall(
            folder=roomy, free=_free(roomy) >> 20, needed=needed >> 20, way="watari demo --folder FOLDER"
        )
    made = Path(tempfile.mkdtemp(prefix="watari-demo-", dir=roomy))
    # the server's user, who is another one than root, has to pass through
    made.chmod(0o755 if os.geteuid() == 0 else 0o700)
    (made / "project").mkdir(mode=0o700)
    return Place(folder=made)


def report_file(folder: Path | None) -> Path:
    """Where the report is put: into `folder`, the current folder, or the temporary one where that is not writable."""
    for base in filter(None, (folder, Path.cwd())):
        if os.access(base, os.W_OK):
            return base / _REPORT
    return Path(tempfile.gettempdir()) / _REPORT


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free if folder.is_dir() else 0
