"""The door to PostgreSQL: connections, the catalog reader, activity, client tools and throw-away servers."""
