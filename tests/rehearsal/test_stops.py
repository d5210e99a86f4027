"""Where a rehearsed run is stopped."""

from __future__ import annotations

import pytest

from watari.rehearsal.stops import spread


@pytest.mark.parametrize(
    ("count", "most", "places"),
    [
        (1, 5, [1]),
        (4, 5, [1, 2, 3, 4]),
        (5, 5, [1, 2, 3, 4, 5]),
        (9, 5, [1, 3, 5, 7, 9]),
        (131, 3, [1, 66, 131]),
        (8, 1, [7]),
    ],
)
def test_a_tool_is_cut_off_after_its_first_statement_its_last_and_some_between(
    count: int, most: int, places: list[int]
) -> None:
    assert spread(count, most) == places
