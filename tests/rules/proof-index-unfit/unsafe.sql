ALTER TABLE orders ADD CONSTRAINT orders_created UNIQUE USING INDEX orders_created;
