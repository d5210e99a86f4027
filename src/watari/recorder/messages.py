"""PostgreSQL's messages, as bytes: built and taken apart. Source: documentation, "Frontend/Backend Protocol"."""

from __future__ import annotations

import struct

from watari.evidence.recording import Parameter, Told

#: What a tool may announce before its first message, as the number in place of the protocol's version.
CANCEL_REQUEST, SSL_REQUEST, GSS_REQUEST = 80877102, 80877103, 80877104

#: Longer ones are passed on in pieces, unread: what is kept in memory has a bound.
LONGEST = 64 << 20


def message(kind: bytes, body: bytes = b"") -> bytes:
    """One message."""
    return kind + struct.pack("!I", len(body) + 4) + body


SYNC = message(b"S")


def text_at(data: bytes, place: int) -> tuple[bytes, int]:
    """The zero-terminated text at a place, and the place behind it; raises `ValueError` where it does not end."""
    end = data.index(b"\0", place)
    return data[place:end], end + 1


def fields(body: bytes) -> dict[str, bytes]:
    """The fields of an error or a notice, by their letter."""
    return {part[:1].decode("latin-1"): part[1:] for part in body.split(b"\0") if part}


def told(body: bytes) -> Told:
    """An error or a notice as a value."""
    given = {letter: value.decode(errors="replace") for letter, value in fields(body).items()}
    position = given.get("P", "")
    return Told(
        severity=given.get("V") or given.get("S", ""),
        code=given.get("C", ""),
        message=given.get("M", ""),
        position=int(position) if position.isdecimal() else None,
    )


def with_position(body: bytes, moved: int) -> bytes:
    """The error with its position put back by so many characters, as a whole message."""
    parts = [part for part in body.split(b"\0") if part]
    place = [
        b"P%d" % (int(part[1:]) - moved) if part[:1] == b"P" and part[1:].isdigit() and int(part[1:]) > moved else part
        for part in parts
    ]
    return message(b"E", b"\0".join(place) + b"\0\0")


def error(code: str, text: str, *, severity: str = "FATAL") -> bytes:
    """An error as the server would write it."""
    parts = (("S", severity), ("V", severity), ("C", code), ("M", text))
    return message(b"E", b"".join(letter.encode() + value.encode() + b"\0" for letter, value in parts) + b"\0")


def parse_types(data: bytes, place: int) -> tuple[int, ...]:
    """The parameter types of a Parse message, from the place behind its text."""
    (count,) = struct.unpack_from("!H", data, place)
    return struct.unpack_from(f"!{count}I", data, place + 2)


def bound_values(data: bytes, place: int, types: tuple[int, ...]) -> tuple[Parameter, ...]:
    """The values of a Bind message, from the place behind its two names; raises `struct.error` where it is cut short."""
    (count,) = struct.unpack_from("!H", data, place)
    formats = struct.unpack_from(f"!{count}H", data, place + 2)
    place += 2 + 2 * count
    (values,) = struct.unpack_from("!H", data, place)
    place += 2
    found = []
    for number in range(values):
        (length,) = struct.unpack_from("!i", data, place)
        place += 4
        binary = bool(formats[number] if len(formats) > 1 else formats[0] if formats else 0)
        found.append(
            Parameter(
                data=None if length < 0 else data[place : place + length],
                binary=binary,
                type_oid=types[number] if number < len(types) else 0,
            )
        )
        place += max(length, 0)
    return tuple(found)


def row_values(body: bytes) -> tuple[bytes | None, ...]:
    """The columns of a DataRow."""
    (count,) = struct.unpack_from("!H", body, 0)
    place, found = 2, []
    for _ in range(count):
        (length,) = struct.unpack_from("!i", body, place)
        place += 4
        found.append(None if length < 0 else body[place : place + length])
        place += max(length, 0)
    return tuple(found)
