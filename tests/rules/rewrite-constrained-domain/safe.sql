ALTER TABLE orders ADD COLUMN fee numeric(12, 2);
ALTER TABLE orders ADD COLUMN label code;
