ALTER TABLE orders ADD COLUMN later text;
