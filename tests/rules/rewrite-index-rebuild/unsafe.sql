SET TimeZone = 'UTC';
ALTER TABLE orders ALTER COLUMN created TYPE timestamptz;
