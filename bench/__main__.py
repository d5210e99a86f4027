"""`python -m bench [startup|migrations|noop|judging|stalls|blocking|histories …]`: medians, peers beside, one server, one run."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from watari.postgres.embedded import EmbeddedServer

ALL = ("startup", "migrations", "noop", "judging", "stalls", "clones", "blocking", "histories")


def main(wanted: list[str]) -> None:
    """Starts one server with fsync on, and runs the measurements named, or all."""
    with tempfile.TemporaryDirectory(prefix="watari-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with EmbeddedServer.start(folder / "server", settings={"fsync": "on"}) as server:
            for measurement in wanted or ALL:
                importlib.import_module(f"bench.{measurement}").run(server, folder / measurement)


main(sys.argv[1:])
