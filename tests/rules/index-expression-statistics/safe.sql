CREATE INDEX CONCURRENTLY orders_upper ON orders (upper(memo));
ANALYZE orders;
