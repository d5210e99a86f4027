CREATE INDEX CONCURRENTLY orders_status ON orders (status);
CREATE INDEX CONCURRENTLY orders_created_id ON orders (created, id);
