CREATE INDEX CONCURRENTLY orders_created_id ON orders (created, id);
DROP INDEX CONCURRENTLY orders_created;
