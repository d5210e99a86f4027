"""A database that is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watari.catalog import Catalog
    from watari.crossing.line import Crossing


def absent_catalog(crossing: Crossing) -> Catalog:
    """Its catalog, which holds nothing, on the server where it will be; raises a `ReachError`."""
    from watari.catalog import Catalog
    from watari.postgres.connection import connect, server_version

    connection = connect(crossing.target.url.of_database("postgres"), purpose="catalog")
    try:
        return Catalog(database=crossing.target.url.database, server_version=server_version(connection))
    finally:
        connection.close()
