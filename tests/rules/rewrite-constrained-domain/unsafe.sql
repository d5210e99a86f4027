ALTER TABLE orders ADD COLUMN fee amount;
