"""What a command is: a verb with its words, its arguments and what it does. One file each under `commands/`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from watari.errors import ExitStatus
from watari.locale import Text
from watari.values import dataclass

if TYPE_CHECKING:
    from watari.cli.context import Context


def no_arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """For a command that takes the common options only."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One verb of the command line.

    `arguments` adds its own options to a parser (`say` renders a text in the reader's language); `run` does the work with
    a `Context` and answers with the exit status. `runs_others`: the words after `--` are another program's command, and come
    as `argv`.
    """

    summary: Text
    examples: tuple[str, ...]
    run: Callable[[Context], ExitStatus]
    arguments: Callable[[argparse.ArgumentParser, Callable[[Text], str]], None] = no_arguments
    #: What exit status 1 means here; None where the command never says 1.
    looks: Text | None = None
    runs_others: bool = False
