ALTER TABLE payments ADD COLUMN currency text NOT NULL;
