SET lock_timeout = '200ms';
CREATE INDEX CONCURRENTLY orders_status ON orders (status);
