"""Secrets as a type."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """A value that cannot be formatted, printed, compared by order, pickled or serialised.

    `reveal()` is the only way in; it is called where the value is handed to libpq or to a child's environment, nowhere else.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __str__(self) -> str:
        return "****"

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return "****"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not to be serialised")
