-- watari: allow destroy-table because the table was copied
ALTER TABLE small ADD COLUMN remark text;
