SET lock_timeout = '200ms';
ALTER TABLE orders ADD COLUMN later text;
SET lock_timeout = 0;
CREATE INDEX CONCURRENTLY orders_status ON orders (status);
