-- watari: allow destroy-column because nobody has written to it since the last release
ALTER TABLE customers DROP COLUMN note;
