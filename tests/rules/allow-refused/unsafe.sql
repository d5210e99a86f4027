-- watari: allow destroy-table
ALTER TABLE small ADD COLUMN one text;
-- watari: allow destroy-tabel because it was copied
ALTER TABLE small ADD COLUMN two text;
-- watari: ignore everything
ALTER TABLE small ADD COLUMN three text;
