"""A statement on its way: sent, and not yet written down."""

from __future__ import annotations

import time

from watari.evidence.recording import Parameter, Seen, Told
from watari.recorder.wording import Wording
from watari.values import dataclass, field


@dataclass(kw_only=True)
class Running:
    """What is known of a statement so far; times by this machine's clock, in seconds."""

    sql: bytes
    wording: Wording
    parameters: tuple[Parameter, ...] = ()
    seen: Seen = Seen.ALONG
    in_block: bool = False
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    tag: str | None = None
    error: Told | None = None
    notices: list[Told] = field(default_factory=list)

    @property
    def rows(self) -> int | None:
        """How many rows its tag tells of."""
        last = self.tag.rpartition(" ")[2] if self.tag else ""
        return int(last) if last.isdecimal() else None
