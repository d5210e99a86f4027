"""A file that grows line by line, for its owner's eyes only, and that never fails the run it tells of."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from watari.locale import Message
from watari.locale.system import reason_of


class PrivateLines:
    """A text file of mode 0600; each line is there as soon as it is written.

    Opening raises `OSError`. A later failure (a full disk, a reader that went away) ends the writing and stands in
    `broken`.
    """

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self.path = path
        self.broken: Message | str | None = None
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
        self._descriptor = os.open(path, flags, 0o600)

    def write(self, line: str) -> None:
        """Adds one line; line breaks inside it become visible."""
        if self.broken is not None:
            return
        data = (line.replace("\r", "\\r").replace("\n", "\\n") + "\n").encode("utf-8", "backslashreplace")
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as reason:
            self.broken = reason_of(reason)

    def close(self) -> None:
        """Ends the file; a second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self.broken = self.broken or "closed"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
