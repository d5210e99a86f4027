SET TimeZone = 'UTC';
ALTER TABLE customers ALTER COLUMN email TYPE text;
