ALTER TABLE payments ALTER COLUMN paid TYPE numeric(10, 1);
