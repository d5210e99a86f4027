"""Variables of the environment and of `.env`, and the references to them that settings hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from urllib.parse import quote

from watari.late import pattern
from watari.values import dataclass, field

_WHOLE = pattern(r"env:([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PART = pattern(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Origin(StrEnum):
    """Where a setting comes from; the earlier wins."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    DOTENV = ".env"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class Variables:
    """The process environment before the project's `.env`; an empty value counts as none."""

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    dotenv: Mapping[str, str] = field(default_factory=dict, repr=False)

    def get(self, name: str) -> str | None:
        """The value of a variable, if it is set and not empty."""
        return self.environ.get(name) or self.dotenv.get(name) or None

    def origin(self, name: str) -> Origin | None:
        """Which of the two holds the variable."""
        if self.environ.get(name):
            return Origin.ENVIRONMENT
        return Origin.DOTENV if self.dotenv.get(name) else None

    def fill(self, text: str, missing: Callable[[str], Exception]) -> str:
        """`env:NAME` and `${NAME}` replaced by their values; raises `missing(NAME)` for one that is not set.

        A reference that is only a part of an address is percent-encoded, because a password may hold any character.
        """
        if whole := _WHOLE.fullmatch(text):
            return self._needed(whole[1] or whole[2], missing)
        return _PART.sub(lambda part: quote(self._needed(part[1], missing), safe=":"), text)

    def _needed(self, name: str, missing: Callable[[str], Exception]) -> str:
        value = self.get(name)
        if value is None:
            raise missing(name)
        return value


def reference(text: str) -> str | None:
    """The variable's name where `text` is nothing but a reference."""
    whole = _WHOLE.fullmatch(text)
    return (whole[1] or whole[2]) if whole else None
