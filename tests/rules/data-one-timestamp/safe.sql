ALTER TABLE orders ADD COLUMN changed timestamptz;
ALTER TABLE orders ALTER COLUMN changed SET DEFAULT now();
