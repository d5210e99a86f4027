"""A copy of a database to rehearse on, and the contract of the ways to get one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar, Self

from watari.locale import Message
from watari.project.url import DatabaseUrl
from watari.rehearsal.rowless import Pretence
from watari.rehearsal.source import Source
from watari.values import dataclass


class Clone:
    """One copy: its address, the way it was made, how long that took and how large it is; gone when the context ends.

    `skipped` names steps of the plan that cannot be rehearsed on it and count as done. `rowless` is what makes the planner take
    a copy without rows for the full database.
    """

    def __init__(
        self,
        *,
        url: DatabaseUrl,
        way: str,
        seconds: float,
        bytes: int,
        removal: ExitStack,
        skipped: frozenset[str] = frozenset(),
        notes: tuple[Message, ...] = (),
        rowless: Pretence | None = None,
    ) -> None:
        self.url = url
        self.way = way
        self.seconds = seconds
        self.bytes = bytes
        self.skipped = skipped
        self.notes = notes
        self.rowless = rowless
        self._removal = removal

    def remove(self) -> None:
        """Drops the copy and everything that was made for it; doing it twice is fine."""
        self._removal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()


class WayClosed(Exception):
    """This way turned out to be closed while it was being followed; nothing of the clone is left."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(str(reason))


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """How long a clone will take (seconds) and how much room it needs (bytes), from the size of the source."""

    seconds: float
    bytes: int


class Way(ABC):
    """One way to get a clone; one file each in `clones/`."""

    name: ClassVar[str]
    order: ClassVar[int]  # the smaller, the sooner it is tried
    asked: ClassVar[bool] = False  # only where somebody names it
    bytes_a_second: ClassVar[int]  # how fast it goes, measured on two cores (bench/clones.py)
    start_seconds: ClassVar[float] = 0.0

    def estimate(self, source: Source) -> Estimate:
        """What it will cost."""
        share = source.content.percent / 100
        return Estimate(
            seconds=self.start_seconds + source.bytes * share / self.bytes_a_second, bytes=int(source.bytes * share)
        )

    def known(self, source: Source) -> bool:
        """Whether anybody said where; what nobody set up is not told as closed."""
        return True

    def clean(self, source: Source, left: Sequence[Path]) -> None:  # noqa: B027 - most ways leave only their folder
        """Removes what killed rehearsals left elsewhere, `left` being the folders that they had here.

        Raises a `WatariError` where that is out of reach.
        """

    @abstractmethod
    def hindrance(self, source: Source) -> Message | None:
        """Why this way is closed for `source`; None where nothing speaks against it. Changes nothing."""

    @abstractmethod
    def make(self, source: Source) -> Clone:
        """The clone; raises `WayClosed`, or a `ReachError` where the server is gone."""
