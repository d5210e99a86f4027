-- Support looks up a customer's orders all day: find them quickly, and let none belong to nobody.
CREATE INDEX orders_customer_id_idx ON orders (customer_id);
ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);
ALTER TABLE orders ALTER COLUMN status SET NOT NULL;

-- The largest order so far is close to the largest integer.
ALTER TABLE orders ALTER COLUMN total_yen TYPE bigint;
