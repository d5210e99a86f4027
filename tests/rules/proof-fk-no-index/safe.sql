CREATE INDEX CONCURRENTLY orders_customer_id ON orders (customer_id);
ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
