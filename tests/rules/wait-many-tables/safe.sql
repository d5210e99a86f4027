ALTER TABLE orders ADD COLUMN later text;
ALTER TABLE customers ADD COLUMN later text;
