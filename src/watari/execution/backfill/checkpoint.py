"""How far a backfill is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watari.values import dataclass

#: Pages that are left for later: relation, first page, the page after the last.
PutOff = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Every relation before `relation` and every page before `page` of it has been looked at, but for what is put off.

    Along a key: every row up to `key` is done; of those behind it up to `until` the first `part` of `parts` parts; and
    no other.
    """

    relation: int = 0
    page: int = 0
    rows: int = 0  # brought to their value so far
    put_off: tuple[PutOff, ...] = ()
    key: tuple[str, ...] = ()  # as text, column by column; empty: none yet
    until: tuple[str, ...] = ()
    part: int = 0
    parts: int = 1

    @classmethod
    def of(cls, value: Mapping[str, Any] | None) -> Checkpoint:
        """What `as_json` wrote; the beginning, where nothing was written."""
        if not value:
            return cls()
        put_off = tuple((oid, first, end) for oid, first, end in value["put_off"])
        return cls(
            relation=value["relation"],
            page=value["page"],
            rows=value["rows"],
            put_off=put_off,
            key=tuple(value.get("key", ())),
            until=tuple(value.get("until", ())),
            part=value.get("part", 0),
            parts=value.get("parts", 1),
        )

    def as_json(self) -> dict[str, object]:
        """For the journal."""
        pages = {"relation": self.relation, "page": self.page, "put_off": list(self.put_off)}
        parts = {"until": list(self.until), "part": self.part, "parts": self.parts} if self.part else {}
        return {**pages, "rows": self.rows, "key": list(self.key), **parts}
