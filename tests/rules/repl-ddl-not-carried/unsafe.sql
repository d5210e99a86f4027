ALTER TABLE feed ADD COLUMN title text;
