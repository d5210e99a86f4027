"""What a command works with: the caller's options, the project, the reader's language, and where to print."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from watari.cli.streams import mutter, put
from watari.errors.usage import ConfirmationNeeded
from watari.evidence.event import Event, EventSink
from watari.locale import Language, Message, Text

if TYPE_CHECKING:
    from watari.crossing import Crossing
    from watari.project.settings import Project, Target


class Context:
    """One call of the program; leaving it closes what it opened."""

    def __init__(self, options: argparse.Namespace, language: Language) -> None:
        self.options = options
        self.language = language
        self._closing = ExitStack()
        self._sinks: list[EventSink] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.close()

    @cached_property
    def project(self) -> Project:
        """The project of the current folder, or of `--config`."""
        from watari.project.settings import load

        config = Path(self.options.config) if self.options.config else None
        root = config.parent if config else Path.cwd()
        chosen = self.language if self.options.lang else None
        project = load(root.resolve(), config=config, environ=os.environ, language=chosen)
        self.language = project.language  # a project may have a language of its own
        return project

    def targets(self) -> tuple[Target, ...]:
        """The databases that the options name: one, or all of the environment."""
        given = self.options
        for warning in self.project.warnings:
            self.aside(self.words(warning))
        return self.project.targets(
            environment=given.env,
            database=given.database,
            url=given.url,
            folder=Path(given.dir) if given.dir else None,
            framework=given.framework,
        )

    def crossings(self) -> tuple[Crossing, ...]:
        """One crossing for each target, in the project's order."""
        from watari.crossing import Crossing

        return tuple(Crossing(self.project, target, events=self.events) for target in self.targets())

    def crossing(self) -> Crossing:
        """The one crossing of a command that works on a single database; raises `DatabaseAmbiguous`."""
        from watari.errors.usage import DatabaseAmbiguous

        crossings = self.crossings()
        if len(crossings) != 1:
            names = ", ".join(crossing.target.database for crossing in crossings)
            raise DatabaseAmbiguous(names=names)
        return crossings[0]

    @cached_property
    def events(self) -> EventSink:
        """Everything that happens goes to the progress lines and to `--events FILE`."""
        if self.options.events:
            from watari.monitoring.events_file import EventsFile

            self._sinks.append(self._closing.enter_context(EventsFile(Path(self.options.events))))
        if not self.options.quiet:
            from watari.cli.progress import Progress

            self._sinks.append(self._closing.enter_context(Progress(self)))
        sinks = tuple(self._sinks)

        def tell(event: Event) -> None:
            for sink in sinks:
                sink(event)

        return tell

    def say(self, text: Text, **fields: object) -> str:
        """The text in the reader's language."""
        return text(**fields).render(self.language)

    def words(self, message: Message) -> str:
        """The message in the reader's language."""
        return message.render(self.language)

    def print(self, line: str = "") -> None:
        """One line for people: on standard output, or on standard error where that is kept for JSON."""
        put(f"{line}\n", sys.stderr if self.options.json else sys.stdout)

    def aside(self, line: str) -> None:
        """One line beside the result: on standard error, and not with `--quiet`."""
        if not self.options.quiet:
            mutter(f"{line}\n")

    def document(self, value: Any) -> None:
        """The one JSON document of `--json`."""
        put(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n", sys.stdout)

    @property
    def wants_json(self) -> bool:
        """Whether standard output is kept for one JSON document."""
        return bool(self.options.json)

    @property
    def attended(self) -> bool:
        """Whether a person is there who can be asked, and wants to be."""
        return not self.options.yes and sys.stdin.isatty() and sys.stderr.isatty()

    def confirm(self, question: Callable[[], str]) -> bool:
        """Whether a person (or `--yes`) agrees; raises `ConfirmationNeeded` without a terminal."""
        if self.options.yes:
            return True
        if not self.attended:
            raise ConfirmationNeeded(command=self.options.command)
        mutter(f"{question()} ")
        return sys.stdin.readline().strip().lower() in ("y", "yes", "はい")
