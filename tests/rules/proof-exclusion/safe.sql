ALTER TABLE small ADD COLUMN span int4range;
ALTER TABLE small ADD CONSTRAINT small_span EXCLUDE USING gist (span WITH &&);
