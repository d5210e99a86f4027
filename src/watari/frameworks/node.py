"""The team's Node.js: its own modules are asked through a child process, never by watari itself."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from watari.errors.usage import FrameworkFailed, FrameworkMissing
from watari.frameworks.folders import told
from watari.late import pattern
from watari.locale import Text

__all__ = ["ask_node", "find_node", "installed_modules"]

_TEAM = Path(__file__).with_name("team")
_PATIENCE = 300.0
_PASSWORD = pattern(r"(://[^\s:/@]*:)\S*@")
_TOO_LONG = Text(en="no answer within {seconds} seconds", ja="{seconds} 秒以内に応答がありません")


def find_node(folder: Path, framework: str, module: str) -> str:
    """The `node` on the path, where the module is installed for `folder`; raises `FrameworkMissing`."""
    from shutil import which

    node = which("node")
    there = any((parent / "node_modules" / module).is_dir() for parent in (folder, *folder.parents))
    if node is None or not there:
        raise FrameworkMissing(framework=framework, tried=str(folder / "node_modules" / module) if node else "node")
    return node


def words(node: str, script: str, mode: str, request: Mapping[str, Any]) -> tuple[str, ...]:
    """The words that start one of watari's scripts for the team's side (`team/watari_NAME/NAME.cjs`)."""
    return (node, str(_TEAM / f"watari_{script}" / f"{script}.cjs"), mode, json.dumps(request))


def ask_node(
    node: str, script: str, mode: str, request: Mapping[str, Any], *, folder: Path, framework: str, shows: str
) -> Mapping[str, Any]:
    """The script's answer, run in `folder`; raises `FrameworkFailed`. `shows`: what a person starts to see the same."""
    import subprocess

    def failed(reason: object) -> FrameworkFailed:
        return FrameworkFailed(
            framework=framework, folder=told(folder, Path.cwd()), python=node, reason=reason, command=shows
        )

    try:
        done = subprocess.run(
            words(node, script, mode, request),
            cwd=folder,
            env={**os.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
        return dict(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        raise failed(_TOO_LONG(seconds=f"{_PATIENCE:g}")) from None
    except ValueError:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise failed(_PASSWORD.sub(r"\1****@", lines[-1]) if lines else f"exit status {done.returncode}") from None


def installed_modules(folder: Path) -> Iterator[Path]:
    """npm's own list of what it installed, and the lock files of the others, from `folder` upwards."""
    for parent in (folder, *folder.parents):
        yield from (
            parent / name
            for name in ("node_modules/.package-lock.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml")
            if (parent / name).is_file()
        )
