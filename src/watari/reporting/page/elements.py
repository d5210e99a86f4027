"""HTML as values: whatever is not markup already is escaped, so nothing from outside can become an element."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Markup(str):
    """Text that is HTML already, made by `tag` only."""

    __slots__ = ()


Node = str | Markup | None
#: Elements without content.
_VOID = frozenset({"meta", "br", "col", "rect", "line", "path", "circle"})


def tag(name: str, /, *children: Node | Iterable[Node], **attributes: str | int | float | bool | None) -> Markup:
    """One element. Attributes whose name is a Python word end with `_`; a `_` inside becomes `-`; None leaves one out."""
    written = "".join(_attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    if name in _VOID and not children:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>{joined(children)}</{name}>")


def joined(children: Iterable[Node | Iterable[Node]]) -> Markup:
    """The children one after the other, each escaped unless it is markup."""
    parts: list[str] = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            parts.append(str(child))
        elif isinstance(child, str):
            parts.append(escape(_printable(child), quote=False))
        else:
            parts.append(str(joined(child)))
    return Markup("".join(parts))


def _attribute(name: str, value: str | int | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(_printable(str(value)), quote=True)}"'


def _printable(words: str) -> str:
    """The text without what HTML cannot hold; control characters become visible signs."""
    return "".join(_visible(letter) for letter in words)


def _visible(letter: str) -> str:
    number = ord(letter)
    if number < 32 and letter not in "\t\n\r":
        return chr(0x2400 + number)
    # directions could show a text in another order than it has
    if letter == "\x7f" or 0xD800 <= number <= 0xDFFF or 0x202A <= number <= 0x202E or 0x2066 <= number <= 0x2069:
        return "�"
    return letter
