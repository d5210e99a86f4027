"""A copy without rows that the planner takes for the full database: files as long as the source's, and full of nothing.

The planner asks the file system how many pages a relation has, and reckons its rows from that (`estimate_rel_size` in
src/backend/optimizer/util/plancat.c): statistics alone would be scaled down to an empty file. So the files are made as long as
the source's, by a hole that takes no room on the disk; the server reads its pages as new ones, without rows. A rewrite makes
a new, empty file, and an index build counts the rows that are not there: both are set right again before the next question.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

import psycopg
from psycopg import sql

from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.rehearsal.planner_statistics import (
    FilePlace,
    PlannerStatistics,
    RelationSize,
    file_places,
    lay_columns,
    lay_size,
)
from watari.values import dataclass

#: So many bytes at most seem to be there: every scan of a rehearsal reads them (2 GB a second, measured).
MOST_BYTES = 16 << 30
# so many files by one shell of the server
_FILES = 100


@dataclass(frozen=True, kw_only=True)
class Pretence:
    """A copy without rows at `url`, by its superuser, that is to be taken for one with these statistics."""

    url: DatabaseUrl
    statistics: PlannerStatistics
    most_bytes: int = MOST_BYTES

    @property
    def cut(self) -> bool:
        """Whether some relation looks smaller than it is."""
        return any(size.file_pages > self._most for size in self._sizes)

    def begin(self) -> None:
        """Lays statistics and sizes: from now on the planner is taken in. Raises a `ReachError`."""
        with connect(self.url, purpose="rehearsal") as connection:
            lay_columns(self.statistics, connection)
        self.renew()

    def renew(self) -> None:
        """Lays the sizes again, after whatever was done to the copy. Raises a `ReachError`."""
        with connect(self.url, purpose="rehearsal") as connection:
            places = {(place.schema, place.name): place for place in file_places(connection)}
            wanted = {(s.schema, s.name): min(s.file_pages, self._most) for s in self._sizes}
            _lengthen(places, wanted, connection)
            for size in self._sizes:
                _pretend(size, places.get((size.schema, size.name)), self._most, connection)

    @property
    def _sizes(self) -> list[RelationSize]:
        return [size for size in self.statistics.sizes if size.rows >= 0]

    @property
    def _most(self) -> int:
        """The most pages that one relation seems to have."""
        return _waterline([size.file_pages for size in self._sizes], self.most_bytes // self.statistics.page_bytes)


def _pretend(size: RelationSize, place: FilePlace | None, most: int, connection: psycopg.Connection) -> None:
    pages = max(min(size.file_pages, most), place.pages if place else 0) if size.file_pages else size.pages
    share = min(most / size.file_pages, 1.0) if size.file_pages else 1.0
    lay_size(size, connection, pages=pages, rows=size.rows_now * share, visible=round(size.visible * share))


def _waterline(pages: Sequence[int], room: int) -> int:
    """The largest size up to which all fit into `room` together, when what is larger is cut to it."""
    left = sorted(pages)
    while left and left[0] * len(left) <= room:
        room -= left.pop(0)
    return room // len(left) if left else max(pages, default=0)


def _lengthen(
    places: Mapping[tuple[str, str], FilePlace], wanted: Mapping[tuple[str, str], int], connection: psycopg.Connection
) -> None:
    """Writes an empty page where each file is to end; what lies between takes no room."""
    commands = [
        command
        for key, place in places.items()
        if wanted.get(key, 0) > place.pages
        for command in _ends(place, wanted[key])
    ]
    for begin in range(0, len(commands), _FILES):
        # the row is read, so that nobody writes to a closed pipe
        program = "set -e; cat > /dev/null; " + "; ".join(commands[begin : begin + _FILES])
        connection.execute(sql.SQL("copy (select 1) to program {}").format(sql.Literal(program)))


def _ends(place: FilePlace, pages: int) -> Iterator[str]:
    """One command for each file that is to grow: all but the last are full."""
    for number in range(place.pages // place.pages_a_file, (pages - 1) // place.pages_a_file + 1):
        last = min(pages - number * place.pages_a_file, place.pages_a_file) - 1
        path = shlex.quote(place.path if number == 0 else f"{place.path}.{number}")
        yield f"dd if=/dev/zero of={path} bs={place.page_bytes} seek={last} count=1 conv=notrunc 2> /dev/null"
