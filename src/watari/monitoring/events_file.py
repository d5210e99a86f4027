"""`--events FILE`: everything that happens, as JSON lines while it happens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

from watari.errors.usage import FileUnwritable
from watari.evidence.event import Event
from watari.locale import Message
from watari.locale.system import reason_of
from watari.monitoring.masking import masked_values, masker
from watari.monitoring.private_lines import PrivateLines


def document(event: Event) -> dict[str, object]:
    """One event as the JSON object that others build on; what does not apply is left out."""
    known = {
        "at": event.at.isoformat(timespec="microseconds"),
        "kind": event.kind.value,
        "run": event.run,
        "step": event.step,
        "migration": event.migration,
        "database": event.database,
        "data": dict(event.data) or None,
    }
    return {name: value for name, value in known.items() if value is not None}


class EventsFile:
    """A sink of events; a file, a pipe or `/dev/fd/N`. Raises `FileUnwritable` where it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._mask = masker()
        try:
            self._lines = PrivateLines(path)
        except OSError as reason:
            raise FileUnwritable(file=str(path), reason=reason_of(reason)) from None

    def __call__(self, event: Event) -> None:
        """Writes one event."""
        values = masked_values(document(event), self._mask)
        self._lines.write(json.dumps(values, ensure_ascii=False, default=str))

    @property
    def broken(self) -> Message | str | None:
        """Why writing ended before its time, if it did."""
        return self._lines.broken

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._lines.close()
