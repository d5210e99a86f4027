ALTER TABLE orders ADD COLUMN total_in_cents bigint;
