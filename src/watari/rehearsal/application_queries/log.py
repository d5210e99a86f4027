"""Statements in a server's log: `jsonlog`, `csvlog`, or the plain one, with `log_statement` or `log_min_duration_statement`."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from watari.evidence.application import ApplicationQuery
from watari.late import pattern
from watari.rehearsal.application_queries import Reader

_SUFFIXES = (".log", ".json", ".csv")
# LOG:  statement: …   LOG:  execute <unnamed>: …   LOG:  duration: 1.2 ms  statement: …
_MESSAGE = pattern(r"(?:duration: [\d.]+ ms +)?(?:statement|execute [^:]+): (?P<text>.*)", re.S)
_PLAIN = pattern(r"^.*?\bLOG: +(?P<message>(?:duration: [\d.]+ ms +)?(?:statement|execute [^:]+): .*)$")
_QUERY = pattern(r"\s*(?:/\*.*?\*/\s*)*(?:select|insert|update|delete|with|merge|values|table|\()", re.I | re.S)
# where a csvlog has the message (PostgreSQL 14 to 18, "Using CSV-Format Log Output")
_CSV_MESSAGE = 13


def fits(path: Path) -> bool:
    """A file that is named as the server names its logs."""
    return path.is_file() and path.suffix.lower() in _SUFFIXES


def read(path: Path) -> tuple[ApplicationQuery, ...]:
    """Each different query of the log once, with how often it stands there."""
    found: Counter[str] = Counter()
    first: dict[str, int] = {}
    for line, message in _messages(path):
        match = _MESSAGE.fullmatch(message)
        if match and _QUERY.match(match["text"]):
            text = match["text"].strip()
            found[text] += 1
            first.setdefault(text, line)
    return tuple(
        ApplicationQuery(text=text, source=f"{path.name}:{first[text]}", calls=calls) for text, calls in found.items()
    )


def _messages(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        if path.suffix.lower() == ".json":
            yield from _json(lines)
        elif path.suffix.lower() == ".csv":
            reader = csv.reader(lines)
            yield from ((reader.line_num, row[_CSV_MESSAGE]) for row in reader if len(row) > _CSV_MESSAGE)
        else:
            yield from _plain(lines)


def _json(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        try:
            yield number, json.loads(line).get("message", "")
        except (ValueError, AttributeError):
            continue


def _plain(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """A message goes on in lines that begin with a tab."""
    begun, message = 0, ""
    for number, line in enumerate(lines, 1):
        if line.startswith("\t"):
            message += "\n" + line[1:].rstrip("\n")
            continue
        if message:
            yield begun, message
        match = _PLAIN.match(line.rstrip("\n"))
        begun, message = number, match["message"] if match else ""
    if message:
        yield begun, message


READER = Reader(fits=fits, read=read)
