ALTER TABLE payments ALTER COLUMN paid TYPE numeric(14, 2);
