ALTER TABLE shelf RENAME COLUMN label TO title;
