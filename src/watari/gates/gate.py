"""What a gate is: one thing that must hold before a run does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar

from watari.gates.facts import Facts
from watari.locale import Message, Text
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Permission:
    """The gate is open; `reason` says what it rests on. `at` is when the facts were read."""

    gate: str
    at: datetime
    reason: Message
    subject: str | None = None  # what was relied on: a backup's id, the evidence's


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The gate is closed: `reason` says what does not hold, `todo` what opens it."""

    gate: str
    at: datetime
    reason: Message
    todo: Message


class Gate(ABC):
    """One thing that must hold; a file of its own, named like it. `place` is its place along the line."""

    name: ClassVar[str]
    title: ClassVar[Text]
    place: ClassVar[int]
    #: Whether the line itself makes what opens it: `watari cross` asks such a gate after that, all others at once.
    opened_on_the_way: ClassVar[bool] = False

    @abstractmethod
    def check(self, facts: Facts) -> Permission | Refusal:
        """Whether the run may begin as far as this gate is concerned."""

    def open(self, facts: Facts, reason: Message, *, subject: str | None = None) -> Permission:
        """A permission by this gate."""
        return Permission(gate=self.name, at=facts.at, reason=reason, subject=subject)

    def closed(self, facts: Facts, reason: Message, todo: Message) -> Refusal:
        """A refusal by this gate."""
        return Refusal(gate=self.name, at=facts.at, reason=reason, todo=todo)
