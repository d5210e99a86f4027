"""What a team's framework answered about its migrations, kept in `.watari` for as long as nothing it rests on has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from watari import __version__
from watari.frameworks.sources import digest_of

__all__ = ["kept_answer"]


def kept_answer(root: Path, framework: str, rests_on: str, ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """The answer that is kept for `rests_on`, where the folders and files of its migrations are as they were; else a new one.

    A folder that cannot be written to keeps nothing.
    """
    key = hashlib.sha256(f"{__version__}\0{rests_on}".encode()).hexdigest()[:16]
    file = root / ".watari" / f"rendered-{framework}-{key}.json"
    kept = _read(file)
    if kept is not None and kept["files"] == _files(kept["answer"]):
        return dict(kept["answer"])
    answer = ask()
    _keep(file, json.dumps({"files": _files(answer), "answer": answer}).encode())
    return answer


def _read(file: Path) -> Mapping[str, Any] | None:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"files", "answer"} <= found.keys() else None


def _keep(file: Path, data: bytes) -> None:
    from watari.ledger.outbox import memory_folder
    from watari.project.files import write_private

    try:
        memory_folder(file.parents[1])
        for older in sorted(file.parent.glob(f"{file.name.rpartition('-')[0]}-*.json")):
            older.unlink(missing_ok=True)
        write_private(file, data)
    except OSError:
        return


def _files(answer: Mapping[str, Any]) -> str:
    """A digest of the migrations' own files and of which files lie beside them, wherever they are installed."""
    files = sorted({each["file"] for each in answer["migrations"]})
    return digest_of(map(Path, files), _beside(files))


def _beside(files: list[str]) -> Iterator[str]:
    for folder in sorted({Path(file).parent for file in files}):
        try:
            yield from sorted(str(path) for path in folder.iterdir() if path.suffix == ".py")
        except OSError:
            yield str(folder)
