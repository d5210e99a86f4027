"""`python -m bench [NAME …]`: medians, peers beside, one server, one run; each file here with a `run` is a measurement."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

import bench
from watari.postgres.embedded import EmbeddedServer

_NOT_MEASUREMENTS = frozenset({"__main__"})


def measurements() -> list[str]:
    """The names of all measurements."""
    names = [module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in _NOT_MEASUREMENTS]
    return [name for name in names if hasattr(importlib.import_module(f"bench.{name}"), "run")]


def main(wanted: list[str]) -> None:
    """Starts one server with fsync on, and runs the measurements named, or all."""
    with tempfile.TemporaryDirectory(prefix="watari-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with EmbeddedServer.start(
            folder / "server", settings={"fsync": "on", "max_locks_per_transaction": "512"}
        ) as server:
            for measurement in wanted or measurements():
                importlib.import_module(f"bench.{measurement}").run(server, folder / measurement)


main(sys.argv[1:])
