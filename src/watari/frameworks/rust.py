"""Just enough of Rust to read what a SeaORM crate lists and names; nothing is compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from watari.late import pattern

__all__ = ["body_of", "bracketed", "parts", "snake_case", "strings", "without_comments"]

_TOKEN = pattern(
    r"""(?P<line>//[^\n]*) | (?P<block>/\*) | (?P<raw>b?r(?P<hashes>\#*)".*?"(?P=hashes)) | (?P<string>b?"(?:[^"\\]|\\.)*")
    | (?P<char>'(?:[^'\\]|\\[^\n])') | (?P<open>[\[({]) | (?P<close>[\])}]) | (?P<comma>,)""",
    re.X | re.S,
)
_BLOCK_EDGE = pattern(r"/\*|\*/")
_STRING = pattern(r'"((?:[^"\\]|\\.)*)"')
_WORD_EDGE = pattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def without_comments(source: str) -> str:
    """The source with its comments blanked out; every line stays on its number."""
    kept: list[str] = []
    position = 0
    while match := _TOKEN.search(source, position):
        kept.append(source[position : match.start()])
        end = match.end()
        if match.lastgroup == "block":
            end = _block_end(source, end)
        if match.lastgroup in ("line", "block"):
            kept.append("\n" * source.count("\n", match.start(), end) or " ")
        else:
            kept.append(source[match.start() : end])
        position = end
    return "".join(kept) + source[position:]


def _block_end(source: str, position: int) -> int:
    depth = 1
    while depth and (edge := _BLOCK_EDGE.search(source, position)):
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return position if not depth else len(source)


def bracketed(source: str, start: int) -> str:
    """What stands between the first bracket at or after `start` and the one that closes it; empty where none does."""
    depth, begin = 0, None
    for match in _TOKEN.finditer(source, start):
        if match.lastgroup == "open":
            begin = match.end() if begin is None else begin
            depth += 1
        elif match.lastgroup == "close":
            depth -= 1
            if begin is None or depth < 0:
                return ""
            if depth == 0:
                return source[begin : match.start()]
    return ""


def body_of(source: str, function: str) -> str:
    """The body of the first function of that name; empty where there is none."""
    found = re.search(rf"\bfn\s+{function}\b[^{{;]*(?=\{{)", source)
    return bracketed(source, found.end()) if found else ""


def parts(listed: str) -> Iterator[str]:
    """The elements of a list, separated by the commas outside of all brackets."""
    depth, begin = 0, 0
    for match in _TOKEN.finditer(listed):
        if match.lastgroup == "open":
            depth += 1
        elif match.lastgroup == "close":
            depth -= 1
        elif match.lastgroup == "comma" and depth == 0:
            yield listed[begin : match.start()].strip()
            begin = match.end()
    if last := listed[begin:].strip():
        yield last


def strings(source: str) -> list[str]:
    """The texts in quotes, in order."""
    return [text.replace('\\"', '"') for text in _STRING.findall(source)]


def snake_case(name: str) -> str:
    """`UserRoles` as `user_roles`, as SeaORM derives names of tables."""
    return _WORD_EDGE.sub("_", name).lower()
