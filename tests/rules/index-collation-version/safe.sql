CREATE INDEX small_number ON small (id);
