CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_created ON orders (created);
CREATE INDEX CONCURRENTLY orders_status ON orders (status);
