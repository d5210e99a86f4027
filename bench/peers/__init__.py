"""One file a peer: how it is installed, how its project looks, which command applies it."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from watari.project.url import DatabaseUrl

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench"


class Peer(ABC):
    """A tool that applies N migrations, `CREATE TABLE tNNNN (id int)` each."""

    name: str
    #: How many migrations it is measured with.
    counts: tuple[int, ...] = (100,)

    @abstractmethod
    def install(self) -> None:
        """Puts the tool into the cache; raises where this machine cannot."""

    @abstractmethod
    def prepare(self, folder: Path, count: int) -> None:
        """Writes a project with `count` migrations."""

    @abstractmethod
    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        """What applies everything, and its environment."""


def peers() -> tuple[Peer, ...]:
    """Every peer, by name."""
    found = []
    for module in pkgutil.iter_modules(__path__):
        made = importlib.import_module(f"{__name__}.{module.name}").PEER
        assert isinstance(made, Peer)
        found.append(made)
    return tuple(sorted(found, key=lambda peer: peer.name))


def python_environment(name: str, *packages: str) -> Path:
    """A virtual environment in the cache with the packages; its bin folder."""
    folder = CACHE / name
    stamp = folder / ("ok-" + "-".join(packages).replace("/", "_")[:100])
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin/pip"), "install", "-q", *packages], check=True)
        stamp.touch()
    return folder / "bin"


def node_modules(name: str, *packages: str) -> Path:
    """A folder in the cache with the npm packages; its node_modules."""
    folder = CACHE / name
    stamp = folder / ("ok-" + "-".join(packages).replace("/", "_")[:100])
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"private": true}')
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", *packages], cwd=folder, check=True)
        stamp.touch()
    return folder / "node_modules"
