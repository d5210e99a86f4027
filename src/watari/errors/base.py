"""The root of the error tree and the exit statuses; every condition is a class in a neighbour file."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from watari.locale import Message, Text


class ExitStatus(IntEnum):
    """What the process tells its caller."""

    DONE = 0  # done, or nothing to do
    LOOK = 1  # something to look at: not up to date, a hazard, a failed check
    USAGE = 2  # wrong use: argument, file, setting
    REACH = 3  # out of reach or not allowed: server, tool, privilege
    GATE = 4  # a gate refused
    STOPPED = 5  # a run stopped in a named state; the same command continues it
    INTERRUPTED = 130  # interrupted; state as with STOPPED


class WatariError(Exception):
    """A condition that ends a command.

    A subclass is one condition: `text` is the message (lower-case, no full stop, values quoted), `hint` the sentence that
    can be followed, `status` what the process exits with. The keyword arguments fill the places of both.
    """

    status: ClassVar[ExitStatus] = ExitStatus.USAGE
    text: ClassVar[Text]
    hint: ClassVar[Text | None] = None

    def __init__(self, **fields: object) -> None:
        self.fields = fields
        super().__init__(str(self.message))

    @property
    def message(self) -> Message:
        """What is wrong."""
        return self.text(**self.fields)

    @property
    def advice(self) -> Message | None:
        """What to do about it, if the condition knows."""
        return self.hint(**self.fields) if self.hint else None

    @classmethod
    def name(cls) -> str:
        """The name for `watari explain`: the class name in kebab case."""
        return "".join("-" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("-")
