DROP INDEX CONCURRENTLY orders_created;
CREATE INDEX CONCURRENTLY orders_created_id ON orders (created, id);
