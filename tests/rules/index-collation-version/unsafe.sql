ALTER TABLE small ADD CONSTRAINT small_name UNIQUE (name);
