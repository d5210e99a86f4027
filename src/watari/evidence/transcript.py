"""What migrations sent that only their own tool knows, as it was recorded on clones: kept between plan and apply."""

from __future__ import annotations

from watari.locale import Message
from watari.sql.statement import Script
from watari.values import dataclass

__all__ = ["Transcript", "Transcripts"]


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """One migration: the text of its script, or why only its own tool can run it."""

    migration: str
    file: str
    text: str | None = None
    why: Message | None = None

    @property
    def script(self) -> Script | None:
        """Every line of it comes from the first one of the migration's file: nobody knows more."""
        if self.text is None:
            return None
        lines = range(1, self.text.count("\n") + 2)
        return Script(file=self.file, data=self.text.encode(), lines=dict.fromkeys(lines, 1))


@dataclass(frozen=True, kw_only=True)
class Transcripts:
    """What was recorded of one list of pending migrations.

    `id` is the SHA-256 of everything that it rests on: the files, the database's fingerprint, the server's version, the rows
    that the clone held. As long as all of that is the same, nothing needs to be recorded again.
    """

    id: str
    database: str
    environment: str
    transcripts: tuple[Transcript, ...]
