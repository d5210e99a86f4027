ALTER TABLE orders ADD COLUMN gross numeric;
