CREATE INDEX CONCURRENTLY orders_count ON orders (count);
