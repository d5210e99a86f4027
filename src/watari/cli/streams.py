"""Standard input, output and error as the caller left them: open or closed, full or gone, in whatever encoding."""

from __future__ import annotations

import os
import sys
from typing import TextIO

__all__ = ["finish", "mutter", "prepare", "put"]


def prepare() -> None:
    """Makes all three usable: what is closed reads and writes nothing, what an encoding lacks is written as `\\uXXXX`.

    A closed one would otherwise give its number to the next connection that is opened, and a word for people would go to
    the server.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    # their types say that they are never None
    sys.stdin = sys.stdin or open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def put(text: str, stream: TextIO) -> None:
    """Writes a result. A reader that went away (`| head`) is no error; raises `OutputLost` where there is no room."""
    try:
        stream.write(text)
    except BrokenPipeError:
        _silence(stream)
    except OSError as failure:
        _lost(failure, stream)


def mutter(text: str) -> None:
    """Writes beside the result, on standard error; nothing that happens to it disturbs the work."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr)


def finish() -> None:
    """Writes what is still held back; raises `OutputLost` as `put` does."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except OSError as failure:
        _lost(failure, sys.stdout)


def _lost(failure: OSError, stream: TextIO) -> None:
    from watari.errors.reach import OutputLost
    from watari.locale.system import reason_of

    _silence(stream)
    raise OutputLost(reason=reason_of(failure)) from None


def _silence(stream: TextIO) -> None:
    """From now on the stream goes nowhere; what it still holds must not fail a second time when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
