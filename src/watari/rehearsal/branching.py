"""A provider's branch through a command of the team's own: every provider's own tool fits behind it.

The command is run with `create NAME` and prints the branch's address on standard output, as its last line that is one; with
`remove NAME` it removes the branch, also one that was made by half. Both end with status 0. Beside its arguments it finds
WATARI_DATABASE, the name of the database that the branch is of.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from watari.errors import WatariError
from watari.locale import Message, Text
from watari.locale.system import reason_of
from watari.project.url import DatabaseUrl, parse_url
from watari.values import dataclass

#: Providers make a branch within seconds, and a snapshot of a large server within minutes.
_CREATE_SECONDS = 1800.0
_REMOVE_SECONDS = 300.0

_NOT_STARTED = Text(en="{command}: {reason}", ja="{command}: {reason}")
_FAILED = Text(
    en="{command} {word} ended with status {status}: {reason}",
    ja="{command} {word} が終了ステータス {status} で終了しました: {reason}",
)
_TOO_LONG = Text(
    en="{command} {word} did not end within {seconds} s",
    ja="{command} {word} が {seconds} 秒以内に終了しませんでした",
)
_NO_ADDRESS = Text(
    en="{command} create printed no database address", ja="{command} create が接続 URL を出力しませんでした"
)


class BranchFailed(Exception):
    """The command did not do what it was asked for."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(str(reason))


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The command, the folder that it is run in, and the database that branches are made of."""

    command: tuple[str, ...]
    folder: Path | None
    database: str

    def create(self, name: str) -> DatabaseUrl:
        """A branch by that name; where it is comes out, and it need not answer yet. Raises `BranchFailed`."""
        said = self._run("create", name, _CREATE_SECONDS)
        for line in reversed(said.splitlines()):
            try:
                if "://" in line:
                    return parse_url(line.strip())
            except WatariError:
                continue
        raise BranchFailed(_NO_ADDRESS(command=self.command[0]))

    def remove(self, name: str) -> None:
        """Removes it, and whatever there is of it. Raises `BranchFailed`."""
        self._run("remove", name, _REMOVE_SECONDS)

    def _run(self, word: str, name: str, seconds: float) -> str:
        shown = self.command[0]
        try:
            done = subprocess.run(
                [*self.command, word, name],
                cwd=self.folder,
                env={**os.environ, "WATARI_DATABASE": self.database},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BranchFailed(_TOO_LONG(command=shown, word=word, seconds=round(seconds))) from None
        except OSError as failed:
            raise BranchFailed(_NOT_STARTED(command=shown, reason=reason_of(failed))) from failed
        if done.returncode:
            reason = _last(done.stderr.splitlines()) or "-"
            raise BranchFailed(_FAILED(command=shown, word=word, status=done.returncode, reason=reason))
        return done.stdout


def _last(lines: Sequence[str]) -> str:
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
