"""A tool's own command, sent through a recorder: its environment names the door, whatever the tool reads its address from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from watari.execution import child
from watari.frameworks.framework import Command
from watari.project.url import DatabaseUrl

#: The variables in which tools look for a whole address.
VARIABLES = ("DATABASE_URL", "WATARI_DATABASE_URL")


def command_through(argv: Sequence[str], *, door: DatabaseUrl, folder: Path) -> Command:
    """The command with the door's address in `DATABASE_URL` and in libpq's own variables."""
    scheme = f"postgresql+{door.driver}" if door.driver else "postgresql"
    address = door.reveal(scheme=scheme).reveal()
    return Command(
        argv=tuple(argv), folder=folder, environment={**dict.fromkeys(VARIABLES, address), **door.child_environment()}
    )


def run_through(
    argv: Sequence[str], *, door: DatabaseUrl, folder: Path, tell: Callable[[str], None]
) -> tuple[int, list[str]]:
    """Runs it to its end; exit status and the last of its output. 127 where it cannot be started."""
    return child.run(command_through(argv, door=door, folder=folder), door, tell)
