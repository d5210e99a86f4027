CREATE INDEX CONCURRENTLY small_name ON small (name);
