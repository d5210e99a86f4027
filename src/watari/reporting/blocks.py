"""What a document is made of, before anyone decides how it looks: sections put blocks together, writers render them.

Words are a `Message` (both languages, rendered by the writer) or a plain text that is the same in every language: a name, a
number, SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from watari.locale import Message
from watari.reporting.report import Report
from watari.values import dataclass

Words = Message | str


class Tone(StrEnum):
    """What a reader should feel; a writer gives it a colour or a sign."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Words with a tone; `code` for names and SQL, `badge` for a state."""

    words: Words
    tone: Tone = Tone.PLAIN
    code: bool = False
    badge: bool = False
    number: bool = False


def text(words: Words, tone: Tone = Tone.PLAIN) -> Cell:
    """A cell of ordinary words."""
    return Cell(words=words, tone=tone)


def code(words: str) -> Cell:
    """A cell that holds a name or SQL."""
    return Cell(words=words, code=True)


def number(words: str, tone: Tone = Tone.PLAIN) -> Cell:
    """A cell that holds a number."""
    return Cell(words=words, number=True, tone=tone)


def badge(words: Words, tone: Tone) -> Cell:
    """A cell that holds a state."""
    return Cell(words=words, tone=tone, badge=True)


@dataclass(frozen=True, kw_only=True)
class Prose:
    """One paragraph."""

    words: Words
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, kw_only=True)
class Code:
    """SQL or a command, as it is typed; `caption` says what it is for."""

    source: str
    caption: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Names with their values."""

    pairs: tuple[tuple[Words, Cell], ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table; what is `below` unfolds from the cell at place `fold`."""

    cells: tuple[Cell, ...]
    below: tuple[Code | Prose, ...] = ()
    fold: int = 0


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under their heads; `note` stands below."""

    head: tuple[Words, ...]
    rows: tuple[Row, ...]
    note: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """One finding with everything that belongs to it."""

    title: Words
    tone: Tone
    label: Words
    place: str = ""
    blocks: tuple[Prose | Code | Facts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Check:
    """One item of a checklist: proved by watari, contradicted by it, or left to a person; `because` says what proves it."""

    id: str
    words: Words
    state: CheckState
    because: Words | None = None


class CheckState(StrEnum):
    """Who ticks an item."""

    PROVED = "proved"
    FAILED = "failed"
    PERSON = "person"
    SIGNED = "signed"


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """Items under one heading."""

    title: Words
    items: tuple[Check, ...]


@dataclass(frozen=True, kw_only=True)
class Signatures:
    """Empty places for the people who answer for it."""

    roles: tuple[Words, ...]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One length of a chart, from 0 to 1, with its words and, where there is one, its course over time (each 0 to 1)."""

    label: Words
    length: float
    words: Words
    tone: Tone
    course: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Lengths beside each other on one scale."""

    bars: tuple[Bar, ...]
    course_title: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of a lane; `start` and `length` are parts of the whole, 0 to 1."""

    start: float
    length: float
    tone: Tone
    words: Words


@dataclass(frozen=True, kw_only=True)
class Lane:
    """What happened to one thing over time; a label that is no `Message` is a name."""

    label: Words
    spans: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Lanes over one axis; `ticks` are places (0 to 1) with their words, `cuts` places where idle time was left out."""

    title: Words
    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]
    legend: tuple[tuple[Tone, Words], ...]
    cuts: tuple[float, ...] = ()
    note: Words | None = None


Block = Prose | Code | Facts | Table | Card | Checklist | Signatures | Bars | Timeline


@dataclass(frozen=True, kw_only=True)
class Section:
    """One chapter; `summary` is the sentence that remains when the rest is not read."""

    id: str
    title: Words
    blocks: tuple[Block, ...]
    summary: Words | None = None
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number or word that matters, large."""

    value: Words
    label: Words
    tone: Tone = Tone.PLAIN
    detail: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """What a file under `sections/` provides: its place in the order, and how it makes its section of a report.

    `make` gives None where the report has nothing for it.
    """

    order: int
    make: Callable[[Report], Section | None]
