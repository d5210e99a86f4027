"""The team's Python interpreter: found by what can be imported there, and asked through a child process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from watari.errors.usage import FrameworkFailed, FrameworkMissing
from watari.frameworks.folders import told
from watari.frameworks.framework import Command, FrameworkSettings
from watari.late import pattern
from watari.locale import Text
from watari.values import dataclass

__all__ = ["WATARI", "Interpreter", "find_interpreter"]

#: `Interpreter.why` where only watari's own environment can import the framework.
WATARI = "watari"

#: Put on the interpreter's path, so that a package in it can be run; it holds nothing else.
_TEAM = Path(__file__).with_name("team")
_PATIENCE = 900.0
_PASSWORD = pattern(r"(://[^\s:/@]*:)\S*@")

_TOO_LONG = Text(en="no answer within {seconds} seconds", ja="{seconds} 秒以内に応答がありません")


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """One interpreter in which the framework can be imported; `why` says how it was chosen."""

    path: Path
    framework: str
    why: str
    shows: str = ""  # what a person starts with it to see the same

    def environment(self) -> dict[str, str]:
        """What a child needs besides the surroundings: where watari's code for the team's side is, and one seed for hashes.

        A revision that goes through a set of names (mlflow has some) else writes its indexes in another order at every start.
        """
        before = os.environ.get("PYTHONPATH")
        path = f"{before}{os.pathsep}{_TEAM}" if before else str(_TEAM)
        return {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}

    def command(self, package: str, mode: str, request: Mapping[str, Any], folder: Path, url: str) -> Command:
        """`python -m PACKAGE MODE REQUEST`, to be run in `folder`; the address goes through `WATARI_DATABASE_URL`."""
        return Command(
            argv=(str(self.path), "-m", package, mode, json.dumps(request)),
            folder=folder,
            environment={**self.environment(), "WATARI_DATABASE_URL": url},
        )

    def ask(self, package: str, mode: str, request: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
        """The answer of `python -m PACKAGE MODE REQUEST`, run in `folder`; raises `FrameworkFailed`."""
        import subprocess

        argv = [str(self.path), "-m", package, mode, json.dumps(request)]
        try:
            done = subprocess.run(
                argv,
                cwd=folder,
                env={**os.environ, **self.environment()},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
            )
            answer = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            raise self._failed(request, _TOO_LONG(seconds=f"{_PATIENCE:g}")) from None
        except ValueError:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            reason = _PASSWORD.sub(r"\1****@", lines[-1]) if lines else f"exit status {done.returncode}"
            raise self._failed(request, reason) from None
        if failure := answer.get("error") or answer.get("missing"):
            raise self._failed(request, failure)
        return dict(answer)

    def _failed(self, request: Mapping[str, Any], reason: object) -> FrameworkFailed:
        folder = told(Path(request["folder"]), Path.cwd())
        return FrameworkFailed(
            framework=self.framework,
            folder=folder,
            python=self.path,
            reason=reason,
            command=f"{self.path} {self.shows}",
        )


def find_interpreter(settings: FrameworkSettings, framework: str, module: str, *, shows: str) -> Interpreter:
    """The first interpreter that can import `module`: as set, active, in the project, on the path, watari's own last.

    One that the settings name and that is none of the others is taken as it is or not at all. Raises `FrameworkMissing`.
    """
    found = dict(_candidates(settings))
    chosen = settings.python
    if chosen is not None:
        found = {chosen: found[chosen], **found} if chosen in found else {chosen: "python"}
    for path, why in found.items():
        if _imports(path, module):
            return Interpreter(path=path, framework=framework, why=why, shows=shows)
    raise FrameworkMissing(framework=framework, tried=", ".join(map(str, found)))


def _candidates(settings: FrameworkSettings) -> Iterator[tuple[Path, str]]:
    """Interpreters that exist without being set, each with the variable or folder that names it."""
    active = os.environ.get("VIRTUAL_ENV")
    import shutil

    on_path = shutil.which("python3") or shutil.which("python")
    places = [(Path(active) / "bin" / "python", "VIRTUAL_ENV")] if active else []
    places += [(folder / name / "bin" / "python", name) for folder in _upwards(settings) for name in (".venv", "venv")]
    places += [(Path(on_path), "PATH")] if on_path else []
    seen: set[Path] = set()
    for path, why in (*places, (Path(sys.executable), WATARI)):
        if path not in seen and path.exists():
            seen.add(path)
            yield path, why


def _upwards(settings: FrameworkSettings) -> Iterator[Path]:
    """The project's folder, and those between the migrations and it."""
    root, folder = settings.root, settings.folder
    yield root
    for between in (folder, *folder.parents):
        if between != root and between.is_relative_to(root):
            yield between


def _imports(python: Path, module: str) -> bool:
    """Whether the module is there; nothing is imported, and the current folder does not count."""
    question = f"import sys, importlib.util as u; sys.path = [p for p in sys.path if p]; sys.exit(u.find_spec({module!r}) is None)"
    import subprocess

    try:
        done = subprocess.run(
            [str(python), "-c", question], stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
