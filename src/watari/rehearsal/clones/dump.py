"""A copy in a throw-away server of the same major version on this machine: it disturbs nobody, and keeps roles to itself.

It can hold a part of the rows, and masked ones: what is masked never leaves the source as it is.

The clone goes by the database's own name and is used by a role of the user's own name and rights, so that what the real run
may not do, the rehearsal may not do either.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from watari.errors import WatariError
from watari.locale import Message, Text
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer, binaries
from watari.project.url import DatabaseUrl
from watari.rehearsal.clone import Clone, Way, WayClosed
from watari.rehearsal.furnishing import furnish, settings_for
from watari.rehearsal.scratch import scratch_folder
from watari.rehearsal.source import Source
from watari.rehearsal.standins import lay_out

# the copy, the rows that the plan writes anew, and the server's log
_ROOM = 3

_NOT_HERE = Text(en="{reason}", ja="{reason}")
_NO_ROOM = Text(
    en="{free} MB are free in {folder}, about {needed} MB are needed",
    ja="{folder} の空き容量は {free} MB です (約 {needed} MB 必要)",
)


class Dump(Way):
    """Schema by pg_dump, rows by COPY, into an embedded server."""

    name = "dump"
    order = 20
    bytes_a_second = 100_000_000
    start_seconds = 1.5

    def hindrance(self, source: Source) -> Message | None:
        """The programs must be there, and room for the copy."""
        try:
            binaries(major=source.major)
            if source.there:
                tool("pg_dump", at_least=source.major)
                tool("pg_restore", at_least=source.major)
        except WatariError as missing:
            return _NOT_HERE(reason=missing.message)
        folder = Path(tempfile.gettempdir())
        free, needed = shutil.disk_usage(folder).free, self.estimate(source).bytes * _ROOM + (200 << 20)
        if free < needed:
            return _NO_ROOM(folder=folder, free=free >> 20, needed=needed >> 20)
        return None

    def make(self, source: Source) -> Clone:
        """A server, and everything of the source in it."""
        began = time.monotonic()
        with ExitStack() as removal:
            folder = scratch_folder(removal)

            def start() -> DatabaseUrl:
                return removal.enter_context(_server(folder, source)).url()

            made = furnish(source, start)
            return Clone(
                url=made.url,
                way=self.name,
                seconds=time.monotonic() - began,
                bytes=made.bytes,
                removal=removal.pop_all(),
                notes=made.notes,
                rowless=made.rowless,
            )


def _server(folder: Path, source: Source) -> EmbeddedServer:
    try:
        return EmbeddedServer.start(
            folder / "server",
            settings={**settings_for(source), **lay_out(folder / "standins", major=source.major)},
            bin_folder=binaries(major=source.major),
            scratch=folder,
        )
    except WatariError as failed:
        raise WayClosed(failed.message) from failed
