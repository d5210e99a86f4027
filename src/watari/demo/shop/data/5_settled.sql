-- A database that has been running for a while: statistics, visibility map, everything written.
VACUUM (ANALYZE);
