"""A branch at the provider of the database (Neon, Supabase, a restored snapshot), made and removed by a command of the team's own.

What it is to do: `branching.py`. A branch is the whole database with the provider's own logins, so a part of the rows cannot
be had, and masks are laid as soon as it answers.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from watari.errors import ReachError
from watari.errors.reach import ServerUnreachable
from watari.locale import Message, Text
from watari.postgres.connection import connect, require_primary
from watari.project.url import DatabaseUrl
from watari.rehearsal.branching import BranchFailed, Provider
from watari.rehearsal.clone import Clone, Estimate, Way, WayClosed
from watari.rehearsal.clone_databases import clone_name
from watari.rehearsal.masking import expressions, mask_in_place
from watari.rehearsal.queries import load
from watari.rehearsal.scratch import OWED, scratch_folder
from watari.rehearsal.source import Source

_ANSWER_SECONDS = 300.0

_NO_COMMAND = Text(
    en="no command makes branches (setting clone_command)", ja="ブランチ作成コマンドが未設定です（設定 clone_command）"
)
_ABSENT = Text(en="the database does not exist yet", ja="データベースがまだ存在しません")
_PART = Text(
    en="it copies all rows, and a part of them was asked for",
    ja="全行を複製する方式のため、一部の行の指定には対応しません",
)
_SAME = Text(
    en="the address that it printed is that of the database itself",
    ja="出力された URL が元のデータベース自身を指しています",
)
_SILENT = Text(en="the branch did not answer within {seconds} s", ja="ブランチが {seconds} 秒以内に応答しませんでした")
_MASKED_LATE = Text(
    en="until it was masked, whoever may log in at the provider could read the branch",
    ja="マスク完了までの間、プロバイダーにログインできる利用者はブランチの内容を読める状態でした",
)


class Branch(Way):
    """Whatever `clone_command` makes."""

    name = "branch"
    order = 5
    bytes_a_second = 1
    start_seconds = 30.0

    def known(self, source: Source) -> bool:
        """A command was named."""
        return bool(source.elsewhere.command)

    def estimate(self, source: Source) -> Estimate:
        """Providers share the blocks of both: size hardly matters, and no room is needed here."""
        return Estimate(seconds=self.start_seconds, bytes=0)

    def clean(self, source: Source, left: Sequence[Path]) -> None:
        """Removes the branches of killed rehearsals, each by the command that made it."""
        for folder in left:
            with contextlib.suppress(OSError, ValueError, KeyError, BranchFailed):
                owed = json.loads((folder / OWED).read_text(encoding="utf-8"))
                place = Path(owed["folder"]) if owed["folder"] else None
                provider = Provider(command=tuple(owed["command"]), folder=place, database=owed["database"])
                provider.remove(owed["name"])
                (folder / OWED).unlink()

    def hindrance(self, source: Source) -> Message | None:
        """There must be a command, and something that it can make a branch of."""
        if not source.elsewhere.command:
            return _NO_COMMAND()
        if not source.there:
            return _ABSENT()
        return None if source.content.whole else _PART()

    def make(self, source: Source) -> Clone:
        """A branch; its name is written down before it is made, so that it is removed whatever happens."""
        began = time.monotonic()
        assert source.elsewhere.command
        elsewhere, database = source.elsewhere, source.url.database
        provider = Provider(command=elsewhere.command, folder=elsewhere.folder, database=database)
        with ExitStack() as removal:
            name = clone_name(database).replace("_", "-")
            owed = scratch_folder(removal) / OWED
            _write_down(owed, provider, name)
            removal.callback(_remove, provider, name, owed)
            try:
                url = provider.create(name)
            except BranchFailed as failed:
                raise WayClosed(failed.reason) from failed
            if url.same_database(source.url):
                raise WayClosed(_SAME())
            size = _prepare(source, url)
            return Clone(
                url=url,
                way=self.name,
                seconds=time.monotonic() - began,
                bytes=size,
                removal=removal.pop_all(),
                notes=(_MASKED_LATE(),) if source.content.masks else (),
            )


def _write_down(file: Path, provider: Provider, name: str) -> None:
    folder = str(provider.folder) if provider.folder else None
    owed = {"command": provider.command, "folder": folder, "database": provider.database, "name": name}
    file.touch(mode=0o600)
    file.write_text(json.dumps(owed), encoding="utf-8")


def _prepare(source: Source, url: DatabaseUrl) -> int:
    """Waits until it answers, and masks it; its bytes come out."""
    end = time.monotonic() + _ANSWER_SECONDS
    while True:
        try:
            with connect(url, purpose="rehearsal") as copy:
                require_primary(copy)
                mask_in_place(expressions(source.content.masks, copy), copy)
                row = copy.execute(load("size")).fetchone()
                return int(row[0]) if row else 0
        except ServerUnreachable:
            if time.monotonic() > end:
                raise WayClosed(_SILENT(seconds=round(_ANSWER_SECONDS))) from None
            time.sleep(1.0)
        except ReachError as closed:
            raise WayClosed(closed.message) from closed


def _remove(provider: Provider, name: str, owed: Path) -> None:
    # what cannot be removed now stays written down, and is tried again with the next clone
    with contextlib.suppress(BranchFailed):
        provider.remove(name)
        owed.unlink()
