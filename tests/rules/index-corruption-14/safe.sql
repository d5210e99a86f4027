CREATE INDEX small_name ON small (name);
