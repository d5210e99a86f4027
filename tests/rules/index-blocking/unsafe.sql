CREATE INDEX orders_count ON orders (count);
